// Members with keys and a tree that they change together, below the level of a group.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "crypto/mls/key_package.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/mls/treekem.h"
#include "tests/unit/mls/support/seeded_rng.h"

namespace enlace::mls {

inline constexpr char kTestGroupId[] = "test group";

// The fields of a leaf that an ordinary client makes.
inline LeafNodeFields TestLeafFields(const std::string& name, BytesView encryption_key) {
  LeafNodeFields fields;
  fields.encryption_key = ToBytes(encryption_key);
  fields.credential = Credential::Basic(AsBytes(name));
  fields.capabilities = Capabilities::OfThisLibrary();
  fields.lifetime = {1000, 2000};
  return fields;
}

struct TestMember {
  crypto::SigningKey signing_key;
  PrivateTree keys;
};

class TestTree {
 public:
  explicit TestTree(uint64_t seed) : rng(seed) {}

  // Prepares a leaf of its own, adds it in `diff` and remembers its keys.
  LeafIndex Add(TreeDiff& diff) {
    auto signing_key = crypto::SigningKey::Generate(rng);
    auto leaf_key = crypto::HpkeKeyPair::Generate(rng);
    const std::string name = "member " + std::to_string(names_++);
    auto leaf = LeafNode::Sign(TestLeafFields(name, leaf_key.public_key()), {}, signing_key);
    EXPECT_TRUE(leaf.ok());
    auto index = diff.Add(*leaf);
    EXPECT_TRUE(index.ok());
    members.insert_or_assign(*index,
                             TestMember{std::move(signing_key), {*index, std::move(leaf_key)}});
    return *index;
  }

  void Remove(TreeDiff& diff, LeafIndex leaf) {
    diff.Remove(leaf);
    members.erase(leaf);
  }

  // A full path by `sender` over `diff`, in which the leaves `added` are new; everybody processes
  // it on a diff of the same changes. Expects that all agree. Merges.
  void CommitPath(TreeDiff& diff, LeafIndex sender, std::vector<LeafIndex> added) {
    std::sort(added.begin(), added.end());
    TreeChange proposals = std::move(diff).Take();
    TreeDiff sending = TreeDiff::Resume(tree, TreeChange(proposals));
    PathSecrets secrets = PathSecrets::Create(sending, sender, rng);
    const LeafNode leaf = SignPathLeaf(sending, sender, secrets);
    sending.SetLeaf(sender, leaf);
    const PathScope scope{crypto::CipherSuite::Rooms(), sending.TreeHash(), added};
    auto path = secrets.Encrypt(sending, leaf, scope, rng);
    ASSERT_TRUE(path.ok());

    TreeDiff receiving = TreeDiff::Resume(tree, std::move(proposals));
    const absl::Status applied = ApplyUpdatePath(receiving, sender, *path, added);
    ASSERT_TRUE(applied.ok()) << applied;
    ASSERT_EQ(ToHex(receiving.TreeHash()), ToHex(sending.TreeHash()));
    for (auto& [index, member] : members) {
      if (index != sender) Receive(receiving, {index, sender}, *path, scope, secrets);
    }
    members.at(sender).keys = std::move(secrets).TakePrivateTree();
    tree.Merge(std::move(receiving).Take());
  }

  // A commit without a path.
  void Merge(TreeDiff& diff) {
    tree.Merge(std::move(diff).Take());
    for (auto& [index, member] : members) member.keys.Prune(tree);
  }

  LeafIndex AnyMember() {
    auto at = members.begin();
    std::advance(at, rng.Below(static_cast<uint32_t>(members.size())));
    return at->first;
  }

  RatchetTree tree;
  std::map<LeafIndex, TestMember> members;
  SeededRng rng;

 private:
  struct Ends {
    LeafIndex receiver;
    LeafIndex sender;
  };

  LeafNode SignPathLeaf(const TreeDiff& diff, LeafIndex sender, const PathSecrets& secrets) {
    LeafNodeFields fields = diff.leaf(sender).ToFields();
    fields.source = LeafNodeSource::kCommit;
    fields.encryption_key = ToBytes(secrets.leaf_public_key());
    fields.parent_hash = ToBytes(secrets.parent_hash().view());
    auto leaf =
        LeafNode::Sign(fields, {AsBytes(kTestGroupId), sender}, members.at(sender).signing_key);
    EXPECT_TRUE(leaf.ok());
    return *leaf;
  }

  void Receive(const TreeDiff& after, Ends ends, const UpdatePath& path, const PathScope& scope,
               const PathSecrets& secrets) {
    TestMember& member = members.at(ends.receiver);
    if (std::binary_search(scope.added.begin(), scope.added.end(), ends.receiver)) {
      const absl::Status joined = member.keys.ImplantPathSecret(
          after, ends.sender, SecretBytes::CopyOf(secrets.SecretFor(ends.receiver)));
      EXPECT_TRUE(joined.ok()) << joined;
      return;
    }
    auto opened = DecryptPath(after, member.keys, ends.sender, path, scope);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_TRUE(opened->commit_secret.ConstantTimeEquals(secrets.commit_secret().view()));
    member.keys = std::move(opened->next);
  }

  int names_ = 0;
};

}  // namespace enlace::mls
