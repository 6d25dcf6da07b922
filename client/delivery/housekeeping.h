// What rooms need without an officer asking: leaves that have to go, rooms to enter, the guard for
// those who entered.
//
// Promises that a leaf which must not be in a room is removed as soon as this device knows, by one
// member at a time (the server's lease), and that nothing else is committed meanwhile; that rooms
// of this device's offices are entered by its own external commit; and that an external joiner gets
// the guard from some member, the origin's first.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <optional>
#include <string>

#include "client/delivery/inbox_pump.h"
#include "client/delivery/offers.h"
#include "client/delivery/outbox.h"
#include "client/delivery/recovery.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"

namespace enlace::client {

class Housekeeping {
 public:
  Housekeeping(const Services& services, RoomBook& book, Offers& offers, Outbox& outbox,
               Recovery& recovery)
      : services_(services), book_(book), offers_(offers), outbox_(outbox), recovery_(recovery) {}

  // Removes offending leaves and offers pending commits again: in the rooms that wait and those in
  // use, which are all that messages have changed. When the registry has grown, and once in
  // kTendLapMs, it begins a lap over all rooms. The session's errors end it; it is run again later.
  absl::Status TendRooms();
  // Goes on with the lap, kRoomsTendedAtOnce rooms at a time, and with the one over rooms that the
  // server may have lost, so that tens of thousands of rooms hold up nobody.
  bool lapping() const { return lap_.has_value() || recovery_.looking(); }
  absl::Status TendMoreRooms();
  // Looks for rooms whose log the server lost, and enters the rooms that ListRooms offers and that
  // this device is not in.
  absl::Status EnterRooms();
  // Says that an accepted commit can't be applied here, and enters the room anew.
  absl::Status Reenter(const Unprocessable& commit);
  // Queues guard notices that are due; the time of the next one that is not.
  absl::StatusOr<std::optional<int64_t>> SendGuardNotices();

 private:
  absl::Status TendRoom(BytesView room_id);
  absl::Status TendKnown(const vault::v1::RoomRecord& record);
  absl::Status RemoveOffending(Room& room, const std::vector<room::FreezeReason>& offending);
  absl::Status Enter(const std::string& room_id);

  const Services& services_;
  RoomBook& book_;
  Offers& offers_;
  Outbox& outbox_;
  Recovery& recovery_;
  // A room was passed over that this device may know as soon as what is under way has arrived.
  bool list_again_ = false;
  // The last room of the running lap that was looked at.
  std::optional<Bytes> lap_;
  int64_t lap_begun_ms_ = 0;
  uint64_t lap_registry_size_ = 0;
};

}  // namespace enlace::client
