// Coming into a room: by the Welcome of a member, or by an external commit of one's own.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <memory>
#include <optional>

#include "client/rooms/room.h"

namespace enlace::client {

// Joins by a Welcome and saves the room; the key package that was used is gone afterwards unless it
// is the last-resort one. NOT_FOUND when the Welcome is for none of this device's key packages,
// ALREADY_EXISTS for a room it is in, INVALID_ARGUMENT when anything does not verify. A guard that
// is missing or does not match leaves the room readable only.
struct WelcomeToEnter {
  BytesView welcome;
  // Log header of the commit that added this device: where its part of the room's log begins.
  BytesView commit_header;
  // The ratchet tree of the commit's epoch.
  BytesView tree;
};
absl::StatusOr<std::unique_ptr<Room>> EnterByWelcome(const RoomContext& context,
                                                     VaultTransaction& tx,
                                                     const WelcomeToEnter& input);

struct ExternalEntry {
  std::unique_ptr<Room> room;
  Bytes commit;
  Bytes group_info;
  uint64_t next_epoch = 0;
};

// Prepares an external commit on a room's GroupInfo and tree, removing this device's old leaf when
// it still has one. The room becomes a member's when the log brings the commit back.
absl::StatusOr<ExternalEntry> EnterByExternalCommit(const RoomContext& context,
                                                    VaultTransaction& tx, BytesView group_info,
                                                    BytesView tree);

}  // namespace enlace::client
