// Rooms that are in use, at most kOpenRoomsMax in memory; the rest is in the vault.
//
// Thread safety: one thread. Ownership: owns the rooms; a pointer is valid until the next call that
// may evict.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "client/rooms/room.h"

namespace enlace::client {

class RoomBook {
 public:
  explicit RoomBook(const RoomContext& context) : context_(context) {}

  // The room, read from the vault when it is not here. ROOM_UNKNOWN.
  absl::StatusOr<Room*> Get(BytesView room_id);
  // Takes a room that was founded or entered.
  Room* Put(std::unique_ptr<Room> room);
  // Ids of the rooms in memory, the last used first.
  std::vector<Bytes> Ids() const;
  // Forgets what is in memory: after a failed transaction it is ahead of the vault.
  void Drop(BytesView room_id);
  void Clear() { rooms_.clear(); }

 private:
  const RoomContext& context_;
  std::list<std::unique_ptr<Room>> rooms_;  // The last used first.
};

}  // namespace enlace::client
