// Which offices may have a part in a room, by the registry and the charter at a moment.
//
// Internal to this folder: the rules of commits (room_rules.cc) are built on it.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "crypto/identity/registry.h"
#include "crypto/room/room_policy.h"

namespace enlace::room {

// What the charter in force in a log of `size` entries lets the authority's standing do; null when
// it is not named.
const identity::StandingPermissions* PermissionsAt(const identity::Registry& registry,
                                                   std::string_view authority, uint64_t size);

// OK when the office may have the role in the room: it exists (as what it has become), shares a
// network with the room, and its authority's standing allows the role. NOT_FOUND or
// PERMISSION_DENIED otherwise.
absl::Status CheckOffice(const RoomPolicy& policy, const Participant& office,
                         const identity::Registry& registry, uint64_t size);

// The same for all offices of a policy, and that the origin may open such a room.
absl::Status CheckOffices(const RoomPolicy& policy, const identity::Registry& registry,
                          uint64_t size);

}  // namespace enlace::room
