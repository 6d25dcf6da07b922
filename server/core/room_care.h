// What keeps rooms healthy besides commits: the lease for removals and the reports of members who
// can't follow.
//
// A lease is advice: it keeps the members from removing the same leaf all at once, and holds for
// kRemovalLeaseMs in this process only. A report is kept: an hour after the first one an ACTION
// office may open the room's successor. After a declared loss, a report of a commit or of a header
// that this server's log does not hold proves the room behind and makes it read-only. Nobody signs
// headers, so that a lying device of one of the room's offices can end the room that way, but only
// after a loss.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/room/log_chain.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "server/core/fan_out.h"
#include "server/core/group_overlay.h"
#include "server/core/live_room.h"
#include "server/core/server_log.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

class RoomCare {
 public:
  RoomCare(GroupOverlay& store, RoomCache& rooms, const ServerLog& server_log,
           const SharedRegistry& registry, FanOut& fan_out)
      : store_(store),
        rooms_(rooms),
        server_log_(server_log),
        registry_(registry),
        fan_out_(fan_out) {}

  // ROOM_UNKNOWN, NOT_A_MEMBER. Not granted while another member holds it.
  absl::Status AcquireRemovalLease(const Caller& caller,
                                   const v1::AcquireRemovalLeaseRequest& request, int64_t now_ms,
                                   v1::AcquireRemovalLeaseResponse& answer);
  // A member's, or of a device that may enter: what the log lost may be that it had entered. When
  // the room turns read-only, its members are told (RoomOpened).
  // ROOM_UNKNOWN, NOT_A_MEMBER, MALFORMED_REQUEST.
  absl::Status ReportUnprocessable(const Caller& caller,
                                   const v1::ReportUnprocessableRequest& request, int64_t now_ms,
                                   v1::ReportUnprocessableResponse& answer);

 private:
  struct Lease {
    std::string device_uri;
    int64_t expires_at_ms = 0;
  };

  absl::StatusOr<LiveRoom*> FindOwn(const Caller& caller, const std::string& room_id);
  bool MayEnter(const Caller& caller, const LiveRoom& room, int64_t now_ms) const;
  // True when an entry of the room that ended `epoch` has this content hash.
  absl::StatusOr<bool> HoldsCommit(const LiveRoom& room,
                                   const v1::ReportUnprocessableRequest& report) const;

  absl::StatusOr<bool> HoldsHeader(const LiveRoom& room, const room::LogHeader& header) const;
  absl::Status TurnReadOnly(LiveRoom& room);
  // True when the report shows that a declared loss took a part of the room's log.
  absl::StatusOr<bool> ProvenBehind(const LiveRoom& room,
                                    const v1::ReportUnprocessableRequest& request) const;

  GroupOverlay& store_;
  RoomCache& rooms_;
  const ServerLog& server_log_;
  const SharedRegistry& registry_;
  FanOut& fan_out_;
  std::map<Bytes, Lease> leases_;
};

}  // namespace enlace::server
