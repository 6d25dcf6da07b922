// Rooms in the vault: records, MLS state, and the state that a pending commit leads to.
//
// Promises that what one entry of a room's log changes is written in the caller's transaction, in
// O(changed), and that secrets of a past epoch are unreadable once the transaction that ended it is
// committed: MLS rows that hold secrets are sealed under a data key of their epoch, which is
// destroyed with it.
//
// Tables: "rooms" room id -> RoomRecord; "rooms-waiting" room id -> nothing, for the rooms of
// LoadWaiting; "mls" room id ‖ key -> value; "mls-next" room id ‖ key ->
// presence octet and value: the difference between the current state and the one after the pending
// commit; "mls-key" room id -> data key.
//
// Thread safety: one thread. Ownership: borrows the vault.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

class RoomStore {
 public:
  explicit RoomStore(const Vault& vault) : vault_(vault) {}

  absl::StatusOr<std::optional<vault::v1::RoomRecord>> Load(BytesView room_id) const;
  // Records of `limit` rooms at most, by id, after `after` (empty: from the first).
  absl::StatusOr<std::vector<vault::v1::RoomRecord>> LoadPage(BytesView after, size_t limit) const;
  // The rooms that wait for this device: a commit is to be offered, a member wants the guard, the
  // log has not brought the founding back, or the server lost a part of the log and no successor is
  // known. As many rows are read as rooms wait, however many rooms there are.
  absl::StatusOr<std::vector<vault::v1::RoomRecord>> LoadWaiting() const;
  // The group as saved. NOT_FOUND when nothing is saved, DATA_LOSS when it does not hold together.
  absl::StatusOr<mls::Group> LoadGroup(BytesView room_id) const;
  // The group as it will be after the pending commit. NOT_FOUND when none is saved.
  absl::StatusOr<mls::Group> LoadNextGroup(BytesView room_id) const;

  // A second object with the state as saved so far in `tx`.
  absl::StatusOr<mls::Group> CopyGroup(const VaultTransaction& tx, BytesView room_id) const;

  absl::Status Save(VaultTransaction& tx, const vault::v1::RoomRecord& record) const;
  // Writes what changed. `new_epoch` moves every secret row to a new data key and destroys the old
  // one.
  absl::Status SaveGroup(VaultTransaction& tx, BytesView room_id,
                         const std::vector<mls::StateChange>& changes, bool new_epoch) const;
  // Keeps the state after the pending commit beside the current one.
  absl::Status SaveNextGroup(VaultTransaction& tx, BytesView room_id,
                             const std::vector<mls::StateChange>& changes) const;
  // Makes it the current one, or forgets it.
  absl::Status PromoteNextGroup(VaultTransaction& tx, BytesView room_id) const;
  absl::Status DropNextGroup(VaultTransaction& tx, BytesView room_id) const;
  // Forgets a room altogether: one that never came to be.
  absl::Status Forget(VaultTransaction& tx, BytesView room_id) const;
  // Forgets all MLS state of a room that this device has left.
  absl::Status ForgetGroup(VaultTransaction& tx, BytesView room_id) const;

 private:
  const Vault& vault_;
};

}  // namespace enlace::client
