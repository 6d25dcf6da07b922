// A Commit that was found valid in public terms and is not applied yet.
//
// PublicGroup::StageCommit makes it, PublicGroup::Merge applies it; dropping it has no effect. In
// between the secret half decrypts the path and checks the confirmation tag against what stands
// here.
//
// Thread safety: as a vector's. Ownership: borrows the group that made it and the Commit's content;
// both outlive it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "crypto/mls/commit_effects.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/tree_diff.h"

namespace enlace::mls {

class StagedCommit {
 public:
  const CommitSummary& summary() const { return effects_.summary; }
  // The GroupContext under which path secrets are encrypted (section 12.4.2).
  const GroupContext& provisional_context() const { return provisional_; }
  // The GroupContext of the next epoch.
  const GroupContext& next_context() const { return next_; }
  BytesView confirmation_tag() const { return confirmation_tag_; }
  // The tree after the Commit.
  const TreeView& next_tree() const { return effects_.diff; }
  // Leaves that the Commit adds, ascending; path secrets are not encrypted to them.
  std::span<const LeafIndex> added() const { return effects_.added; }
  // Null when the Commit has none. Borrowed from the content.
  const UpdatePath* path() const { return path_; }
  // The kem_output of an external Commit's ExternalInit; empty for a member's. Borrowed from the
  // content.
  BytesView external_init() const { return external_init_; }

 private:
  friend class PublicGroup;

  StagedCommit(CommitEffects effects, GroupContext provisional)
      : effects_(std::move(effects)), provisional_(std::move(provisional)) {}

  CommitEffects effects_;
  GroupContext provisional_;
  GroupContext next_;
  Bytes confirmation_tag_;
  const UpdatePath* path_ = nullptr;
  BytesView external_init_;
};

}  // namespace enlace::mls
