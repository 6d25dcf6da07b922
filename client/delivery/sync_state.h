// How far this device and the server are: cursor, the server's chain, connection, clock, leased
// case numbers.
//
// One record, table "sync" row "state"; kept in memory and written through.
//
// Thread safety: the engine's thread. Ownership: borrows the vault.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

class SyncState {
 public:
  explicit SyncState(Vault& vault) : vault_(vault) {}

  absl::Status Load();
  const vault::v1::SyncRecord& record() const { return record_; }
  vault::v1::SyncRecord& mutable_record() { return record_; }
  // In a transaction of the caller's, or in one of its own.
  absl::Status Save(VaultTransaction& tx) const;
  absl::Status Save() const;

  // For readers beside the owner.
  static absl::StatusOr<vault::v1::SyncRecord> Read(const Vault& vault);

 private:
  Vault& vault_;
  vault::v1::SyncRecord record_;
};

}  // namespace enlace::client
