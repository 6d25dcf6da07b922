// What the application, in the role of the Authentication Service, decides about credentials (RFC
// 9420 section 5.3).
//
// The library checks structure, signatures and capabilities; who may be whom it asks here. Promises
// that every leaf that enters a group is asked about before any state changes: by Add, Update, a
// Commit's path, an external join, and all leaves of a tree that is joined.
//
// Thread safety: methods are const and may be called by several threads when groups are used by
// several. Ownership: passed as a pointer that outlives the call.
#pragma once

#include "absl/status/status.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/welcome.h"

namespace enlace::mls {

class CredentialValidator {
 public:
  virtual ~CredentialValidator() = default;

  // Whether the credential of `leaf` vouches for its signature key. An error refuses the message.
  virtual absl::Status ValidateLeaf(const LeafNode& leaf) const = 0;

  // Whether `successor` presents identifiers that are acceptable for the member that `current`
  // stands for: an Update, a path leaf, the removed leaf of a resync
  // (sections 5.3.1, 12.1.2, 12.2).
  virtual absl::Status ValidateSuccessor(const LeafNode& current,
                                         const LeafNode& successor) const = 0;

  // What tells the client of a leaf from all others: leaves with the same bytes represent the same
  // client, which may stand in a group once only (section 12.2). Empty for a client of its own.
  // Borrowed: gone with the leaf or the validator.
  virtual BytesView ClientOf(const LeafNode& leaf) const = 0;
  // Whether two leaves represent the same client.
  bool SameClient(const LeafNode& a, const LeafNode& b) const;

  // Whether an entry of external_senders is acceptable (section 12.1.8.1).
  virtual absl::Status ValidateExternalSender(const ExternalSender& sender) const = 0;
};

// Accepts every credential as it stands; a successor must present the very same credential; clients
// are told apart by their signature keys. For tests, benchmarks and a tree whose leaves the caller
// has judged itself.
class StructuralCredentialValidator final : public CredentialValidator {
 public:
  absl::Status ValidateLeaf(const LeafNode& leaf) const override;
  absl::Status ValidateSuccessor(const LeafNode& current, const LeafNode& successor) const override;
  BytesView ClientOf(const LeafNode& leaf) const override;
  absl::Status ValidateExternalSender(const ExternalSender& sender) const override;
};

}  // namespace enlace::mls
