// A change of a ratchet tree that is being prepared (RFC 9420 sections 7.5, 7.7, 12.1, 12.4.2).
//
// A TreeDiff shows the tree as it will be and leaves the tree below untouched. It holds the nodes
// that differ and nothing else; hashes are computed when asked for, along the changed paths only.
// Adding many leaves costs the same per leaf as adding one. Take() ends it as a TreeChange, which
// no longer borrows the tree and can wait, be merged or be dropped; Resume() goes on from one.
//
// Thread safety: one thread, also for const methods (hashes are computed on demand).
// Ownership: borrows the base, which must neither change nor move while the diff lives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_view.h"

namespace enlace::mls {

class TreeDiff final : public TreeView {
 public:
  explicit TreeDiff(const RatchetTree& base);
  // The tree after `change`, which was made on `base` as it stands (CHECKed).
  static TreeDiff Resume(const RatchetTree& base, TreeChange&& change);

  // Adds a leaf at the leftmost blank place or, when there is none, doubles the tree
  // (section 12.1.1): the leaf enters the unmerged leaves of every parent above it.
  // RESOURCE_EXHAUSTED past kTreeLeavesMax.
  absl::StatusOr<LeafIndex> Add(const LeafNode& leaf);
  // Replaces a leaf and blanks its direct path (section 12.1.2). CHECKs that the leaf is not blank.
  void Update(LeafIndex index, const LeafNode& leaf);
  // Blanks a leaf and its direct path and drops right halves that are wholly blank
  // (section 12.1.3). CHECKs that the leaf is not blank.
  void Remove(LeafIndex index);

  // Blanks the sender's direct path, sets the keys of its filtered direct path (one for each step,
  // in its order; CHECKed) with empty lists of unmerged leaves, and computes their parent hashes
  // from the root down (section 7.5). The leaf itself is not touched. Returns the parent hash that
  // the sender's leaf must carry.
  ParentHash SetPath(LeafIndex sender, std::span<const HpkePublicKey> keys);
  // Replaces a leaf and nothing else: the committer's own leaf.
  void SetLeaf(LeafIndex index, const LeafNode& leaf);

  // What Add() will return next.
  LeafIndex NextFreeLeaf() const;

  // Positions whose contents differ from the base, in no order; cut-off ones are not among them.
  std::vector<NodeIndex> ChangedNodes() const;
  const RatchetTree& base() const { return base_; }
  // True when the contents of the base still stand at this node of it.
  bool KeepsBase(NodeIndex node) const;
  // True when a node other than `except` holds this encryption key in the tree as it will be.
  bool HoldsEncryptionKey(BytesView key, std::optional<NodeIndex> except) const;
  // How many leaves will present a credential of each type, as RatchetTree::credential_uses().
  std::map<uint16_t, uint32_t> CredentialUses() const;

  uint32_t leaf_width() const override { return change_.leaf_width_; }
  const LeafNode& leaf(LeafIndex leaf) const override;
  const ParentNode* parent(NodeIndex node) const override;
  const crypto::Digest& hash(NodeIndex node) const override;

  // The difference, with the new tree hash. The diff is then spent. CHECKs that a leaf is left.
  TreeChange Take() &&;

 private:
  using Entry = TreeChange::Entry;

  const Entry* Find(NodeIndex node) const;
  bool InBase(NodeIndex node) const;
  Entry& Touch(NodeIndex node) const;
  Entry& TouchContent(NodeIndex node);
  void MarkAbove(NodeIndex node);
  void BlankPath(LeafIndex index);
  void Extend(uint32_t leaf_width);
  void Truncate();

  const RatchetTree& base_;
  // Hashes in the entries are filled in on demand, and entries are added for them.
  mutable TreeChange change_;
  mutable std::vector<uint32_t> slots_;  // By NodeIndex: 1 + position in the entries, or 0.
  LeafIndex free_hint_ = 0;              // No leaf before this one is blank.
};

// The parent hash of `parent` (section 7.9) with this copath child's original tree hash.
crypto::Digest ComputeParentHash(const ParentNode& parent,
                                 const crypto::Digest& original_sibling_tree_hash);

}  // namespace enlace::mls
