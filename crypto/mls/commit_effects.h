// What a valid proposal list and a path do to the public state (RFC 9420 sections 12.3 and 12.4).
//
// The creator of a Commit and everybody who processes it run the same steps: ApplyProposals, then
// the path, then FinishTree, which judges the tree as it will be. The group itself does not change;
// the result is a TreeDiff.
//
// Thread safety: functions without state. Ownership: the diff borrows the group's tree.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/tree_diff.h"

namespace enlace::mls {

struct CommitEffects {
  TreeDiff diff;
  ExtensionList extensions;         // Of the next GroupContext.
  std::vector<LeafIndex> added;     // Ascending: the leaves that path secrets are not encrypted to.
  CommitSummary summary;            // Without the committer's own leaf until the path is set.
  bool extensions_changed = false;  // `extensions` are not those of the epoch that ends.
};

// Applies the list in the order of section 12.3 and, for an external Commit, finds the joiner's
// leaf. `committer` is absent for an external Commit; its leaf is then summary.committer, which is
// still blank.
absl::StatusOr<CommitEffects> ApplyProposals(const RatchetTree& tree, const GroupContext& context,
                                             const ProposalList& list,
                                             std::optional<LeafIndex> committer);

// Validates the path of a received Commit (sections 7.3, 12.4.2) and applies its public half.
// `tree` is the tree before.
absl::Status ApplyCommitPath(CommitEffects& effects, const ProposalScope& scope,
                             const UpdatePath& path);

// Judges the tree as it will be: unique keys, capabilities of all members (sections 7.3, 12.2).
absl::Status FinishTree(const CommitEffects& effects);

// The next GroupContext but for its confirmed_transcript_hash, which stays the old one: the
// provisional GroupContext.
GroupContext ProvisionalContext(const GroupContext& before, const CommitEffects& effects);

}  // namespace enlace::mls
