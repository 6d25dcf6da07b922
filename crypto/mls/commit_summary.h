// What a Commit does to a group, in public terms, and the rules under which one is judged.
//
// Thread safety: as a value's. Ownership: values; the pointers of ValidationRules outlive the call
// they are passed to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "crypto/mls/credential_validator.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/signature_cache.h"

namespace enlace::mls {

class PublicGroup;

// A leaf by position, with the LeafNode that stands, stood or will stand there.
struct Member {
  LeafIndex leaf = 0;
  LeafNode node;
};

struct CommitSummary {
  uint64_t epoch = 0;       // The epoch that the Commit starts from; it leads to epoch + 1.
  LeafIndex committer = 0;  // Its leaf; of an external joiner the leaf that it takes.
  bool external = false;    // Sent by new_member_commit.
  std::vector<Member>
      added;  // By Add proposals, in the order of the list, at the leaves they take.
  std::vector<Member> removed;  // As they stood before; of a resync, the joiner's old leaf.
  std::vector<Member>
      updated;  // As they stand after: Update proposals and, last, the committer's path leaf.
  std::vector<PreSharedKeyId> psks;
  std::optional<ExtensionList>
      group_context_extensions;  // The new ones, when the Commit changes them.
  std::optional<ReInit> reinit;
  Bytes authenticated_data;
};

// Judges a Commit that is valid by RFC 9420 against the application's policy, before anything
// changes. `before` is the group in the epoch that the Commit starts from. Any error makes the
// Commit invalid.
using CommitPolicy =
    std::function<absl::Status(const CommitSummary& commit, const PublicGroup& before)>;

struct ValidationRules {
  const CredentialValidator* credentials = nullptr;  // Required.
  // Unix time in seconds at which lifetimes of added key packages are judged; absent = not judged
  // here, for replicas that must reach the same verdict whatever their clock says (section 7.3 asks
  // it of the one who adds).
  std::optional<uint64_t> now_s;
  // Leaf signatures that were verified before are not verified again. May be null.
  SignatureCache* verified = nullptr;
  CommitPolicy policy;  // May be empty.
};

}  // namespace enlace::mls
