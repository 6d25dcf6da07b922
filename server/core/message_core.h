// Messages: what the server asks of an envelope before it becomes an entry of a room's log.
//
// The server reads no content. Promises that an accepted message is a PrivateMessage of the room's
// current epoch from a member that acts for the office it names, into a room in which nobody is
// left who must leave; and that its blobs, deadlines, expiry and deliveries stand in the same
// batch.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/v1/room.pb.h"
#include "server/core/blob_core.h"
#include "server/core/caller.h"
#include "server/core/deadlines.h"
#include "server/core/fan_out.h"
#include "server/core/live_room.h"
#include "server/core/prepared_request.h"
#include "server/core/presence.h"
#include "server/core/retention.h"
#include "server/core/room_log.h"
#include "server/core/roster.h"

namespace enlace::server {

// EPOCH_STALE with the epoch that is current.
absl::Status EpochStale(uint64_t current_epoch);

class MessageCore {
 public:
  struct Sources {
    RoomCache& rooms;
    Roster& roster;
    RoomLog& log;
    FanOut& fan_out;
    BlobCore& blobs;
    Deadlines& deadlines;
    Retention& retention;
    Presence& presence;
    const SharedRegistry& registry;
  };
  explicit MessageCore(const Sources& sources) : s_(sources) {}

  // ROOM_UNKNOWN, NOT_A_MEMBER, ROOM_READ_ONLY, EPOCH_STALE, ROSTER_STALE, BODY_TOO_LARGE,
  // NOT_YOUR_OFFICE, BLOB_UNKNOWN, NOT_PERMITTED_BY_STANDING, POLICY_FORBIDS, MALFORMED_REQUEST.
  // `message` is what PrepareSend made of the request; it is used up once the message is accepted.
  absl::Status Send(const Call& call, const v1::SendRequest& request, PreparedMessage& message,
                    v1::SendResponse& answer);

  // What can be asked of an envelope before the room's next epoch exists; `epoch` is the one that
  // it must name.
  absl::Status CheckEnvelope(const LiveRoom& room, const Caller& caller,
                             const v1::Envelope& envelope, uint64_t epoch) const;
  // Makes a checked envelope an entry, with all that follows from it.
  absl::StatusOr<v1::Acceptance> Accept(LiveRoom& room, const Call& call,
                                        const v1::Envelope& envelope, PreparedMessage message);

 private:
  absl::Status CheckOffices(const LiveRoom& room, const Caller& caller,
                            const v1::Envelope& envelope) const;
  absl::Status CheckStanding(const LiveRoom& room, const Caller& caller) const;
  absl::Status AcceptReferences(LiveRoom& room, const Caller& caller, const v1::Envelope& envelope,
                                int64_t now_ms);
  void TellOffices(const LiveRoom& room, const v1::Envelope& envelope, int64_t now_ms);

  Sources s_;
};

}  // namespace enlace::server
