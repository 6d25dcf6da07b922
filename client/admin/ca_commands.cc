#include "client/admin/ca_commands.h"

#include <utility>

#include "client/admin/authority_keys.h"
#include "client/admin/charter_file.h"
#include "client/admin/first_administrator.h"
#include "client/cli_common/text_file.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/issue.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

absl::Status CheckOptions(const CaInitOptions& options, const std::string& officer_id) {
  if (!identity::IsAuthorityId(options.authority)) {
    return MakeError(
        Reason::kIdInvalid,
        {{"id", options.authority}, {"kind", ENLACE_TEXT("authority")}, {"example", "hn"}});
  }
  if (!identity::IsOfficerId(officer_id) || identity::IsServiceOfficerId(officer_id) ||
      identity::AuthorityOfOfficer(officer_id) != options.authority) {
    return MakeError(Reason::kIdInvalid, {{"id", officer_id},
                                          {"kind", ENLACE_TEXT("officer")},
                                          {"example", "ofc-" + options.authority + "-001"}});
  }
  return absl::OkStatus();
}

nlohmann::json JsonOf(const AuthorityCa& ca) {
  return {{"authority", ca.authority},
          {"fingerprint", ToHex(ca.fingerprint())},
          {"expires_at", texts::Rfc3339(ca.certificate.not_after_ms())}};
}

void ShowCa(const AdminContext& context, const AuthorityCa& ca) {
  const Console& console = context.console();
  console.Line(console.T(
      ENLACE_TEXT("Certificate authority of {authority}, valid until {day}."),
      {{"authority", ca.authority}, {"day", context.Day(ca.certificate.not_after_ms())}}));
  console.Line(console.T(ENLACE_TEXT("Fingerprint {fingerprint}"),
                         {{"fingerprint", identity::ShortFingerprint(ca.fingerprint())}}));
}

absl::Status CheckRoot(const std::string& expected, const merkle::Hash& root) {
  if (expected.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash wanted, ParseHash(expected));
  if (wanted == root) return absl::OkStatus();
  return MakeError(Reason::kCharterRejected, {{"what", identity::ShortFingerprint(root)}});
}

// OK when the charter is signed, in force and names the CA.
absl::Status CheckCharterFor(const AdminContext& context, const AuthorityCa& ca,
                             const CharterFile& file) {
  absl::Status status = identity::VerifyCharterSignatures(file.signed_charter, file.charter.keys,
                                                          file.charter.threshold);
  if (status.ok()) {
    status = identity::CheckCharterInForce(file.charter, {file.charter.root, file.charter.version},
                                           context.now_ms());
  }
  if (!status.ok()) {
    return MakeError(Reason::kCharterRejected, {{"what", std::string(MessageOf(status))}});
  }
  if (file.charter.FindCa(ca.authority, ca.fingerprint()) == nullptr) {
    return MakeError(Reason::kCaNotInCharter, {{"authority", ca.authority}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CaInit(AdminContext& context, const CaInitOptions& options) {
  const Console& console = context.console();
  const std::string officer_id =
      options.officer_id.empty() ? "ofc-" + options.authority + "-001" : options.officer_id;
  ENLACE_RETURN_IF_ERROR(CheckOptions(options, officer_id));
  identity::OfficerCard card{options.name, {}, {}};
  if (!options.phone.empty()) card.phones.push_back(options.phone);
  const auto encoded = identity::EncodeOfficerCard(card);
  if (!encoded.ok()) return UsageError(std::string(MessageOf(encoded.status())));
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges(
          {console.T(ENLACE_TEXT("a certificate authority for {authority}, with its key on this "
                                 "machine only"),
                     {{"authority", options.authority}}),
           console.T(ENLACE_TEXT("{officer} as the first administrator"),
                     {{"officer", officer_id}})}));
  if (!go_on) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault(/*create=*/true));
  const auto existing = LoadCa(*vault);
  if (existing.ok()) return MakeError(Reason::kCaExists, {{"authority", existing->authority}});
  if (!HasReason(existing.status(), Reason::kCaMissing)) return existing.status();
  auto key = identity::PrivateKey::Generate(identity::KeyType::kEd25519, context.rng());
  ENLACE_ASSIGN_OR_RETURN(
      auto certificate,
      identity::MakeAuthorityCa(options.authority, key, context.now_ms(), context.rng()));
  const AuthorityCa ca{options.authority, std::move(key), std::move(certificate), officer_id,
                       std::move(card)};
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault->Begin());
  ENLACE_RETURN_IF_ERROR(SaveCa(ca, *transaction));
  ENLACE_RETURN_IF_ERROR(transaction->Commit());
  ShowCa(context, ca);
  console.Next(
      console.T(ENLACE_TEXT("Next: enlace-admin ca export --out FILE, for the "
                            "Secretariat")));
  console.Json("ca-init", JsonOf(ca));
  return absl::OkStatus();
}

absl::Status CaExport(AdminContext& context, const std::string& out) {
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  const std::string pem = ca.certificate.ToPem();
  if (out.empty()) {
    console.Line(std::string_view(pem).substr(0, pem.find_last_not_of('\n') + 1));
  } else {
    ENLACE_RETURN_IF_ERROR(WriteWholeFile({out, false}, AsBytes(pem)));
  }
  console.Talk(console.T(ENLACE_TEXT("Read this fingerprint to the Secretariat by telephone:")));
  console.Talk("  " + ToHex(ca.fingerprint()));
  nlohmann::json json = JsonOf(ca);
  json["certificate_pem"] = pem;
  console.Json("ca-export", std::move(json));
  return absl::OkStatus();
}

absl::Status CaStatus(AdminContext& context) {
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  ShowCa(context, ca);
  console.Line(console.T(ENLACE_TEXT("Its key is in the vault of this profile: {path}"),
                         {{"path", context.profile().vault_path()}}));
  nlohmann::json json = JsonOf(ca);
  const auto device = LoadDevice(*vault);
  if (!device.ok()) {
    if (!HasReason(device.status(), Reason::kNotEnrolled)) return device.status();
    console.Line(console.T(ENLACE_TEXT("Not published yet: the charter has to name it first.")));
    console.Next(
        console.T(ENLACE_TEXT("Next: enlace-admin ca publish CHARTER --server HOST:PORT")));
    json["published"] = false;
    console.Json("ca-status", std::move(json));
    return absl::OkStatus();
  }
  ENLACE_ASSIGN_OR_RETURN(const AdminContext::Online* online, context.Connect());
  const uint64_t count = online->registry().NextSequence(ca.fingerprint()) - 1;
  console.Line(texts::Plural(console.language(), "{count} statement signed.",
                             "{count} statements signed.", count));
  const bool named =
      online->registry().charter()->FindCa(ca.authority, ca.fingerprint()) != nullptr;
  json["published"] = true;
  json["statements"] = count;
  json["named_by_charter"] = named;
  console.Json("ca-status", std::move(json));
  if (!named) return MakeError(Reason::kCaNotInCharter, {{"authority", ca.authority}});
  return absl::OkStatus();
}

absl::Status CaPublish(AdminContext& context, const CaPublishOptions& options) {
  const Console& console = context.console();
  ENLACE_RETURN_IF_ERROR(CheckServerAddress(options.server_address));
  ENLACE_RETURN_IF_ERROR(CheckServerAddress(options.enrolment_address));
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(options.charter_file));
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  if (LoadDevice(*vault).ok()) {
    return MakeError(Reason::kAlreadyEnrolled, {{"officer", ca.officer_id}});
  }
  ENLACE_RETURN_IF_ERROR(CheckRoot(options.root, file.charter.root));
  ENLACE_RETURN_IF_ERROR(CheckCharterFor(context, ca, file));
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges(
          {console.T(ENLACE_TEXT("pin the charter with the root {fingerprint}"),
                     {{"fingerprint", identity::ShortFingerprint(file.charter.root)}}),
           console.T(ENLACE_TEXT("publish {officer} as administrator of {authority} at {server}"),
                     {{"officer", ca.officer_id},
                      {"authority", ca.authority},
                      {"server", options.server_address}})}));
  if (!go_on) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(EnrolFirstAdministrator(
      context, ca, {file.charter, options.server_address, options.enrolment_address}));
  console.Line(std::string(console.glyphs().tick) + " " +
               console.T(ENLACE_TEXT("{officer} is the administrator of {authority}."),
                         {{"officer", ca.officer_id}, {"authority", ca.authority}}));
  console.Next(console.T(ENLACE_TEXT("Next: enlace-admin office create OFFICE")));
  console.Json("ca-publish", JsonOf(ca));
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
