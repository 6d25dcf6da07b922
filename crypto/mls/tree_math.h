// Positions in a ratchet tree as an array, RFC 9420 appendix C.
//
// A tree is always full: its width, the number of leaves, is a power of two. Leaf i is node 2i, and
// the level of a node is the number of trailing one bits of its index. Nothing here knows what the
// nodes contain.
//
// Promises constant-time arithmetic without allocation, except where a vector is returned. Indices
// must lie in a tree of at most 2^31 leaves; an index outside every such tree, or a question that
// has no answer there (the sibling of its root), ends the process. A parser compares an index that
// a peer sent with the width before it asks anything here.
//
// Thread safety: functions without state.
#pragma once

#include <cstdint>
#include <vector>

namespace enlace::mls {

// Position among the leaves, and position among all nodes.
using LeafIndex = uint32_t;
using NodeIndex = uint32_t;

inline constexpr NodeIndex NodeOf(LeafIndex leaf) { return 2 * leaf; }
inline constexpr bool IsLeaf(NodeIndex node) { return (node & 1) == 0; }
// Of a leaf node only.
inline constexpr LeafIndex LeafOf(NodeIndex node) { return node / 2; }

// Number of nodes of a tree with `width` leaves; 0 for a tree without leaves.
inline constexpr uint32_t NodeWidth(uint32_t width) { return width == 0 ? 0 : 2 * width - 1; }
// The smallest width that is a power of two and at least `leaves`; 0 for 0.
uint32_t FullWidth(uint32_t leaves);

// 0 for a leaf.
uint32_t Level(NodeIndex node);
// Of a tree with at least one leaf.
inline constexpr NodeIndex Root(uint32_t width) { return width - 1; }
// Of a parent node only.
NodeIndex Left(NodeIndex node);
NodeIndex Right(NodeIndex node);
// Of any node; above the root it goes on as if the tree were larger, so ask before.
NodeIndex Parent(NodeIndex node);
// The other child of the parent; not for the root.
NodeIndex Sibling(NodeIndex node);

// The leaves under a node: first to last, both included. A leaf covers itself.
struct LeafRange {
  LeafIndex first;
  LeafIndex last;
  constexpr bool Contains(LeafIndex leaf) const { return first <= leaf && leaf <= last; }
};
LeafRange LeavesUnder(NodeIndex node);

// The lowest node that has both leaves under it.
NodeIndex CommonAncestor(LeafIndex a, LeafIndex b);

// Parents of the leaf from the lowest to the root, and the siblings of the nodes below each of
// them, in the same order (RFC 9420 section 4.1.1). Both are empty for a tree of one leaf.
std::vector<NodeIndex> DirectPath(LeafIndex leaf, uint32_t width);
std::vector<NodeIndex> Copath(LeafIndex leaf, uint32_t width);

}  // namespace enlace::mls
