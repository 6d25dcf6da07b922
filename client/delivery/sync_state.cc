#include "client/delivery/sync_state.h"

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kSyncTable = "sync";
constexpr std::string_view kRow = "state";

}  // namespace

absl::StatusOr<vault::v1::SyncRecord> SyncState::Read(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kSyncTable, AsBytes(kRow)));
  vault::v1::SyncRecord record;
  if (stored && !record.ParseFromArray(stored->view().data(), static_cast<int>(stored->size()))) {
    return MakeError(Reason::kVaultDamaged, {{"what", "sync"}});
  }
  return record;
}

absl::Status SyncState::Load() {
  ENLACE_ASSIGN_OR_RETURN(record_, Read(vault_));
  return absl::OkStatus();
}

absl::Status SyncState::Save(VaultTransaction& tx) const {
  return tx.Put(kSyncTable, AsBytes(kRow), AsBytes(record_.SerializeAsString()), kVaultKey);
}

absl::Status SyncState::Save() const {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, vault_.Begin());
  ENLACE_RETURN_IF_ERROR(Save(*tx));
  return tx->Commit();
}

}  // namespace enlace::client
