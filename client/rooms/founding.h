// Making a room: a founder's group of one, its first commit, and the first messages, in one
// request.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <memory>
#include <string>

#include "client/rooms/room.h"
#include "enlace/v1/room.pb.h"

namespace enlace::client {

struct FoundingPlan {
  std::string case_ref;
  room::RoomPolicy policy;
  room::RoomGuard guard;
  // Of the devices to add at once.
  std::vector<mls::KeyPackage> members;
  // SignedContent of the first messages.
  std::vector<Bytes> messages;
};

struct FoundedRoom {
  std::unique_ptr<Room> room;
  Bytes founding_group_info;
  PreparedCommit first_commit;
};

// Founds a room with a fresh id in `tx`. INVALID_ARGUMENT when the plan breaks a rule of RoomPolicy
// or RFC 9420.
absl::StatusOr<FoundedRoom> FoundRoom(const RoomContext& context, VaultTransaction& tx,
                                      const FoundingPlan& plan, int64_t now_ms);

}  // namespace enlace::client
