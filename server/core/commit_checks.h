// What is asked of a commit's parts by themselves, and the public errors of what is not right with
// them.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/welcome.h"
#include "enlace/v1/room.pb.h"
#include "server/core/live_room.h"

namespace enlace::server {

// COMMIT_INVALID with what is wrong.
absl::Status CommitInvalid(std::string_view what);
// The public error for what the room rules said: REGISTRY_BEHIND, POLICY_FORBIDS, LIMIT_EXCEEDED or
// COMMIT_INVALID.
absl::Status RuleError(const absl::Status& status);

// BODY_TOO_LARGE, LIMIT_EXCEEDED.
absl::Status CheckBundleSizes(const v1::CommitBundle& bundle);
// A Commit as PublicMessage of this room and epoch. COMMIT_INVALID, EPOCH_STALE.
absl::Status CheckCommitHeader(const LiveRoom& room, const v1::CommitBundle& bundle);
// An MLSMessage of wire format mls_group_info. COMMIT_INVALID.
absl::StatusOr<mls::GroupInfo> ParseGroupInfo(BytesView message);
// A Welcome for exactly `added` devices, or none for none. COMMIT_INVALID.
absl::Status CheckWelcome(const v1::CommitBundle& bundle, size_t added);

}  // namespace enlace::server
