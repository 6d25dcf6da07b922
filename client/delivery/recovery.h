// The way on after the server's log was declared incomplete: rooms that are behind are reported,
// their cases go on in successor rooms, and what this device had sent is offered again.
//
// Promises that nothing is sent into a room of which this device has seen more than the server
// holds, once the server admits the loss; that a case goes on in one successor, on every device in
// the same (of two, the one with the lower id); that a successor which loosens the policy or the
// guard is not followed; and that each sender offers its own lost messages again, as long as its
// outbox keeps them. The origin opens the successor; after kSuccessorDelayMs an ACTION office may,
// and the server holds it to that.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/delivery/offers.h"
#include "client/delivery/outbox.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "client/delivery/sync_state.h"

namespace enlace::client {

class Recovery {
 public:
  Recovery(const Services& services, RoomBook& book, Offers& offers, Outbox& outbox,
           SyncState& sync)
      : services_(services), book_(book), offers_(offers), outbox_(outbox), sync_(sync) {}

  // Compares what the server lists with what this device has seen, and does what is its to do. To
  // be called with a list that was asked for after everything that had arrived was applied. Looks
  // at every room once in each generation of the server, else at those that wait, that are listed
  // as read-only or that are in use; the first error. Rooms about which the server has to be asked
  // make a lap, of which this does the first part.
  absl::Status Look(const v1::ListRoomsResponse& listed);
  // Goes on with the lap, kRoomsAskedAtOnce rooms at a time, so that a loss of thousands of rooms
  // holds up no officer.
  bool looking() const { return !lap_.rooms.empty(); }
  absl::Status LookOn();

  // Whether everything that the server has for this device is applied.
  absl::StatusOr<bool> HasEverything() const;

  // This device came into `room`: when it succeeds a room that this device knows, the case goes on
  // in it, and true is returned: what waited for it may be looked at again. Other rooms are left
  // alone. After a transaction that failed, rooms and outbox are to be read again.
  absl::StatusOr<bool> Adopt(VaultTransaction& tx, Room& room);

  // True for a room whose log the server lost and whose successor this device does not know.
  static bool Waits(const vault::v1::RoomRecord& record);
  // True for a room that takes nothing any more.
  static bool IsLost(const vault::v1::RoomRecord& record);

 private:
  // Rooms to ask about, with what the server listed of each when they were found.
  struct Lap {
    std::map<Bytes, std::optional<v1::RoomSummary>> rooms;
    // The generation of the server that is compared with, when every room was looked at.
    std::optional<std::string> generation;
    bool failed = false;
  };

  absl::StatusOr<std::set<Bytes>> AllRooms() const;
  absl::StatusOr<std::set<Bytes>> RoomsInQuestion(const v1::ListRoomsResponse& listed) const;
  // What can be done without asking; true when the server has to be asked about the room.
  absl::StatusOr<bool> LookAtOne(const vault::v1::RoomRecord& record,
                                 const v1::RoomSummary* summary);
  absl::Status FinishLap();
  absl::Status LookAtMember(BytesView room_id, const v1::RoomSummary* summary);
  // A room that the server accepted and lost before the log brought it back.
  absl::Status FoundAnew(BytesView room_id);
  // What this device had accepted of the server and nobody saw is offered again in the same room.
  absl::Status OfferVanished(const vault::v1::RoomRecord& record, const v1::RoomSummary& summary);
  // Whether the server lost a part of the room's log, by its own word.
  absl::StatusOr<bool> AskWhetherLost(const Room& room, const v1::RoomSummary* summary);
  absl::Status MarkLost(Room& room);
  // Whether it is this device's turn to open the successor.
  absl::StatusOr<bool> MayOpenSuccessor(const Room& lost) const;
  absl::StatusOr<bool> IsUnderWay(BytesView lost_id) const;
  absl::Status OpenSuccessor(Room& lost);

  const Services& services_;
  RoomBook& book_;
  Offers& offers_;
  Outbox& outbox_;
  SyncState& sync_;
  Lap lap_;
};

}  // namespace enlace::client
