// What a ratchet tree shows of itself, and what can be computed from that: resolutions and paths
// (RFC 9420 sections 4.1 and 7.1).
//
// A RatchetTree and a TreeDiff on top of one are both views. A node is blank or holds a LeafNode or
// a ParentNode. Positions must lie in the tree (CHECKed); what a peer names is compared with
// leaf_width() before.
//
// Thread safety: const methods may be called by several threads while nobody changes the tree.
// Ownership: everything returned by pointer or view is borrowed until the next change.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "crypto/mls/leaf_node.h"
#include "crypto/mls/tree_math.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/sha256.h"

namespace enlace::mls {

using HpkePublicKey = std::array<uint8_t, crypto::kHpkePublicKeyBytes>;

// A parent hash: empty (for a node with no parent above it that is not blank) or kHashBytes bytes.
class ParentHash {
 public:
  ParentHash() = default;
  explicit ParentHash(const crypto::Digest& digest) : digest_(digest), present_(true) {}

  BytesView view() const { return {digest_.data(), present_ ? digest_.size() : 0}; }
  bool empty() const { return !present_; }
  friend bool operator==(const ParentHash&, const ParentHash&) = default;

 private:
  crypto::Digest digest_{};
  bool present_ = false;
};

// ParentNode, section 7.1.
struct ParentNode {
  HpkePublicKey encryption_key{};
  ParentHash parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  // Ascending, without repetition.

  friend bool operator==(const ParentNode&, const ParentNode&) = default;
};

class TreeView {
 public:
  virtual ~TreeView() = default;

  // Leaves of the full tree, blank ones included: a power of two, or 0 before the first leaf.
  virtual uint32_t leaf_width() const = 0;
  // The leaf; one that is not present() when it is blank.
  virtual const LeafNode& leaf(LeafIndex leaf) const = 0;
  // The parent node; null when it is blank.
  virtual const ParentNode* parent(NodeIndex node) const = 0;
  // The tree hash of the subtree under the node (section 7.8). Borrowed until the next call of
  // hash() or the next change: a TreeDiff computes hashes on demand.
  virtual const crypto::Digest& hash(NodeIndex node) const = 0;

  uint32_t node_width() const { return NodeWidth(leaf_width()); }
  bool HasLeaf(LeafIndex index) const { return index < leaf_width() && leaf(index).present(); }
  bool IsBlank(NodeIndex node) const;
  // Public key of a node; CHECKs that it is not blank.
  BytesView EncryptionKey(NodeIndex node) const;
  // Hash of the whole tree. CHECKs that there is a leaf.
  const crypto::Digest& TreeHash() const { return hash(Root(leaf_width())); }

  // Leaves that are not blank.
  size_t MemberCount() const;
  // Calls `visit` for each of them in ascending order; it returns false to stop.
  void ForEachLeaf(const std::function<bool(LeafIndex, const LeafNode&)>& visit) const;

  // The resolution of a node (section 4.1.1), from left to right.
  std::vector<NodeIndex> Resolution(NodeIndex node) const;
  // True when the resolution of the node is empty, that is, when no leaf under it is present: a
  // parent that is not blank has a leaf under it.
  bool ResolutionEmpty(NodeIndex node) const;

  // One step of a filtered direct path (section 4.1.2): a parent whose child on the copath has a
  // resolution that is not empty.
  struct PathStep {
    NodeIndex node;
    NodeIndex copath_child;
  };
  // From the lowest step to the root's; empty when the leaf is alone.
  std::vector<PathStep> FilteredDirectPath(LeafIndex leaf) const;

 private:
  void AppendResolution(NodeIndex node, std::vector<NodeIndex>& out) const;
};

// ParentNode on the wire.
void WriteParentNode(const ParentNode& node, codec::Writer& out);

// TreeHashInput of a parent (section 7.8), hashed. That of a leaf is in leaf_node.h.
crypto::Digest ParentTreeHash(const ParentNode* node, const crypto::Digest& left,
                              const crypto::Digest& right);

}  // namespace enlace::mls
