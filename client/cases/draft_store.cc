#include "client/cases/draft_store.h"

#include <algorithm>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

constexpr std::string_view kDrafts = "drafts";
constexpr std::string_view kKeyTable = "draft-keys";

absl::StatusOr<StoredDraft> Decode(const VaultRow& row) {
  const json stored = json::parse(ToText(row.value.view()), nullptr, /*allow_exceptions=*/false);
  const bool sound = stored.is_object() && stored.contains("type") &&
                     stored["type"].is_number_integer() && stored.contains("answers") &&
                     stored["answers"].is_object() && stored.contains("saved_at_ms") &&
                     stored["saved_at_ms"].is_number_integer();
  if (!sound) return MakeError(Reason::kVaultDamaged, {{"what", std::string(kDrafts)}});
  StoredDraft draft;
  draft.id = row.row;
  draft.type = stored["type"].get<int>();
  draft.saved_at_ms = stored["saved_at_ms"].get<int64_t>();
  for (const auto& [path, value] : stored["answers"].items()) draft.answers[path] = value;
  return draft;
}

// The key of a draft; made when it has none.
absl::StatusOr<DataKeyId> KeyOf(VaultTransaction& tx, BytesView id) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> known, tx.Get(kKeyTable, id));
  DataKeyId key_id{};
  if (known) {
    if (known->size() != key_id.size())
      return MakeError(Reason::kVaultDamaged, {{"what", std::string(kKeyTable)}});
    std::ranges::copy(known->view(), key_id.begin());
    return key_id;
  }
  ENLACE_ASSIGN_OR_RETURN(key_id, tx.CreateKey());
  ENLACE_RETURN_IF_ERROR(tx.Put(kKeyTable, id, BytesView(key_id), kVaultKey));
  return key_id;
}

}  // namespace

absl::StatusOr<std::vector<StoredDraft>> ListDrafts(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault.Scan(kDrafts, {{}, {}, kDraftsMax}));
  std::vector<StoredDraft> drafts;
  for (const VaultRow& row : rows) {
    ENLACE_ASSIGN_OR_RETURN(StoredDraft draft, Decode(row));
    drafts.push_back(std::move(draft));
  }
  std::ranges::stable_sort(drafts, [](const StoredDraft& a, const StoredDraft& b) {
    return a.saved_at_ms > b.saved_at_ms;
  });
  return drafts;
}

absl::Status SaveDraft(VaultTransaction& tx, const StoredDraft& draft) {
  if (draft.id.size() != kDraftIdBytes) return InvalidArgument("a draft's id has 16 bytes");
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> all, tx.Scan(kDrafts, {{}, {}, kDraftsMax}));
  const bool known =
      std::ranges::any_of(all, [&](const VaultRow& row) { return row.row == draft.id; });
  if (!known && all.size() >= kDraftsMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "there are 100 drafts already");
  }
  json answers = json::object();
  for (const auto& [path, value] : draft.answers) answers[path] = value;
  const std::string text =
      json{{"type", draft.type}, {"answers", answers}, {"saved_at_ms", draft.saved_at_ms}}.dump(
          -1, ' ', false, json::error_handler_t::replace);
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key_id, KeyOf(tx, draft.id));
  return tx.Put(kDrafts, draft.id, AsBytes(text), key_id);
}

absl::Status DropDraft(VaultTransaction& tx, BytesView id) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> known, tx.Get(kKeyTable, id));
  if (!known) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key_id, KeyOf(tx, id));
  ENLACE_RETURN_IF_ERROR(tx.Delete(kKeyTable, id));
  return tx.DestroyKey(key_id);
}

}  // namespace enlace::client
