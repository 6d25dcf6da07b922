// The roster watch: which members of which rooms have to go before content is accepted.
//
// A member is stale when its certificate is not active (revoked, suspended, expired, void), when
// its officer belongs to no participating office any more, or when its device is lapsed. Promises
// that a registry entry marks the rooms of the devices that it names in its own batch, so that the
// next message is refused (ROSTER_STALE), and that a mark whose cause has passed goes.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/group_overlay.h"
#include "server/core/live_room.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

class Roster {
 public:
  Roster(GroupOverlay& store, const SharedRegistry& registry, RoomCache& rooms)
      : store_(store), registry_(registry), rooms_(rooms) {}

  // Judges the rooms of these devices again.
  absl::Status DevicesChanged(const std::vector<std::string>& device_uris, int64_t now_ms);
  // The device's inbox was emptied: it counts as gone from all its rooms.
  absl::Status DeviceLapsed(std::string_view device_uri);
  // Judges all members of a room again, after its policy changed.
  absl::Status PolicyChanged(LiveRoom& room, int64_t now_ms);

  // OK when nobody in the room is stale at `now_ms`; ROSTER_STALE otherwise. A refusal drops the
  // marks that it finds missing: Recheck writes them.
  absl::Status Check(LiveRoom& room, int64_t now_ms);
  // Judges the rooms again in which Check found something to mark.
  absl::Status Recheck(int64_t now_ms);

 private:
  // Why the member has to go; STALE_REASON_UNSPECIFIED when it need not.
  store::v1::StaleReason Judge(const LiveRoom& room, std::string_view device_uri,
                               int64_t now_ms) const;
  void Mark(LiveRoom& room, std::string_view device_uri, store::v1::StaleReason reason);

  GroupOverlay& store_;
  const SharedRegistry& registry_;
  RoomCache& rooms_;
  std::set<Bytes> to_recheck_;
};

}  // namespace enlace::server
