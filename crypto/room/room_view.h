// What room_rules.h needs of an MLS group, read from its public half.
//
// Promises that a leaf counts only by the one certificate that it presents, and that any use of MLS
// that rooms don't make (Update proposals, pre-shared keys, ReInit, other extensions) is seen as
// such. That a leaf's signature key is its certificate's is the CredentialValidator's business.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/public_group.h"
#include "crypto/room/room_rules.h"

namespace enlace::room {

// Fingerprint of the certificate of a leaf: INVALID_ARGUMENT unless its credential is x509 with
// exactly one certificate.
absl::StatusOr<merkle::Hash> CertificateOfLeaf(const mls::LeafNode& leaf);

// The room as it stands. `mark` is that of the commit that began the epoch. INVALID_ARGUMENT when
// policy or guard commitment are missing or malformed, or a leaf is not a device's.
absl::StatusOr<RoomState> ViewGroup(const mls::PublicGroup& group, const HeadMark& mark);

// The commit as the rules see it; `before` is the group that it starts from. INVALID_ARGUMENT
// likewise, and for authenticated_data that is no CommitContext.
absl::StatusOr<CommitSummary> ViewCommit(const mls::CommitSummary& commit,
                                         const mls::PublicGroup& before);

}  // namespace enlace::room
