// Which room may go on with the case of a lost one.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <optional>

#include "crypto/room/room_policy.h"

namespace enlace::client {

// What a device knows of a room.
struct RoomTerms {
  room::RoomPolicy policy;
  // Without: it has not arrived.
  std::optional<room::RoomGuard> guard;
};

// Whether `next` may go on with the case of `lost`: the same case in every respect, but for offices
// that who founded it might have let in, and a stricter guard. Where the lost room's guard never
// arrived there is nothing to compare with, so that only the origin, who sets guards, is followed.
// False too while the next room's guard is still to come; then it is looked at again.
bool MayContinue(const RoomTerms& lost, const RoomTerms& next, bool founded_by_origin);

}  // namespace enlace::client
