#include "crypto/mls/treekem.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

class TreeKemTest : public testing::Test {
 protected:
  static constexpr LeafIndex kSender = 2;
  static constexpr LeafIndex kReceiver = 5;

  TreeKemTest() {
    TreeDiff diff(group_.tree);
    for (int i = 0; i < 8; ++i) group_.Add(diff);
    group_.Merge(diff);
    TreeDiff first(group_.tree);
    group_.CommitPath(first, 7, {});
  }

  // A path of kSender over the tree as it is, and the tree hash that it was encrypted under.
  UpdatePath MakePath(Bytes& context) {
    TreeDiff diff(group_.tree);
    const PathSecrets secrets = PathSecrets::Create(diff, kSender, group_.rng);
    LeafNodeFields fields = diff.leaf(kSender).ToFields();
    fields.source = LeafNodeSource::kCommit;
    fields.encryption_key = ToBytes(secrets.leaf_public_key());
    fields.parent_hash = ToBytes(secrets.parent_hash().view());
    const LeafNode leaf = *LeafNode::Sign(fields, {AsBytes(kTestGroupId), kSender},
                                          group_.members.at(kSender).signing_key);
    diff.SetLeaf(kSender, leaf);
    context = ToBytes(diff.TreeHash());
    return *secrets.Encrypt(diff, leaf, {crypto::CipherSuite::Rooms(), context, {}}, group_.rng);
  }
  absl::Status Apply(const UpdatePath& path, BytesView context) {
    TreeDiff diff(group_.tree);
    const absl::Status applied = ApplyUpdatePath(diff, kSender, path, {});
    if (!applied.ok()) return applied;
    return DecryptPath(diff, group_.members.at(kReceiver).keys, kSender, path,
                       {crypto::CipherSuite::Rooms(), context, {}})
        .status();
  }

  TestTree group_{3};
  Bytes context_;
};

TEST_F(TreeKemTest, AnHonestPath_IsAccepted) {
  const UpdatePath path = MakePath(context_);
  EXPECT_TRUE(Apply(path, context_).ok());
}

TEST_F(TreeKemTest, PathUnderAnotherGroupContext_DoesNotOpen) {
  const UpdatePath path = MakePath(context_);
  context_[0] ^= 1;
  EXPECT_FALSE(Apply(path, context_).ok());
}

TEST_F(TreeKemTest, WrongNumbersOfNodesAndCiphertexts_AreRefused) {
  const UpdatePath path = MakePath(context_);
  UpdatePath shorter = path;
  shorter.nodes.pop_back();
  EXPECT_FALSE(Apply(shorter, context_).ok());
  UpdatePath longer = path;
  longer.nodes.push_back(longer.nodes.back());
  EXPECT_FALSE(Apply(longer, context_).ok());
  UpdatePath fewer = path;
  fewer.nodes.back().encrypted_path_secret.pop_back();
  EXPECT_FALSE(Apply(fewer, context_).ok());
  UpdatePath more = path;
  more.nodes[0].encrypted_path_secret.push_back(more.nodes[0].encrypted_path_secret[0]);
  EXPECT_FALSE(Apply(more, context_).ok());
}

TEST_F(TreeKemTest, AKeyOfTheTreeOrOneKeyTwice_IsRefused) {
  const UpdatePath path = MakePath(context_);
  UpdatePath reused = path;
  reused.nodes.back().encryption_key = ToBytes(group_.tree.EncryptionKey(NodeOf(6)));
  EXPECT_FALSE(Apply(reused, context_).ok());
  UpdatePath old_path_key = path;
  old_path_key.nodes.back().encryption_key = ToBytes(group_.tree.EncryptionKey(7));
  EXPECT_FALSE(Apply(old_path_key, context_).ok());
  UpdatePath twice = path;
  twice.nodes[0].encryption_key = twice.nodes[1].encryption_key;
  EXPECT_FALSE(Apply(twice, context_).ok());
}

TEST_F(TreeKemTest, ChangedNodeKey_BreaksTheParentHash) {
  UpdatePath path = MakePath(context_);
  path.nodes[0].encryption_key[5] ^= 1;
  EXPECT_FALSE(Apply(path, context_).ok());
}

TEST_F(TreeKemTest, LowOrderKemOutputAndChangedCiphertext_AreRefused) {
  const UpdatePath path = MakePath(context_);
  UpdatePath low_order = path;
  for (auto& sealed : low_order.nodes.back().encrypted_path_secret) {
    sealed.kem_output.assign(32, 0);
  }
  EXPECT_FALSE(Apply(low_order, context_).ok());
  UpdatePath changed = path;
  for (auto& sealed : changed.nodes.back().encrypted_path_secret) sealed.ciphertext[0] ^= 1;
  EXPECT_FALSE(Apply(changed, context_).ok());
}

TEST_F(TreeKemTest, SecretThatDoesNotGiveThePathsKeys_IsRefusedAndChangesNothing) {
  // Encrypted honestly, but to the secret of another path: the derived key is not the path's.
  UpdatePath path = MakePath(context_);
  TreeDiff diff(group_.tree);
  ASSERT_TRUE(ApplyUpdatePath(diff, kSender, path, {}).ok());
  const PathScope scope{crypto::CipherSuite::Rooms(), context_, {}};
  const std::vector<NodeIndex> to = ResolutionWithout(diff, 11, {});
  auto& sealed = path.nodes.back().encrypted_path_secret;
  ASSERT_EQ(to.size(), sealed.size());
  for (size_t i = 0; i < to.size(); ++i) {
    sealed[i] = *crypto::EncryptWithLabel({scope.suite, "UpdatePathNode", scope.group_context},
                                          diff.EncryptionKey(to[i]), Bytes(32, 1), group_.rng);
  }
  const PrivateTree& own = group_.members.at(kReceiver).keys;
  const SecretBytes before = own.Serialize();
  EXPECT_FALSE(DecryptPath(diff, own, kSender, path, scope).ok());
  EXPECT_TRUE(own.Serialize().ConstantTimeEquals(before.view()));
}

TEST_F(TreeKemTest, PrivateTree_SurvivesStorageAndRefusesDamage) {
  const PrivateTree& own = group_.members.at(kReceiver).keys;
  ASSERT_FALSE(own.parent_keys().empty());
  const SecretBytes stored = own.Serialize();
  const auto back = PrivateTree::Parse(stored.view());
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back->Serialize().ConstantTimeEquals(stored.view()));
  for (size_t size = 0; size < stored.size(); ++size) {
    const bool whole_keys = size >= 69 && (size - 69) % 68 == 0;
    EXPECT_EQ(PrivateTree::Parse(stored.view().first(size)).ok(), whole_keys) << size;
  }
  // The index of the first parent key: no tree has such nodes.
  for (const uint8_t highest : {uint8_t{0x00}, uint8_t{0x7f}, uint8_t{0xff}}) {
    SecretBytes changed = SecretBytes::CopyOf(stored.view());
    const auto index = changed.mutable_view().subspan(69, 4);
    std::fill(index.begin(), index.end(), uint8_t{0xff});
    index.front() = highest;
    EXPECT_FALSE(PrivateTree::Parse(changed.view()).ok()) << int{highest};
  }
}

TEST_F(TreeKemTest, ImplantedSecretOfABlankOrForeignNode_IsRefused) {
  PrivateTree keys = group_.members.at(kReceiver).keys.Clone();
  const SecretBytes secret = group_.rng.Secret(32);
  EXPECT_FALSE(keys.ImplantPathSecret(group_.tree, kReceiver, secret.Clone()).ok());
  EXPECT_FALSE(keys.ImplantPathSecret(group_.tree, 99, secret.Clone()).ok());
  EXPECT_FALSE(keys.ImplantPathSecret(group_.tree, 0, secret.Clone()).ok());
  EXPECT_FALSE(keys.ImplantNodeSecret(group_.tree, 1, secret.view()).ok());
  EXPECT_FALSE(keys.ImplantNodeSecret(group_.tree, 7, secret.view()).ok());
}

TEST_F(TreeKemTest, Prune_ForgetsKeysOfBlankedParents) {
  ASSERT_NE(group_.members.at(kReceiver).keys.FindKey(7), nullptr);
  TreeDiff diff(group_.tree);
  group_.Remove(diff, 0);
  group_.Merge(diff);
  EXPECT_EQ(group_.members.at(kReceiver).keys.FindKey(7), nullptr);
}

}  // namespace
}  // namespace enlace::mls
