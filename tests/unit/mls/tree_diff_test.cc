#include "crypto/mls/tree_diff.h"

#include <gtest/gtest.h>

#include "crypto/mls/limits.h"
#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

class TreeDiffTest : public testing::Test {
 protected:
  void Grow(size_t leaves) {
    TreeDiff diff(group_.tree);
    while (diff.MemberCount() < leaves) group_.Add(diff);
    group_.Merge(diff);
  }
  void CommitFrom(LeafIndex sender) {
    TreeDiff diff(group_.tree);
    group_.CommitPath(diff, sender, {});
  }

  TestTree group_{7};
};

TEST_F(TreeDiffTest, DroppedDiff_LeavesTheTreeAsItWas) {
  Grow(9);
  const Bytes before = group_.tree.Serialize();
  const Bytes hash = ToBytes(group_.tree.TreeHash());
  {
    TreeDiff diff(group_.tree);
    diff.Remove(8);
    diff.Update(2, group_.tree.leaf(3));
    EXPECT_FALSE(EqualBytes(diff.TreeHash(), hash));
  }
  EXPECT_EQ(group_.tree.Serialize(), before);
  EXPECT_TRUE(EqualBytes(group_.tree.TreeHash(), hash));
}

TEST_F(TreeDiffTest, Add_TakesTheLeftmostBlankLeafThenDoubles) {
  Grow(4);
  TreeDiff diff(group_.tree);
  group_.Remove(diff, 1);
  EXPECT_EQ(diff.NextFreeLeaf(), 1u);
  EXPECT_EQ(group_.Add(diff), 1u);
  EXPECT_EQ(group_.Add(diff), 4u);
  EXPECT_EQ(diff.leaf_width(), 8u);
}

TEST_F(TreeDiffTest, Remove_DropsRightHalvesThatAreBlank) {
  Grow(5);
  TreeDiff diff(group_.tree);
  group_.Remove(diff, 2);
  EXPECT_EQ(diff.leaf_width(), 8u);
  group_.Remove(diff, 4);
  EXPECT_EQ(diff.leaf_width(), 4u);
  group_.Remove(diff, 3);
  EXPECT_EQ(diff.leaf_width(), 2u);
  group_.Remove(diff, 1);
  EXPECT_EQ(diff.leaf_width(), 1u);
}

TEST_F(TreeDiffTest, ShrinkingAndGrowingInOneChange_RevivesNothing) {
  Grow(8);
  CommitFrom(7);
  TreeDiff diff(group_.tree);
  for (LeafIndex leaf = 4; leaf < 8; ++leaf) group_.Remove(diff, leaf);
  ASSERT_EQ(diff.leaf_width(), 4u);
  EXPECT_EQ(group_.Add(diff), 4u);
  ASSERT_EQ(diff.leaf_width(), 8u);
  EXPECT_FALSE(diff.HasLeaf(5));
  EXPECT_TRUE(diff.IsBlank(11));
  group_.Merge(diff);
  const auto fresh = RatchetTree::Parse(group_.tree.Serialize());
  ASSERT_TRUE(fresh.ok());
  EXPECT_EQ(ToHex(fresh->TreeHash()), ToHex(group_.tree.TreeHash()));
  EXPECT_EQ(group_.tree.MemberCount(), 5u);
}

TEST_F(TreeDiffTest, AddedLeaf_IsUnmergedInEveryParentAboveIt) {
  Grow(4);
  CommitFrom(0);
  TreeDiff diff(group_.tree);
  group_.Remove(diff, 3);
  // Leaf 3's path went blank; leaf 0 still stands under node 1.
  ASSERT_TRUE(diff.IsBlank(5));
  group_.Merge(diff);
  CommitFrom(0);
  TreeDiff adding(group_.tree);
  ASSERT_EQ(group_.Add(adding), 3u);
  EXPECT_EQ(adding.parent(3)->unmerged_leaves, std::vector<LeafIndex>{3});
  EXPECT_TRUE(adding.parent(1)->unmerged_leaves.empty());
  EXPECT_EQ(adding.Resolution(3), (std::vector<NodeIndex>{3, 6}));
}

TEST_F(TreeDiffTest, ResumedChange_GoesOnWhereItStopped) {
  Grow(6);
  TreeDiff first(group_.tree);
  group_.Remove(first, 5);
  TreeChange waiting = std::move(first).Take();
  TreeDiff second = TreeDiff::Resume(group_.tree, std::move(waiting));
  EXPECT_FALSE(second.HasLeaf(5));
  group_.Add(second);
  group_.Add(second);
  group_.Merge(second);
  EXPECT_EQ(group_.tree.MemberCount(), 7u);
  const auto fresh = RatchetTree::Parse(group_.tree.Serialize());
  EXPECT_EQ(ToHex(fresh->TreeHash()), ToHex(group_.tree.TreeHash()));
}

TEST_F(TreeDiffTest, FilteredDirectPath_SkipsParentsWithABlankSibling) {
  Grow(5);
  // Leaf 4 is alone in the right half: only the root has somebody on the other side.
  const auto steps = group_.tree.FilteredDirectPath(4);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].node, 7u);
  EXPECT_EQ(steps[0].copath_child, 3u);
  EXPECT_EQ(group_.tree.FilteredDirectPath(0).size(), 3u);
}

TEST_F(TreeDiffTest, MergeOfAChangeOfAnotherTree_Dies) {
  Grow(3);
  TreeDiff diff(group_.tree);
  group_.Remove(diff, 2);
  TreeChange stale = std::move(diff).Take();
  Grow(4);
  EXPECT_DEATH(group_.tree.Merge(std::move(stale)), "");
}

}  // namespace
}  // namespace enlace::mls
