// Random changes of a tree by random members; after each one the tree that was changed by
// differences equals the tree read from its own bytes, keeps every rule, and all members share its
// secrets.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

// ENLACE_TREE_SEEDS runs more.
int Seeds() {
  const char* wanted = std::getenv("ENLACE_TREE_SEEDS");
  return wanted == nullptr ? 12 : std::atoi(wanted);
}

void ExpectSound(const TestTree& group) {
  const Bytes bytes = group.tree.Serialize();
  auto fresh = RatchetTree::Parse(bytes);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  ASSERT_EQ(fresh->leaf_width(), group.tree.leaf_width());
  for (NodeIndex node = 0; node < fresh->node_width(); ++node) {
    ASSERT_EQ(ToHex(fresh->hash(node)), ToHex(group.tree.hash(node))) << node;
  }
  ASSERT_EQ(fresh->credential_uses().at(kCredentialBasic),
            group.tree.credential_uses().at(kCredentialBasic));
  ASSERT_EQ(group.tree.credential_uses().at(kCredentialBasic), group.members.size());
  for (NodeIndex node = 0; node < fresh->node_width(); ++node) {
    if (group.tree.IsBlank(node)) continue;
    const auto holders = group.tree.NodesWithEncryptionKey(fresh->EncryptionKey(node));
    ASSERT_EQ(holders.size(), 1u);
    ASSERT_EQ(holders.front(), node);
    if (!IsLeaf(node)) continue;
    ASSERT_EQ(group.tree.FindBySignatureKey(fresh->leaf(LeafOf(node)).signature_key()),
              LeafOf(node));
  }
  const ExtensionList no_extensions;
  const TreeRules rules{
      .leaf = {}, .group_id = AsBytes(kTestGroupId), .context_extensions = &no_extensions};
  const absl::Status valid = ValidateTree(group.tree, rules);
  ASSERT_TRUE(valid.ok()) << valid;
  ASSERT_EQ(group.tree.MemberCount(), group.members.size());
  for (const auto& [index, member] : group.members) {
    ASSERT_EQ(ToHex(member.keys.leaf_key().public_key()),
              ToHex(group.tree.leaf(index).encryption_key()));
    for (const auto& [node, key] : member.keys.parent_keys()) {
      ASSERT_FALSE(group.tree.IsBlank(node));
      ASSERT_EQ(ToHex(key.public_key()), ToHex(group.tree.EncryptionKey(node)));
    }
  }
}

// The nodes that TakeChangedNodes names bring a saved copy up to the tree.
void ExpectSavedCopyFollows(TestTree& group, std::map<NodeIndex, Bytes>& saved) {
  for (const NodeIndex node : group.tree.TakeChangedNodes()) {
    saved.erase(node);
    if (node >= group.tree.node_width()) continue;
    Bytes bytes = group.tree.SerializeNode(node);
    if (!bytes.empty()) saved[node] = std::move(bytes);
  }
  std::vector<RatchetTree::SavedNode> nodes;
  for (const auto& [node, bytes] : saved) nodes.push_back({node, bytes});
  auto restored = RatchetTree::FromNodes(group.tree.leaf_width(), nodes);
  ASSERT_TRUE(restored.ok()) << restored.status();
  ASSERT_EQ(ToHex(restored->TreeHash()), ToHex(group.tree.TreeHash()));
}

void RandomChange(TestTree& group) {
  TreeDiff diff(group.tree);
  const LeafIndex sender = group.AnyMember();
  const uint32_t removals = group.members.size() > 4 ? group.rng.Below(3) : 0;
  for (uint32_t i = 0; i < removals; ++i) {
    const LeafIndex victim = group.AnyMember();
    if (victim != sender) group.Remove(diff, victim);
  }
  std::vector<LeafIndex> added;
  const uint32_t additions = group.members.size() < 40 ? group.rng.Below(4) : 0;
  for (uint32_t i = 0; i < additions; ++i) added.push_back(group.Add(diff));
  if (group.rng.Below(4) == 0) {
    group.Merge(diff);
  } else {
    group.CommitPath(diff, sender, added);
  }
}

TEST(TreeProperty, RandomChanges_KeepTheTreeSoundAndSharedByItsMembers) {
  for (int seed = 1; seed <= Seeds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestTree group(static_cast<uint64_t>(seed));
    std::map<NodeIndex, Bytes> saved;
    TreeDiff first(group.tree);
    group.Add(first);
    group.Merge(first);
    for (int step = 0; step < 25; ++step) {
      RandomChange(group);
      ASSERT_NO_FATAL_FAILURE(ExpectSound(group)) << "step " << step;
      ASSERT_NO_FATAL_FAILURE(ExpectSavedCopyFollows(group, saved)) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace enlace::mls
