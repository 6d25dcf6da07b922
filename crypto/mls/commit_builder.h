// Making a Commit, RFC 9420 section 12.4.1: the part that members and external joiners share.
//
// Promises that nothing of the group changes: the result holds the next epoch beside the group,
// until the Commit is accepted. Framing (membership tag or encryption) and keeping the result is
// the Group's business.
//
// Thread safety: one thread. Ownership: borrows the group, the keys and the rules for its own life.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/commit_effects.h"
#include "crypto/mls/group_types.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/psk.h"
#include "crypto/mls/public_group.h"
#include "crypto/mls/treekem.h"
#include "crypto/primitives/rng.h"

namespace enlace::mls {

struct CommitRequest {
  std::vector<ProposalOrRef> items;    // As they stand in the Commit.
  std::vector<ProposalEntry> entries;  // The same, resolved; may point into `items`.
  std::optional<LeafIndex> committer;  // Absent for an external Commit.
  WireFormat wire_format = WireFormat::kPublicMessage;
  bool force_path = false;
  Bytes authenticated_data;
  LeafNodeFields leaf;  // Of the committer, to be completed for the path.
  const crypto::SigningKey* content_key =
      nullptr;  // Signs the message: the key of the leaf as it stands.
  const crypto::SigningKey* leaf_key = nullptr;  // Signs the new leaf and GroupInfos.
  const PrivateTree* private_tree = nullptr;     // Null for an external Commit.
  BytesView init_secret;       // Of the epoch that ends, or of the external initialisation.
  std::vector<PskInput> psks;  // In the order of the list's PreSharedKey proposals.
};

// A made Commit with the epoch that it leads to.
struct BuiltCommit {
  AuthenticatedContent content;
  CommitEffects effects;
  ProposalList list;
  GroupContext context;             // Of the next epoch.
  std::optional<PathSecrets> path;  // Present until TakePrivateTree.
  JoinerSecrets joiner;
  SecretBytes epoch_secret;
  EpochSecrets secrets;
};

class CommitBuilder {
 public:
  CommitBuilder(const PublicGroup& before, const ValidationRules& rules, crypto::Rng& rng)
      : before_(before), rules_(rules), rng_(rng) {}

  // INVALID_ARGUMENT when the proposal list or the tree that it leads to is not valid; the policy's
  // error as it is.
  absl::StatusOr<BuiltCommit> Build(CommitRequest& request) const;

  // The Welcome for everybody whom the Commit adds.
  absl::StatusOr<Welcome> MakeWelcome(const BuiltCommit& built, const CommitOptions& options,
                                      const crypto::SigningKey& key) const;

 private:
  absl::StatusOr<UpdatePath> MakePath(const CommitRequest& request, CommitEffects& effects,
                                      std::optional<PathSecrets>& secrets) const;

  const PublicGroup& before_;
  const ValidationRules& rules_;
  crypto::Rng& rng_;
};

// A signed GroupInfo of an epoch (section 12.4.3).
struct GroupInfoRequest {
  const GroupContext& context;
  BytesView confirmation_tag;
  const ExtensionList& extensions;
  const TreeView* tree = nullptr;          // Not null: adds the ratchet_tree extension.
  const EpochSecrets* external = nullptr;  // Not null: adds external_pub.
  LeafIndex signer = 0;
  const crypto::SigningKey& key;
};
GroupInfo MakeSignedGroupInfo(const GroupInfoRequest& request);

}  // namespace enlace::mls
