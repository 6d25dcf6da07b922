// A room in memory, and the cache of those that are in use.
//
// Everything here is read from the store and can be dropped at any time; `Changing` must be called
// before an operation changes a room, so that a dropped operation drops the room too. The MLS group
// is read on the first commit only: sending needs its members, not its tree.
//
// Invariants: 1. `members` are those of the group in `record.epoch`. 2. `stale` names members only.
// Thread safety: the committer. Ownership: the cache owns the rooms; pointers are good until the
// operation ends.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/public_group.h"
#include "crypto/room/commit_context.h"
#include "crypto/room/room_policy.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/group_overlay.h"

namespace enlace::server {

struct LiveRoom {
  Bytes id;
  store::v1::RoomRecord record;
  room::RoomPolicy policy;
  room::HeadMark mark;
  std::map<std::string, store::v1::MemberRow, std::less<>> members;
  std::map<std::string, store::v1::StaleRow, std::less<>> stale;
  std::optional<mls::PublicGroup> group;

  // Derived from members and stale by Refresh(). The members that entries are delivered to: all but
  // those that are revoked or lapsed. Shared with whoever walks it while the room changes.
  std::shared_ptr<const std::vector<std::string>> audience;
  // When the first certificate of a member ends.
  uint64_t earliest_expiry_ms = 0;

  bool IsMember(std::string_view device_uri) const { return members.contains(device_uri); }
  // To be called after members or stale changed.
  void Refresh();
};

class RoomCache {
 public:
  RoomCache(GroupOverlay& store, size_t rooms_max) : store_(store), rooms_max_(rooms_max) {}

  // ROOM_UNKNOWN; STORAGE_DAMAGED.
  absl::StatusOr<LiveRoom*> Find(BytesView id);
  // The room's group, read when it is not there yet.
  absl::StatusOr<mls::PublicGroup*> GroupOf(LiveRoom& room);
  // A room that this operation creates.
  LiveRoom& Add(std::unique_ptr<LiveRoom> room);
  // The operation is about to change the room.
  void Changing(const LiveRoom& room) { changed_.push_back(room.id); }

  void KeepOperation();
  void DropOperation();
  void AbandonGroup();
  // Shrinks to rooms_max, those first that were not used for longest.
  void GroupCommitted();

 private:
  struct Slot {
    std::unique_ptr<LiveRoom> room;
    std::list<Bytes>::iterator use;
  };

  absl::StatusOr<std::unique_ptr<LiveRoom>> Load(const Bytes& id) const;
  LiveRoom& Insert(std::unique_ptr<LiveRoom> room);
  void Erase(const Bytes& id);

  GroupOverlay& store_;
  const size_t rooms_max_;
  absl::flat_hash_map<Bytes, Slot> rooms_;
  std::list<Bytes> uses_;  // Most recent first.
  std::vector<Bytes> changed_;
  std::vector<Bytes> changed_in_group_;
};

}  // namespace enlace::server
