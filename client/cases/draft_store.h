// Alerts that an officer is composing and has not sent.
//
// Promises that a draft is sealed under a key of its own, so that nothing of it is left when it is
// dropped and the vault was purged.
//
// Thread safety: free functions on one thread; the vault is borrowed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/alerts/questionnaire.h"
#include "client/vault/vault.h"

namespace enlace::client {

inline constexpr size_t kDraftIdBytes = 16;
inline constexpr size_t kDraftsMax = 100;
// A draft that was not touched for so long is dropped: it holds what no retention date covers.
inline constexpr int64_t kDraftKeptMs = 30LL * 24 * 60 * 60 * 1000;

struct StoredDraft {
  // kDraftIdBytes random bytes.
  Bytes id;
  // enlace.alert.v1.AlertType.
  int type = 0;
  alerts::Answers answers;
  int64_t saved_at_ms = 0;
};

// All drafts, the newest first. VAULT_DAMAGED.
absl::StatusOr<std::vector<StoredDraft>> ListDrafts(const Vault& vault);
// Inserts or replaces by id. RESOURCE_EXHAUSTED past kDraftsMax, INVALID_ARGUMENT for an id of
// another length.
absl::Status SaveDraft(VaultTransaction& tx, const StoredDraft& draft);
// OK when it is gone already. Call Vault::Purge() after the commit.
absl::Status DropDraft(VaultTransaction& tx, BytesView id);

}  // namespace enlace::client
