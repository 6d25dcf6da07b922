#include "crypto/mls/tree_math.h"

#include <bit>
#include <cstdlib>

namespace enlace::mls {

uint32_t FullWidth(uint32_t leaves) { return leaves == 0 ? 0 : std::bit_ceil(leaves); }

uint32_t Level(NodeIndex node) { return static_cast<uint32_t>(std::countr_one(node)); }

namespace {

// The level of the root of the widest tree whose nodes can be counted in 32 bits.
constexpr uint32_t kMaxLevel = 31;

// The level of a node that has a parent in some tree; no other may ask for it.
uint32_t LevelBelowRoot(NodeIndex node) {
  const uint32_t level = Level(node);
  if (level >= kMaxLevel) std::abort();
  return level;
}

}  // namespace

NodeIndex Left(NodeIndex node) {
  if (IsLeaf(node) || Level(node) > kMaxLevel) std::abort();
  return node ^ (1u << (Level(node) - 1));
}

NodeIndex Right(NodeIndex node) {
  if (IsLeaf(node) || Level(node) > kMaxLevel) std::abort();
  return node ^ (3u << (Level(node) - 1));
}

NodeIndex Parent(NodeIndex node) {
  const uint32_t level = LevelBelowRoot(node);
  return (node | (1u << level)) & ~(2u << level);
}

NodeIndex Sibling(NodeIndex node) { return node ^ (2u << LevelBelowRoot(node)); }

LeafRange LeavesUnder(NodeIndex node) {
  const uint32_t level = Level(node);
  if (level > kMaxLevel) std::abort();
  const uint32_t reach = (1u << level) - 1;
  return {(node - reach) / 2, (node + reach) / 2};
}

NodeIndex CommonAncestor(LeafIndex a, LeafIndex b) {
  const uint32_t level = static_cast<uint32_t>(std::bit_width(a ^ b));
  if (level > kMaxLevel) std::abort();
  // The leaves of a subtree share the bits above its level; the node indices, one bit longer, do
  // too.
  const NodeIndex below = level == 0 ? 0 : ~0u >> (32 - level);
  return (NodeOf(a) & ~(below << 1 | 1)) | below;
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
