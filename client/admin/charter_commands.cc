#include "client/admin/charter_commands.h"

#include <algorithm>
#include <utility>

#include "client/admin/authority_keys.h"
#include "client/admin/charter_draft.h"
#include "client/admin/charter_file.h"
#include "client/cli_common/text_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

absl::Status Rejected(const absl::Status& status) {
  return MakeError(Reason::kCharterRejected, {{"what", std::string(MessageOf(status))}});
}

std::string KeyText(const identity::PublicKey& key) { return ToHex(key); }

identity::PublicKey PublicKeyOf(const crypto::SigningKey& key) {
  identity::PublicKey out{};
  std::copy(key.public_key().begin(), key.public_key().end(), out.begin());
  return out;
}

// This machine's key, made and stored when there is none.
absl::StatusOr<crypto::SigningKey> OwnKey(AdminContext& context) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault(/*create=*/true));
  auto key = LoadCharterKey(*vault);
  if (key.ok() || !HasReason(key.status(), Reason::kCharterKeyMissing)) return key;
  crypto::SigningKey fresh = crypto::SigningKey::Generate(context.rng());
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault->Begin());
  ENLACE_RETURN_IF_ERROR(SaveCharterKey(fresh, *transaction));
  ENLACE_RETURN_IF_ERROR(transaction->Commit());
  return fresh;
}

absl::StatusOr<std::vector<identity::PublicKey>> KeysOf(const std::vector<std::string>& texts) {
  std::vector<identity::PublicKey> keys;
  for (const std::string& text : texts) {
    ENLACE_ASSIGN_OR_RETURN(const merkle::Hash key, ParseHash(text));
    keys.push_back(key);
  }
  return keys;
}

void SetValidity(identity::Charter& charter, int64_t now_ms, uint32_t days) {
  charter.issued_at_ms = now_ms;
  charter.expires_at_ms = now_ms + int64_t{days} * identity::kDayMs;
}

std::string ChangeLine(const AdminContext& context, const identity::CharterChange& change) {
  const std::string subject =
      change.field.empty() ? change.subject : change.subject + " " + change.field;
  switch (change.kind) {
    case identity::CharterChange::Kind::kAdded:
      return "+ " + subject + (change.after.empty() ? "" : ": " + change.after);
    case identity::CharterChange::Kind::kRemoved:
      return "- " + subject + (change.before.empty() ? "" : ": " + change.before);
    default:
      return "~ " + subject + ": " + change.before + " " +
             std::string(context.console().glyphs().arrow) + " " + change.after;
  }
}

std::vector<std::string> ChangeLines(const AdminContext& context, const identity::Charter& before,
                                     const identity::Charter& after) {
  std::vector<std::string> lines;
  for (const auto& change : identity::DiffCharters(before, after)) {
    lines.push_back(texts::EscapeForDisplay(ChangeLine(context, change)));
  }
  return lines;
}

// Shows the difference, asks, writes.
absl::Status RewriteDraft(AdminContext& context, const std::string& path,
                          const identity::Charter& before, identity::Charter after) {
  identity::SortCharter(after);
  ENLACE_ASSIGN_OR_RETURN(const bool go_on,
                          context.ConfirmChanges(ChangeLines(context, before, after)));
  if (!go_on) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(WriteCharterDraft(path, after));
  const Console& console = context.console();
  console.Next(console.T(ENLACE_TEXT("Next: enlace-admin charter sign {file}"), {{"file", path}}));
  console.Json("charter-draft", {{"file", path}, {"version", after.version}});
  return absl::OkStatus();
}

}  // namespace

absl::Status CharterKey(AdminContext& context) {
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey key, OwnKey(context));
  const std::string text = KeyText(PublicKeyOf(key));
  console.Line(text);
  console.Talk(console.T(ENLACE_TEXT("Give this charter key to whoever writes the draft.")));
  console.Json("charter-key", {{"key", text}});
  return absl::OkStatus();
}

absl::Status CharterInit(AdminContext& context, const CharterInitOptions& options) {
  const Console& console = context.console();
  identity::Charter charter = NewCharter();
  if (!options.from.empty()) {
    ENLACE_ASSIGN_OR_RETURN(CharterFile before, ReadCharterFile(options.from));
    charter = std::move(before.charter);
    ++charter.version;
  } else {
    ENLACE_ASSIGN_OR_RETURN(charter.server, ReadServerIdentity(options.server_identity));
    ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey own, OwnKey(context));
    ENLACE_ASSIGN_OR_RETURN(auto keys, KeysOf(options.keys));
    keys.push_back(PublicKeyOf(own));
    ENLACE_RETURN_IF_ERROR(SetKeys(charter, std::move(keys), options.threshold));
    charter.root = identity::KeySetRoot(charter.keys, charter.threshold);
  }
  SetValidity(charter, context.now_ms(), options.valid_days);
  identity::SortCharter(charter);
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges({console.T(
          ENLACE_TEXT("draft of version {version}, {threshold} of {keys} keys, in {file}"),
          {{"version", std::to_string(charter.version)},
           {"threshold", std::to_string(charter.threshold)},
           {"keys", std::to_string(charter.keys.size())},
           {"file", options.out}})}));
  if (!go_on) return absl::OkStatus();
  auto body = identity::EncodeCharter(charter);
  if (!body.ok()) return Rejected(body.status());
  const std::string text = EncodeCharterFile({std::move(*body), {}});
  ENLACE_RETURN_IF_ERROR(WriteWholeFile({options.out, false}, AsBytes(text)));
  console.Line(console.T(ENLACE_TEXT("Charter root {root}"), {{"root", ToHex(charter.root)}}));
  console.Next(console.T(ENLACE_TEXT("Next: enlace-admin charter add {file} AUTHORITY --ca FILE"),
                         {{"file", options.out}}));
  console.Json("charter-init", {{"file", options.out}, {"root", ToHex(charter.root)}});
  return absl::OkStatus();
}

absl::Status CharterAdd(AdminContext& context, const CharterAddOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(options.file));
  AuthorityFields fields{options.authority, options.standing, options.name_es, options.name_en, {}};
  for (const std::string& path : options.ca_files) {
    ENLACE_ASSIGN_OR_RETURN(const std::string pem, ReadWholeFile(path));
    auto ca = identity::Certificate::FromPem(pem);
    if (!ca.ok()) return Rejected(ca.status());
    fields.cas.push_back(std::move(*ca));
  }
  ENLACE_ASSIGN_OR_RETURN(identity::Authority authority, MakeAuthority(fields));
  identity::Charter changed = file.charter;
  PutAuthority(changed, std::move(authority));
  return RewriteDraft(context, options.file, file.charter, std::move(changed));
}

absl::Status CharterRemove(AdminContext& context, const std::string& path,
                           const std::string& authority) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(path));
  identity::Charter changed = file.charter;
  const size_t removed = std::erase_if(
      changed.authorities, [&](const identity::Authority& other) { return other.id == authority; });
  if (removed == 0) return UsageError(authority);
  return RewriteDraft(context, path, file.charter, std::move(changed));
}

absl::Status CharterSet(AdminContext& context, const CharterSetOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile file, ReadCharterFile(options.file));
  identity::Charter changed = file.charter;
  if (!options.presidency.empty()) changed.presidency = options.presidency;
  if (!options.server_identity.empty()) {
    ENLACE_ASSIGN_OR_RETURN(changed.server, ReadServerIdentity(options.server_identity));
  }
  if (!options.keys.empty() || options.threshold != 0) {
    ENLACE_ASSIGN_OR_RETURN(auto keys, KeysOf(options.keys));
    if (keys.empty()) keys = changed.keys;
    ENLACE_RETURN_IF_ERROR(SetKeys(changed, std::move(keys), options.threshold));
    // Before the first publication the founding keys may still change, and the root with them.
    if (changed.version == 1) {
      changed.root = identity::KeySetRoot(changed.keys, changed.threshold);
    }
  }
  if (options.valid_days != 0) SetValidity(changed, context.now_ms(), options.valid_days);
  return RewriteDraft(context, options.file, file.charter, std::move(changed));
}

absl::Status CharterDiff(AdminContext& context, const std::string& before,
                         const std::string& after) {
  ENLACE_ASSIGN_OR_RETURN(const CharterFile old_file, ReadCharterFile(before));
  ENLACE_ASSIGN_OR_RETURN(const CharterFile new_file, ReadCharterFile(after));
  const auto lines = ChangeLines(context, old_file.charter, new_file.charter);
  for (const std::string& line : lines) context.console().Line(line);
  if (lines.empty()) context.console().Line(context.console().T(ENLACE_TEXT("No difference.")));
  context.console().Json("charter-diff", {{"changes", lines}});
  return absl::OkStatus();
}

absl::Status CharterSign(AdminContext& context, const std::string& path) {
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(CharterFile file, ReadCharterFile(path));
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey key, LoadCharterKey(*vault));
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges(
          {console.T(ENLACE_TEXT("sign version {version} of the charter: {count} authorities, "
                                 "server {server}"),
                     {{"version", std::to_string(file.charter.version)},
                      {"count", std::to_string(file.charter.authorities.size())},
                      {"server", file.charter.server.name}})}));
  if (!go_on) return absl::OkStatus();
  identity::SignCharter(file.signed_charter, key);
  const std::string text = EncodeCharterFile(file.signed_charter);
  ENLACE_RETURN_IF_ERROR(WriteWholeFile({path, true}, AsBytes(text)));
  const size_t have = file.signed_charter.signatures.size();
  console.Line(std::string(console.glyphs().tick) + " " +
               console.T(ENLACE_TEXT("{have} of {need} signatures."),
                         {{"have", std::to_string(have)},
                          {"need", std::to_string(file.charter.threshold)}}));
  if (have >= file.charter.threshold) {
    console.Next(
        console.T(ENLACE_TEXT("Next: enlace-admin charter publish {file} --enrolment HOST:PORT"),
                  {{"file", path}}));
  }
  console.Json("charter-sign", {{"have", have}, {"need", file.charter.threshold}});
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
