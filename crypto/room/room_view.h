// From the structures of crypto/mls to those of the room rules.
//
// Promises that a group without a room's extensions is no room, and that whatever a commit changes besides what rooms
// know is reported as such, so that no change goes unjudged.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/identity/registry.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/public_group.h"
#include "crypto/room/room_rules.h"

namespace enlace::room {

// The room that `group` is in this epoch; `mark` is that of the commit that began it. INVALID_ARGUMENT when policy or
// guard commitment is missing or malformed, or a leaf has no single x509 certificate.
absl::StatusOr<RoomState> ViewGroup(const mls::PublicGroup& group, const HeadMark& mark);

// What a commit on `before` does, for CheckCommit. INVALID_ARGUMENT when its authenticated_data is no commit context or a
// changed extension is malformed.
absl::StatusOr<CommitSummary> ViewCommit(const mls::CommitSummary& commit, const mls::PublicGroup& before);

// For a device that joins: OK when the registry knows every member's certificate. Members that have to go since are
// FreezeReasons' business. OUT_OF_RANGE when the room's head is ahead of `registry`: fetch the log and ask again;
// DATA_LOSS when our log never had it, PERMISSION_DENIED for a member that nobody certified.
absl::Status CheckRoster(const RoomState& room, const identity::Registry& registry);

}  // namespace enlace::room
