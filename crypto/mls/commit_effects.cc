#include "crypto/mls/commit_effects.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/tree_validation.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// In an external Commit the leaf of the path stands for a new member, or for the one that a resync
// removes, and must be acceptable as that member's successor (section 12.2).
absl::Status ValidatePathOwner(const CommitEffects& effects, const ProposalScope& scope,
                               const LeafNode& leaf) {
  const CommitSummary& summary = effects.summary;
  const CredentialValidator& credentials = *scope.rules.credentials;
  ENLACE_RETURN_IF_ERROR(credentials.ValidateLeaf(leaf));
  if (!summary.external) {
    const LeafNode& current = scope.tree.leaf(summary.committer);
    if (EqualBytes(leaf.encryption_key(), current.encryption_key())) {
      return InvalidArgument("path keeps the committer's encryption key");
    }
    return credentials.ValidateSuccessor(current, leaf);
  }
  if (!summary.removed.empty()) {
    const LeafNode& current = summary.removed.front().node;
    if (EqualBytes(leaf.encryption_key(), current.encryption_key())) {
      return InvalidArgument("path keeps the removed leaf's encryption key");
    }
    ENLACE_RETURN_IF_ERROR(credentials.ValidateSuccessor(current, leaf));
  }
  const BytesView joiner = credentials.ClientOf(leaf);
  if (joiner.empty()) return absl::OkStatus();
  absl::Status status;
  scope.tree.ForEachLeaf([&](LeafIndex index, const LeafNode& node) {
    const bool stays = summary.removed.empty() || summary.removed.front().leaf != index;
    if (stays && EqualBytes(credentials.ClientOf(node), joiner))
      status = InvalidArgument("joiner is in the group already");
    return status.ok();
  });
  return status;
}

}  // namespace

absl::StatusOr<CommitEffects> ApplyProposals(const RatchetTree& tree, const GroupContext& context,
                                             const ProposalList& list,
                                             std::optional<LeafIndex> committer) {
  CommitEffects out{TreeDiff(tree), context.extensions, {}, {}, false};
  CommitSummary& summary = out.summary;
  summary.epoch = context.epoch;
  summary.external = !committer;
  summary.psks = list.psks;
  if (list.reinit != nullptr) summary.reinit = *list.reinit;
  if (list.group_context_extensions != nullptr) {
    out.extensions = *list.group_context_extensions;
    summary.group_context_extensions = out.extensions;
    out.extensions_changed = true;
  }
  for (const auto& [leaf, node] : list.updates) {
    out.diff.Update(leaf, node);
    summary.updated.push_back({leaf, node});
  }
  for (LeafIndex leaf : list.removes) {
    summary.removed.push_back({leaf, tree.leaf(leaf)});
    out.diff.Remove(leaf);
  }
  for (const KeyPackage* add : list.adds) {
    ENLACE_ASSIGN_OR_RETURN(const LeafIndex leaf, out.diff.Add(add->leaf_node()));
    out.added.push_back(leaf);
    summary.added.push_back({leaf, add->leaf_node()});
  }
  std::sort(out.added.begin(), out.added.end());
  summary.committer = committer ? *committer : out.diff.NextFreeLeaf();
  return out;
}

absl::Status ApplyCommitPath(CommitEffects& effects, const ProposalScope& scope,
                             const UpdatePath& path) {
  const LeafIndex committer = effects.summary.committer;
  ENLACE_ASSIGN_OR_RETURN(const RequiredCapabilities required,
                          RequiredCapabilitiesOf(effects.extensions));
  LeafRules rules;
  rules.suite = scope.context.cipher_suite;
  rules.required = &required;
  rules.source = LeafNodeSource::kCommit;
  ENLACE_RETURN_IF_ERROR(ValidateLeafNode(path.leaf_node, rules));
  ENLACE_RETURN_IF_ERROR(
      path.leaf_node.VerifySignature({scope.context.group_id, committer}, scope.rules.verified));
  ENLACE_RETURN_IF_ERROR(ValidatePathOwner(effects, scope, path.leaf_node));
  if (effects.summary.external) {
    ENLACE_RETURN_IF_ERROR(effects.diff.Add(path.leaf_node).status());
  }
  ENLACE_RETURN_IF_ERROR(ApplyUpdatePath(effects.diff, committer, path, effects.added));
  effects.summary.updated.push_back({committer, path.leaf_node});
  return absl::OkStatus();
}

absl::Status FinishTree(const CommitEffects& effects) {
  ENLACE_RETURN_IF_ERROR(VerifyNewKeysUnique(effects.diff));
  return VerifyNewCapabilities(effects.diff, effects.extensions, effects.extensions_changed);
}

GroupContext ProvisionalContext(const GroupContext& before, const CommitEffects& effects) {
  GroupContext out = before;
  ++out.epoch;
  out.tree_hash = ToBytes(effects.diff.TreeHash());
  out.extensions = effects.extensions;
  return out;
}

}  // namespace enlace::mls
