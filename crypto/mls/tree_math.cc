#include "crypto/mls/tree_math.h"

#include <bit>
#include <cstdlib>

namespace enlace::mls {

uint32_t FullWidth(uint32_t leaves) { return leaves == 0 ? 0 : std::bit_ceil(leaves); }

uint32_t Level(NodeIndex node) { return static_cast<uint32_t>(std::countr_one(node)); }

NodeIndex Left(NodeIndex node) {
  if (IsLeaf(node)) std::abort();
  return node ^ (1u << (Level(node) - 1));
}

NodeIndex Right(NodeIndex node) {
  if (IsLeaf(node)) std::abort();
  return node ^ (3u << (Level(node) - 1));
}

NodeIndex Parent(NodeIndex node) {
  const uint32_t level = Level(node);
  return (node | (1u << level)) & ~(1u << (level + 1));
}

NodeIndex Sibling(NodeIndex node) { return node ^ (1u << (Level(node) + 1)); }

LeafRange LeavesUnder(NodeIndex node) {
  const uint32_t reach = (1u << Level(node)) - 1;
  return {(node - reach) / 2, (node + reach) / 2};
}

NodeIndex CommonAncestor(LeafIndex a, LeafIndex b) {
  const uint32_t level = static_cast<uint32_t>(std::bit_width(a ^ b));
  const NodeIndex first = NodeOf(a) >> (level + 1) << (level + 1);
  return first | ((1u << level) - 1);
}

std::vector<NodeIndex> DirectPath(LeafIndex leaf, uint32_t width) {
  if (leaf >= width) std::abort();
  std::vector<NodeIndex> path;
  for (NodeIndex node = NodeOf(leaf); node != Root(width);) {
    node = Parent(node);
    path.push_back(node);
  }
  return path;
}

std::vector<NodeIndex> Copath(LeafIndex leaf, uint32_t width) {
  if (leaf >= width) std::abort();
  std::vector<NodeIndex> path;
  for (NodeIndex node = NodeOf(leaf); node != Root(width); node = Parent(node)) {
    path.push_back(Sibling(node));
  }
  return path;
}

}  // namespace enlace::mls
