// Which rooms an office may find: the index from offices and networks to rooms, and the notice of a
// new one.
//
// Promises that every office that a room's policy names, and for a bulletin room every office of
// its network, finds the room in the index from the batch that named it, and that devices of an
// office that is new to a room are told (RoomOpened) unless they were added. Names are those of the
// policy; who reads follows renames.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "crypto/room/room_policy.h"
#include "server/core/fan_out.h"
#include "server/core/group_overlay.h"
#include "server/core/live_room.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

class RoomDirectory {
 public:
  RoomDirectory(GroupOverlay& store, const SharedRegistry& registry, FanOut& fan_out)
      : store_(store), registry_(registry), fan_out_(fan_out) {}

  // The room's policy was `before` (null: the room is new) and is now room.policy; members are
  // those after the change.
  absl::Status PolicyChanged(const LiveRoom& room, const room::RoomPolicy* before, int64_t now_ms);

 private:
  std::vector<std::string> DevicesToTell(const LiveRoom& room,
                                         const std::vector<std::string>& offices,
                                         int64_t now_ms) const;

  GroupOverlay& store_;
  const SharedRegistry& registry_;
  FanOut& fan_out_;
};

// Origin and participants of a policy, ascending.
std::vector<std::string> OfficesOf(const room::RoomPolicy& policy);

}  // namespace enlace::server
