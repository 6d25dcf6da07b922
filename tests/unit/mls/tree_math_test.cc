#include "crypto/mls/tree_math.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace enlace::mls {
namespace {

TEST(TreeMath, EveryNodeIsAChildOfItsParent) {
  for (const uint32_t width : {2u, 4u, 64u, 1024u}) {
    for (NodeIndex node = 0; node < NodeWidth(width); ++node) {
      if (node == Root(width)) continue;
      const NodeIndex parent = Parent(node);
      ASSERT_LT(parent, NodeWidth(width));
      ASSERT_TRUE(Left(parent) == node || Right(parent) == node);
      ASSERT_EQ(Sibling(node), Left(parent) == node ? Right(parent) : Left(parent));
    }
  }
}

TEST(TreeMath, FullWidth_IsTheNextPowerOfTwo) {
  EXPECT_EQ(FullWidth(0), 0u);
  EXPECT_EQ(FullWidth(1), 1u);
  EXPECT_EQ(FullWidth(5), 8u);
  EXPECT_EQ(FullWidth(8), 8u);
  EXPECT_EQ(FullWidth(9), 16u);
}

TEST(TreeMath, LeavesUnder_AreTheLeavesWhoseDirectPathHasTheNode) {
  constexpr uint32_t kWidth = 32;
  for (NodeIndex node = 1; node < NodeWidth(kWidth); node += 2) {
    for (LeafIndex leaf = 0; leaf < kWidth; ++leaf) {
      const std::vector<NodeIndex> path = DirectPath(leaf, kWidth);
      const bool on_path = std::find(path.begin(), path.end(), node) != path.end();
      ASSERT_EQ(LeavesUnder(node).Contains(leaf), on_path) << node << ' ' << leaf;
    }
  }
  EXPECT_EQ(LeavesUnder(6).first, 3u);
  EXPECT_EQ(LeavesUnder(6).last, 3u);
}

TEST(TreeMath, CommonAncestor_IsTheFirstSharedNodeOfBothPaths) {
  constexpr uint32_t kWidth = 32;
  for (LeafIndex a = 0; a < kWidth; ++a) {
    EXPECT_EQ(CommonAncestor(a, a), NodeOf(a));
    for (LeafIndex b = 0; b < kWidth; ++b) {
      if (a == b) continue;
      const std::vector<NodeIndex> path = DirectPath(a, kWidth);
      const auto shared = std::find_if(
          path.begin(), path.end(), [b](NodeIndex node) { return LeavesUnder(node).Contains(b); });
      ASSERT_EQ(CommonAncestor(a, b), *shared);
    }
  }
}

TEST(TreeMath, Copath_HoldsTheSiblingsBelowTheDirectPath) {
  const std::vector<NodeIndex> direct = DirectPath(5, 8);
  const std::vector<NodeIndex> copath = Copath(5, 8);
  EXPECT_EQ(direct, (std::vector<NodeIndex>{9, 11, 7}));
  EXPECT_EQ(copath, (std::vector<NodeIndex>{8, 13, 3}));
  EXPECT_TRUE(DirectPath(0, 1).empty());
  EXPECT_TRUE(Copath(0, 1).empty());
}

}  // namespace
}  // namespace enlace::mls
