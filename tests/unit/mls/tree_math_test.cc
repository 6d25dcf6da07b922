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

// The widest tree has 2^31 leaves: its last node is 2^32 - 2 and its root 2^31 - 1.
TEST(TreeMath, WidestTree_IsCountedWithoutOverflow) {
  constexpr uint32_t kWidth = 1u << 31;
  EXPECT_EQ(Level(Root(kWidth)), 31u);
  EXPECT_EQ(Left(Root(kWidth)), 0x3fffffffu);
  EXPECT_EQ(Right(Root(kWidth)), 0xbfffffffu);
  EXPECT_EQ(Parent(0x3fffffffu), Root(kWidth));
  EXPECT_EQ(Parent(0xbfffffffu), Root(kWidth));
  EXPECT_EQ(Sibling(0x3fffffffu), 0xbfffffffu);
  EXPECT_EQ(LeavesUnder(Root(kWidth)).first, 0u);
  EXPECT_EQ(LeavesUnder(Root(kWidth)).last, kWidth - 1);
  EXPECT_EQ(CommonAncestor(0, kWidth - 1), Root(kWidth));
  EXPECT_EQ(CommonAncestor(kWidth / 2, kWidth - 1), 0xbfffffffu);
  EXPECT_EQ(DirectPath(kWidth - 1, kWidth).size(), 31u);
}

TEST(TreeMathDeathTest, WithoutAnAnswer_EndsTheProcess) {
  const NodeIndex above_every_tree = ~0u;
  EXPECT_DEATH(Left(0), "");
  EXPECT_DEATH(Right(2), "");
  EXPECT_DEATH(Left(above_every_tree), "");
  EXPECT_DEATH(Right(above_every_tree), "");
  EXPECT_DEATH(LeavesUnder(above_every_tree), "");
  for (const NodeIndex node : {Root(1u << 31), above_every_tree}) {
    EXPECT_DEATH(Parent(node), "");
    EXPECT_DEATH(Sibling(node), "");
  }
  EXPECT_DEATH(DirectPath(8, 8), "");
  EXPECT_DEATH(Copath(8, 8), "");
}

}  // namespace
}  // namespace enlace::mls
