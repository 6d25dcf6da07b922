#include "client/delivery/room_book.h"

#include <algorithm>

#include "client/rooms/limits.h"
#include "crypto/primitives/status.h"

namespace enlace::client {

absl::StatusOr<Room*> RoomBook::Get(BytesView room_id) {
  const auto found = std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& room) {
    return EqualBytes(room->id(), room_id);
  });
  if (found != rooms_.end()) {
    rooms_.splice(rooms_.begin(), rooms_, found);
    return rooms_.front().get();
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Room> room, Room::Load(context_, room_id));
  return Put(std::move(room));
}

Room* RoomBook::Put(std::unique_ptr<Room> room) {
  Drop(room->id());
  rooms_.push_front(std::move(room));
  if (rooms_.size() > kOpenRoomsMax) rooms_.pop_back();
  return rooms_.front().get();
}

std::vector<Bytes> RoomBook::Ids() const {
  std::vector<Bytes> ids;
  for (const std::unique_ptr<Room>& room : rooms_) ids.push_back(ToBytes(room->id()));
  return ids;
}

void RoomBook::Drop(BytesView room_id) {
  const Bytes id = ToBytes(room_id);
  rooms_.remove_if([&](const auto& room) { return EqualBytes(room->id(), id); });
}

}  // namespace enlace::client
