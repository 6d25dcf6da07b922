// Offering a room's pending commit to the server until it answers.
//
// A request that founds a room, ends an epoch or enters a room is saved with the room before it
// leaves, and the same bytes under the same request id are offered again after a crash or a broken
// connection: the server does it once. When the server says that another commit was first, nothing
// of it has happened; what was intended is derived again.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <optional>
#include <vector>

#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "enlace/v1/room.pb.h"

namespace enlace::client {

// What became of an offer.
struct OfferResult {
  enum class Verdict {
    kAccepted,  // Durable; the log brings it back.
    kStale,     // Another commit was first, or the roster is stale: derive it again.
    kRefused,   // It will never be accepted; `refusal` says why.
    kLater,     // No answer: offer it again. `refusal` says what is in the way.
  };
  Verdict verdict = Verdict::kLater;
  absl::Status refusal;
  // Of the messages in the request, in their order; only when accepted.
  std::vector<v1::Acceptance> messages;
};

class Offers {
 public:
  Offers(const Services& services, RoomBook& book) : services_(services), book_(book) {}

  // Saves the request that offers the room's pending commit; in the transaction that made the
  // commit.
  absl::Status KeepCreateRoom(VaultTransaction& tx, Room& room,
                              const v1::CreateRoomRequest& request) const;
  absl::Status KeepCommit(VaultTransaction& tx, Room& room, const v1::CommitRequest& request) const;

  // Offers what is saved for the room. An error is the vault's; everything that the server says is
  // in the result.
  absl::StatusOr<OfferResult> Offer(BytesView room_id);

 private:
  absl::Status Settle(Room& room, OfferResult::Verdict verdict);

  const Services& services_;
  RoomBook& book_;
};

// The envelope of a message as the server sees it, without the message.
v1::Envelope EnvelopeOf(const vault::v1::OutboxItem& item, uint64_t epoch);
// How an error of the server counts for something that was offered to it.
OfferResult::Verdict VerdictOf(const absl::Status& status);

}  // namespace enlace::client
