// A room in the small RCM: origin hn.consular, mx.consular ACTION, iom.sanjose INFO; pa.consular
// stands outside.
#pragma once

#include <string>
#include <vector>

#include "crypto/room/room_rules.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {

class RoomWorld {
 public:
  RoomWorld();

  World& world() { return world_; }
  const identity::Registry& registry() { return world_.registry(); }

  // The policy of the room, and the room in which the given devices stand at leaves 0, 1, 2 …
  static room::RoomPolicy Policy();
  room::RoomState RoomOf(const std::vector<const WorldDevice*>& devices);
  // A commit by the device at a leaf, at the newest head, that changes nothing.
  room::CommitSummary CommitBy(uint32_t leaf, const WorldDevice& device);
  // An external commit by a device.
  room::CommitSummary EntryOf(const WorldDevice& device);
  // The context of the newest head.
  room::CommitContext Context();
  // Adds a removal with its reason to a commit.
  static void Remove(room::CommitSummary& commit, uint32_t leaf, room::RemovalReason reason);

  absl::Status Judge(const room::RoomState& before, const room::CommitSummary& commit) {
    return room::CheckCommit(before, commit, registry());
  }

 private:
  World world_;

 public:
  // Two devices of the origin, two of mx, one each of iom and pa.
  WorldDevice hn;
  WorldDevice hn2;
  WorldDevice mx;
  WorldDevice mx2;
  WorldDevice iom;
  WorldDevice pa;
};

}  // namespace enlace::testing
