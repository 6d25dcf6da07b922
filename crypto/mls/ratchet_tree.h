// The public ratchet tree of a group, RFC 9420 section 7.
//
// Leaves and parents lie in flat arrays with the hash of every subtree beside them. The tree never
// changes in part: every change is prepared as a TreeDiff (tree_diff.h) on top of the unchanged
// tree and enters by Merge(), so that a failed or pending commit costs nothing and copies nothing.
//
// Invariants:
//  1. The width is 0 or a power of two up to kTreeLeavesMax, and the right half of a tree of more
//     than one leaf is not wholly blank (section 7.7).
//  2. Unmerged leaves are ascending, lie under their node and are not blank; leaves below them in a
//     parent of the same tree list them too (section 7.1, 7.9).
//  3. Every hash is that of the subtree as it stands.
//  4. The orders by key and the counts are those of the nodes as they stand.
// Parse() promises these; it says nothing about signatures, parent hashes and keys: see
// tree_validation.h.
// Thread safety: as a vector's. Ownership: owns the nodes; bodies of leaves are shared values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/key_order.h"
#include "crypto/mls/tree_view.h"

namespace enlace::mls {

// What a TreeDiff changed: the small difference between two trees. Opaque but for its size; enters
// the tree that it was made on by RatchetTree::Merge.
class TreeChange {
 public:
  uint32_t leaf_width() const { return leaf_width_; }
  // Tree hash after the change.
  const crypto::Digest& tree_hash() const { return tree_hash_; }

 private:
  friend class RatchetTree;
  friend class TreeDiff;

  struct Entry {
    NodeIndex node = 0;
    // Contents differ from the base (else only the hash does, because something below changed).
    bool content = false;
    bool hashed = false;
    bool dropped = false;  // Cut off with the right half of a tree.
    LeafNode leaf;
    std::optional<ParentNode> parent;
    crypto::Digest hash{};
  };

  uint32_t leaf_width_ = 0;
  uint32_t base_leaf_width_ = 0;
  // Leaves of the base that still stand: fewer than either width when a tree shrank and grew again.
  uint32_t kept_leaf_width_ = 0;
  crypto::Digest base_hash_{};
  crypto::Digest tree_hash_{};
  std::vector<Entry> entries_;
};

class RatchetTree final : public TreeView {
 public:
  // Without any leaf; a TreeDiff adds the first.
  RatchetTree() = default;

  // From the content of the ratchet_tree vector of section 12.4.3.3: `extension_data` is the vector
  // with its length. INVALID_ARGUMENT when malformed, larger than kTreeLeavesMax, ending in a blank
  // node, with a leaf where a parent stands or the reverse, or against invariant 2.
  static absl::StatusOr<RatchetTree> Parse(BytesView extension_data);
  // The ratchet_tree vector with its length, without trailing blank nodes.
  Bytes Serialize() const;

  // Of a saved node: `optional<Node>` without the presence octet; empty for a blank node.
  Bytes SerializeNode(NodeIndex node) const;
  // A tree of `leaf_width` leaves from the nodes that are not blank, in any order. INVALID_ARGUMENT
  // as Parse.
  struct SavedNode {
    NodeIndex node;
    BytesView bytes;
  };
  static absl::StatusOr<RatchetTree> FromNodes(uint32_t leaf_width,
                                               std::span<const SavedNode> nodes);
  // Nodes whose contents changed since the last call (all that are not blank, after Parse),
  // ascending, each once; those that no longer lie in the tree are among them. Persisting them and
  // leaf_width() persists the tree.
  std::vector<NodeIndex> TakeChangedNodes();

  // Applies the change. CHECKs that it was made on the tree as it stands.
  void Merge(TreeChange&& change);

  // The nodes that hold an encryption key, the leaves that hold a signature key (as node indices):
  // more than one only in a tree that VerifyUniqueKeys refuses. Borrowed until the next change.
  std::span<const NodeIndex> NodesWithEncryptionKey(BytesView key) const;
  std::span<const NodeIndex> LeavesWithSignatureKey(BytesView key) const;
  // The first leaf with the key.
  std::optional<LeafIndex> FindBySignatureKey(BytesView key) const;
  std::optional<LeafIndex> FindByEncryptionKey(BytesView key) const;
  // False when a key stands at two nodes.
  bool KeysAreUnique() const;

  // How many leaves present a credential of each type; types in no use may stand there with 0.
  const std::map<uint16_t, uint32_t>& credential_uses() const { return credential_uses_; }

  uint32_t leaf_width() const override { return static_cast<uint32_t>(leaves_.size()); }
  const LeafNode& leaf(LeafIndex leaf) const override;
  const ParentNode* parent(NodeIndex node) const override;
  const crypto::Digest& hash(NodeIndex node) const override;

 private:
  friend class TreeReader;

  void Resize(uint32_t leaf_width);
  void HashParents();
  void CompactChanged();
  // Enters the node, which is not blank, into the orders and counts, or takes it out.
  void Enlist(NodeIndex node);
  void Delist(NodeIndex node);
  // Orders and counts of the tree as it was read.
  void EnlistAll();

  std::vector<LeafNode> leaves_;
  std::vector<std::optional<ParentNode>> parents_;  // Node 2i + 1 is parents_[i].
  std::vector<crypto::Digest> hashes_;              // By NodeIndex.
  KeyOrder encryption_keys_{KeyOrder::Kind::kEncryption};
  KeyOrder signature_keys_{KeyOrder::Kind::kSignature};
  std::map<uint16_t, uint32_t> credential_uses_;
  std::vector<NodeIndex> changed_;  // Since TakeChangedNodes(), with repetitions.
};

}  // namespace enlace::mls
