// The nodes of a tree in the order of their public keys: who holds a key, and whether one stands
// twice, without walking the tree.
//
// Promises the cost of a binary search for a question whatever keys a peer chooses, and four bytes
// for each node. The keys themselves stay in the tree, which is passed to every call and must show
// the listed nodes with the keys that they were listed with.
//
// Thread safety: as a vector's. Ownership: values.
#pragma once

#include <span>
#include <vector>

#include "crypto/mls/tree_view.h"

namespace enlace::mls {

class KeyOrder {
 public:
  enum class Kind { kEncryption, kSignature };

  explicit KeyOrder(Kind kind) : kind_(kind) {}

  // Lists every node of the tree that is not blank: for signature keys the leaves.
  void Build(const TreeView& tree);
  // Lists one more node, or drops one.
  void Insert(const TreeView& tree, NodeIndex node);
  void Erase(const TreeView& tree, NodeIndex node);

  // The nodes that hold `key`. Borrowed until the next change.
  std::span<const NodeIndex> Find(const TreeView& tree, BytesView key) const;
  // True when two nodes hold one key.
  bool HasRepetition(const TreeView& tree) const;

 private:
  BytesView KeyOf(const TreeView& tree, NodeIndex node) const;
  bool Lists(NodeIndex node) const { return kind_ == Kind::kEncryption || IsLeaf(node); }
  // Where a node with this key stands or belongs.
  std::vector<NodeIndex>::const_iterator PlaceOf(const TreeView& tree, NodeIndex node) const;

  Kind kind_;
  std::vector<NodeIndex> nodes_;  // By key, then by index.
};

}  // namespace enlace::mls
