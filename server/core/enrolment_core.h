// Enrolment: invitations, the requests of machines, and their settlement by an administrator of the
// same authority.
//
// The server recognises an invitation by an id that is derived from its code; it can't judge the
// request's MAC or words and changes nothing of the request. Promises that an invitation is used by
// one machine: the same request again is answered as the first time, another is refused and told
// when the first came. An approval publishes and settles in one batch.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/enrolment.pb.h"
#include "server/core/caller.h"
#include "server/core/group_overlay.h"
#include "server/core/registry_core.h"

namespace enlace::server {

class EnrolmentCore {
 public:
  EnrolmentCore(GroupOverlay& store, RegistryCore& registry) : store_(store), registry_(registry) {}

  // INVITATION_UNKNOWN, INVITATION_SPENT (expired, used by another machine with the time,
  // rejected), MALFORMED_REQUEST.
  absl::Status Request(const v1::RequestEnrolmentRequest& request, int64_t now_ms,
                       v1::RequestEnrolmentResponse& answer);

  // ROLE_MISSING unless the caller is an admin. LIMIT_EXCEEDED for too many open ones,
  // MALFORMED_REQUEST.
  absl::Status CreateInvitation(const Caller& caller, const v1::CreateInvitationRequest& request,
                                int64_t now_ms);
  // Errors of RegistryCore::Append; INVITATION_UNKNOWN for one of another authority;
  // REGISTRY_ENTRY_INVALID when no entry admits the device that asked with the keys that it asked
  // for.
  absl::Status Approve(const Caller& caller, const v1::ApproveEnrolmentRequest& request,
                       int64_t now_ms, v1::ApproveEnrolmentResponse& answer);
  absl::Status Reject(const Caller& caller, const v1::RejectEnrolmentRequest& request,
                      int64_t now_ms);

  // Deletes what was settled or expired 30 days ago; at most `count_max`. Gives how many.
  absl::StatusOr<size_t> Expire(int64_t now_ms, size_t count_max);

 private:
  absl::StatusOr<store::v1::StoredInvitation> ReadOwn(const Caller& caller,
                                                      std::string_view id) const;

  GroupOverlay& store_;
  RegistryCore& registry_;
};

}  // namespace enlace::server
