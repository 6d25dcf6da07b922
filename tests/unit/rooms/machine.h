// One device with a vault and rooms in it, and the log in which the server would order what its
// rooms say: client/rooms without a network.
//
// Helpers abort the program when a step that a test does not ask about fails. Thread safety: one
// thread. Ownership: a machine owns its vault and folder; it borrows the world.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/registry/registry_replica.h"
#include "client/rooms/entering.h"
#include "client/rooms/founding.h"
#include "client/rooms/room.h"
#include "client/vault/vault.h"
#include "crypto/primitives/system_rng.h"
#include "crypto/room/log_chain.h"
#include "tests/unit/client/support/temp_folder.h"
#include "tests/unit/identity/world.h"

namespace enlace::client::testing {

// The registry as the world has it.
class WorldReplica final : public RegistryReplica {
 public:
  explicit WorldReplica(::enlace::testing::World& world) : world_(world), head_(world.Head()) {}

  absl::Status Refresh(SessionInterface&, int64_t, int) override;
  void Refresh() { head_ = world_.Head(); }
  const identity::Registry& registry() const override { return world_.registry(); }
  const merkle::SignedHead& head() const override { return head_; }
  int64_t refreshed_at_ms() const override { return world_.now_ms(); }
  absl::Status CheckMaySend(int64_t) const override { return absl::OkStatus(); }
  absl::Status CheckPeerHead(const merkle::HeadRef&) const override { return absl::OkStatus(); }
  void MarkServerBehind() override {}
  absl::StatusOr<Bytes> EntryAt(uint64_t) const override;

 private:
  ::enlace::testing::World& world_;
  merkle::SignedHead head_;
};

class Machine {
 public:
  Machine(::enlace::testing::World& world, const ::enlace::testing::WorldDevice& device);

  // A key package whose private half is in the vault.
  mls::KeyPackage MakeKeyPackage();
  // Runs `step` in a transaction that is committed when it succeeds, and given up when it fails.
  absl::Status InTransaction(const std::function<absl::Status(VaultTransaction&)>& step);
  // The room as the vault has it: what a new run of the program sees.
  std::unique_ptr<Room> Load(BytesView room_id) const;

  // Ends and begins the program anew; with `backup`, over that copy of the vault.
  void Restart(const std::string& backup = {});
  // A copy of the vault as it stands, for Restart.
  std::string Backup();

  const RoomContext& context() const { return *context_; }
  Vault& vault() { return *vault_; }
  WorldReplica& replica() { return replica_; }
  const OwnDevice& device() const { return device_; }

 private:
  void Open();

  TempFolder folder_;
  crypto::SystemRng rng_;
  int64_t now_ms_;
  OwnDevice device_;
  WorldReplica replica_;
  SecretBytes master_key_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<RoomContext> context_;
};

// The server's half of one room: gives every accepted content its header, chained.
class RoomLog {
 public:
  struct Entry {
    Bytes header;
    Bytes content;
  };
  const Entry& Append(room::LogKind kind, const Machine& sender, BytesView content, uint64_t epoch);
  explicit RoomLog(BytesView room_id) : room_id_(room_id.begin(), room_id.end()) {}
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  Bytes room_id_;
  std::vector<Entry> entries_;
};

}  // namespace enlace::client::testing
