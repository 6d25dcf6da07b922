// Showing, verifying and publishing charters (charter_commands.h).
#include <utility>

#include "client/admin/charter_commands.h"
#include "client/admin/charter_draft.h"
#include "client/admin/charter_file.h"
#include "client/cli_common/authority_name.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/log_entry.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

void ShowAuthority(const AdminContext& context, const identity::Authority& authority) {
  const Console& console = context.console();
  std::string line = "  " + texts::PadRight(authority.id, 6) +
                     texts::PadRight(console.T(StandingName(authority.standing)), 14) +
                     NameIn(console.language(), authority.name);
  for (const identity::Certificate& ca : authority.cas) {
    line += "  CA " + identity::ShortFingerprint(ca.fingerprint());
  }
  console.Line(line);
}

nlohmann::json JsonOf(const identity::Charter& charter) {
  nlohmann::json json = {{"version", charter.version},
                         {"root", ToHex(charter.root)},
                         {"threshold", charter.threshold},
                         {"presidency", charter.presidency},
                         {"issued_at", texts::Rfc3339(charter.issued_at_ms)},
                         {"expires_at", texts::Rfc3339(charter.expires_at_ms)}};
  const merkle::Hash server = merkle::Sha256(BytesView(charter.server.certificate));
  json["server"] = {{"name", charter.server.name}, {"fingerprint", ToHex(server)}};
  for (const auto& key : charter.keys) json["keys"].push_back(ToHex(key));
  for (const auto& network : charter.networks) json["networks"].push_back(network.id);
  json["authorities"] = nlohmann::json::array();
  for (const auto& authority : charter.authorities) {
    nlohmann::json row = {{"id", authority.id},
                          {"standing", StandingName(authority.standing)},
                          {"name_es", authority.name.es},
                          {"name_en", authority.name.en}};
    for (const auto& ca : authority.cas) row["cas"].push_back(ToHex(ca.fingerprint()));
    json["authorities"].push_back(std::move(row));
  }
  return json;
}

void ShowCharter(const AdminContext& context, const identity::Charter& charter) {
  const Console& console = context.console();
  console.Line(console.T(
      ENLACE_TEXT("Charter version {version}, valid until {day}"),
      {{"version", std::to_string(charter.version)}, {"day", context.Day(charter.expires_at_ms)}}));
  console.Line(console.T(ENLACE_TEXT("Charter root {root}"), {{"root", ToHex(charter.root)}}));
  console.Line(console.T(ENLACE_TEXT("Server {server}, certificate {fingerprint}"),
                         {{"server", texts::EscapeForDisplay(charter.server.name)},
                          {"fingerprint", identity::ShortFingerprint(merkle::Sha256(
                                              BytesView(charter.server.certificate)))}}));
  console.Line(console.T(ENLACE_TEXT("Signed by {threshold} of {keys} keys"),
                         {{"threshold", std::to_string(charter.threshold)},
                          {"keys", std::to_string(charter.keys.size())}}));
  for (const auto& authority : charter.authorities) ShowAuthority(context, authority);
}

absl::Status Rejected(const absl::Status& why) {
  return MakeError(Reason::kCharterRejected, {{"what", std::string(MessageOf(why))}});
}

absl::Status EnoughSignatures(const CharterFile& file, size_t need) {
  const size_t have = file.signed_charter.signatures.size();
  if (have >= need) return absl::OkStatus();
  return MakeError(Reason::kCharterUnsigned,
                   {{"have", std::to_string(have)}, {"need", std::to_string(need)}});
}

absl::StatusOr<identity::CharterChain> ServedChain(AdminContext& context,
                                                   const CharterVerifyOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash root, ParseHash(options.root));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash server, ParseHash(options.server_fingerprint));
  ENLACE_ASSIGN_OR_RETURN(
      auto session, context.environment().connect_enrolment({options.enrolment_address, server}));
  return FollowCharters(*session, {root, 1}, context.now_ms());
}

// The charters before the file, verified from the root; empty before version 1.
absl::StatusOr<identity::CharterChain> ChainBefore(AdminContext& context, const CharterFile& file,
                                                   const CharterVerifyOptions& options) {
  if (!options.enrolment_address.empty()) return ServedChain(context, options);
  merkle::Hash root = file.charter.root;
  if (!options.root.empty()) {
    ENLACE_ASSIGN_OR_RETURN(root, ParseHash(options.root));
  }
  identity::CharterChain chain(root);
  for (const std::string& path : options.previous) {
    ENLACE_ASSIGN_OR_RETURN(const CharterFile previous, ReadCharterFile(path));
    const absl::Status status = chain.Accept(previous.signed_charter);
    if (!status.ok()) return Rejected(status);
  }
  if (file.charter.version > 1 && chain.empty()) {
    return UsageError("--previous FILE, or --enrolment, --server-fingerprint, --root");
  }
  return chain;
}

absl::Status VerifyFile(AdminContext& context, const CharterVerifyOptions& options,
                        identity::Charter& verified) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(options.file));
  ENLACE_ASSIGN_OR_RETURN(identity::CharterChain chain, ChainBefore(context, file, options));
  const bool served =
      !chain.empty() && chain.current_hash() == identity::CharterHash(file.signed_charter.body);
  if (!served) {
    ENLACE_RETURN_IF_ERROR(
        EnoughSignatures(file, chain.empty() ? file.charter.threshold : chain.current().threshold));
    const absl::Status status = chain.Accept(file.signed_charter);
    if (!status.ok()) return Rejected(status);
  }
  verified = file.charter;
  return absl::OkStatus();
}

}  // namespace

absl::Status CharterShow(AdminContext& context, const std::string& path) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(path));
  ShowCharter(context, file.charter);
  context.console().Json("charter-show", JsonOf(file.charter));
  return absl::OkStatus();
}

absl::Status CharterVerify(AdminContext& context, const CharterVerifyOptions& options) {
  const Console& console = context.console();
  identity::Charter verified;
  if (options.file.empty()) {
    ENLACE_ASSIGN_OR_RETURN(const identity::CharterChain chain, ServedChain(context, options));
    verified = chain.current();
  } else {
    ENLACE_RETURN_IF_ERROR(VerifyFile(context, options, verified));
  }
  ShowCharter(context, verified);
  console.Json("charter-verify", JsonOf(verified));
  console.Line(std::string(console.glyphs().tick) + " " +
               console.T(ENLACE_TEXT("The signatures verify.")));
  return absl::OkStatus();
}

absl::Status CharterPublish(AdminContext& context, const CharterPublishOptions& options) {
  const Console& console = context.console();
  ENLACE_RETURN_IF_ERROR(CheckServerAddress(options.enrolment_address));
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(options.file));
  // The server verifies a later version with the keys of the one before.
  ENLACE_RETURN_IF_ERROR(EnoughSignatures(file, file.charter.threshold));
  ENLACE_ASSIGN_OR_RETURN(const bool go_on,
                          context.ConfirmChanges({console.T(
                              ENLACE_TEXT("publish version {version} of the charter at {server}"),
                              {{"version", std::to_string(file.charter.version)},
                               {"server", options.enrolment_address}})}));
  if (!go_on) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(
      auto session,
      context.environment().connect_enrolment(
          {options.enrolment_address, merkle::Sha256(BytesView(file.charter.server.certificate))}));
  v1::BootstrapRequest request;
  request.add_entries(ToText(
      identity::EncodeLogEntry(identity::MakeLogEntry(file.signed_charter, context.now_ms()))));
  ENLACE_RETURN_IF_ERROR(session->Bootstrap(request, kCallTimeoutMs).status());
  console.Line(std::string(console.glyphs().tick) + " " +
               console.T(ENLACE_TEXT("Charter version {version} is published."),
                         {{"version", std::to_string(file.charter.version)}}));
  console.Next(console.T(ENLACE_TEXT("Next, in each country: enlace-admin ca publish {file}"),
                         {{"file", options.file}}));
  console.Json("charter-publish", JsonOf(file.charter));
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
