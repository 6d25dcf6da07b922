// Trees that a peer must not be able to make us accept (RFC 9420 sections 7.1, 7.3, 7.9.2, 12.4.3).

#include "crypto/mls/tree_validation.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/mls/limits.h"
#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

// A tree as a peer writes it: one optional node after the other.
using NodeList = std::vector<std::optional<Bytes>>;

class TreeValidationTest : public testing::Test {
 protected:
  TreeValidationTest() {
    TreeDiff diff(group_.tree);
    for (int i = 0; i < 8; ++i) group_.Add(diff);
    group_.Merge(diff);
    for (const LeafIndex sender : {5u, 0u, 6u}) {
      TreeDiff path(group_.tree);
      group_.CommitPath(path, sender, {});
    }
  }

  NodeList Nodes() const {
    NodeList nodes;
    for (NodeIndex node = 0; node < group_.tree.node_width(); ++node) {
      Bytes bytes = group_.tree.SerializeNode(node);
      nodes.push_back(bytes.empty() ? std::nullopt : std::optional<Bytes>(std::move(bytes)));
    }
    return nodes;
  }
  static Bytes Join(const NodeList& nodes) {
    codec::Writer out;
    const size_t mark = out.BeginVector();
    for (const auto& node : nodes) {
      out.Presence(node.has_value());
      if (node.has_value()) out.Raw(*node);
    }
    out.EndVector(mark);
    return out.Take();
  }
  static Bytes ParentBytes(const ParentNode& parent) {
    codec::Writer out;
    out.U8(2);
    WriteParentNode(parent, out);
    return out.Take();
  }
  // The tree with one parent changed as `change` does.
  Bytes WithParent(NodeIndex node, const std::function<void(ParentNode&)>& change) const {
    NodeList nodes = Nodes();
    ParentNode parent = *group_.tree.parent(node);
    change(parent);
    nodes[node] = ParentBytes(parent);
    return Join(nodes);
  }
  static absl::Status Validate(BytesView tree) {
    const auto parsed = RatchetTree::Parse(tree);
    if (!parsed.ok()) return parsed.status();
    const ExtensionList none;
    return ValidateTree(
        *parsed, {.leaf = {}, .group_id = AsBytes(kTestGroupId), .context_extensions = &none});
  }
  static bool Parses(BytesView tree) { return RatchetTree::Parse(tree).ok(); }

  TestTree group_{11};
};

TEST_F(TreeValidationTest, TheTreeItself_IsValid) {
  EXPECT_TRUE(Validate(Join(Nodes())).ok());
  EXPECT_EQ(Join(Nodes()), group_.tree.Serialize());
}

TEST_F(TreeValidationTest, EmptyTrailingBlankOrOversizedTree_DoesNotParse) {
  EXPECT_FALSE(Parses(Bytes{0}));
  EXPECT_FALSE(Parses({}));
  EXPECT_FALSE(Parses(Bytes{1, 0}));
  NodeList trailing = Nodes();
  trailing.push_back(std::nullopt);
  EXPECT_FALSE(Parses(Join(trailing)));
  trailing.push_back(std::nullopt);
  EXPECT_FALSE(Parses(Join(trailing)));
  codec::Writer huge;
  huge.Vector(Bytes(2 * size_t{kTreeLeavesMax} + 1, 0));
  EXPECT_FALSE(Parses(huge.view()));
}

TEST_F(TreeValidationTest, PrefixesAndAppendedBytes_DoNotParse) {
  const Bytes whole = Join(Nodes());
  for (size_t size = 0; size < whole.size(); size += 7) {
    const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Parses(prefix)) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(Parses(longer));
}

TEST_F(TreeValidationTest, NodeOfTheWrongKind_DoesNotParse) {
  NodeList swapped = Nodes();
  swapped[1] = swapped[0];
  EXPECT_FALSE(Parses(Join(swapped)));
  swapped = Nodes();
  swapped[2] = swapped[1];
  EXPECT_FALSE(Parses(Join(swapped)));
}

TEST_F(TreeValidationTest, UnmergedLeavesThatAreUnsortedOrRepeated_DoNotParse) {
  EXPECT_FALSE(Parses(WithParent(7, [](ParentNode& p) { p.unmerged_leaves = {2, 1}; })));
  EXPECT_FALSE(Parses(WithParent(7, [](ParentNode& p) { p.unmerged_leaves = {2, 2}; })));
}

TEST_F(TreeValidationTest, UnmergedLeafThatIsNotADescendant_DoesNotParse) {
  EXPECT_FALSE(Parses(WithParent(3, [](ParentNode& p) { p.unmerged_leaves = {4}; })));
  EXPECT_FALSE(Parses(WithParent(7, [](ParentNode& p) { p.unmerged_leaves = {8}; })));
}

TEST_F(TreeValidationTest, UnmergedLeafThatIsBlank_DoesNotParse) {
  NodeList nodes = Nodes();
  nodes[NodeOf(1)] = std::nullopt;
  ParentNode root = *group_.tree.parent(7);
  root.unmerged_leaves = {1};
  nodes[7] = ParentBytes(root);
  EXPECT_FALSE(Parses(Join(nodes)));
}

TEST_F(TreeValidationTest, UnmergedLeafThatAParentBelowDoesNotList_DoesNotParse) {
  EXPECT_FALSE(Parses(WithParent(7, [](ParentNode& p) { p.unmerged_leaves = {1}; })));
}

TEST_F(TreeValidationTest, ParentHashThatIsNullChangedOrCutShort_IsRefused) {
  for (NodeIndex node = 1; node < group_.tree.node_width(); node += 2) {
    if (group_.tree.parent(node) == nullptr) continue;
    if (!group_.tree.parent(node)->parent_hash.empty()) {
      EXPECT_FALSE(Validate(WithParent(node, [](ParentNode& p) { p.parent_hash = {}; })).ok());
    }
    EXPECT_FALSE(Validate(WithParent(node, [](ParentNode& p) {
                   p.parent_hash = ParentHash(crypto::Digest{1});
                 })).ok());
    EXPECT_FALSE(Validate(WithParent(node, [](ParentNode& p) { p.encryption_key[0] ^= 1; })).ok());
  }
}

TEST_F(TreeValidationTest, ParentThatNoLeafVouchesFor_IsRefused) {
  NodeList nodes = Nodes();
  constexpr NodeIndex kBlank = 5;  // Leaves 2 and 3 have made no path.
  ASSERT_FALSE(nodes[kBlank].has_value());
  ParentNode forged;
  forged.encryption_key.fill(9);
  nodes[kBlank] = ParentBytes(forged);
  ASSERT_TRUE(Parses(Join(nodes)));
  EXPECT_FALSE(Validate(Join(nodes)).ok());
}

TEST_F(TreeValidationTest, BlankedAncestorInTheChain_IsRefused) {
  // Leaf 6 set 13, 11 and 7: without 11 nothing vouches for 7.
  NodeList nodes = Nodes();
  nodes[11] = std::nullopt;
  ASSERT_TRUE(nodes[7].has_value());
  ASSERT_TRUE(Parses(Join(nodes)));
  EXPECT_FALSE(Validate(Join(nodes)).ok());
}

TEST_F(TreeValidationTest, AKeyAtTwoNodes_IsRefused) {
  const RatchetTree& tree = group_.tree;
  const auto copy_key = [&tree](NodeIndex from) {
    return [&tree, from](ParentNode& p) {
      const BytesView key = tree.EncryptionKey(from);
      std::copy(key.begin(), key.end(), p.encryption_key.begin());
    };
  };
  for (const NodeIndex from : {NodeIndex{2}, NodeIndex{3}}) {
    const auto parsed = RatchetTree::Parse(WithParent(7, copy_key(from)));
    ASSERT_TRUE(parsed.ok());
    EXPECT_FALSE(VerifyUniqueKeys(*parsed).ok());
  }
  NodeList twice = Nodes();
  twice[NodeOf(1)] = twice[NodeOf(2)];
  const auto parsed = RatchetTree::Parse(Join(twice));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(VerifyUniqueKeys(*parsed).ok());
}

TEST_F(TreeValidationTest, SharedSignatureKeyOfTwoLeaves_IsRefused) {
  TestMember& member = group_.members.at(1);
  const auto encryption = crypto::HpkeKeyPair::Generate(group_.rng);
  const auto leaf =
      LeafNode::Sign(TestLeafFields("twin", encryption.public_key()), {}, member.signing_key);
  TreeDiff diff(group_.tree);
  ASSERT_TRUE(diff.Add(*leaf).ok());
  EXPECT_FALSE(VerifyNewKeysUnique(diff).ok());
  RatchetTree merged = group_.tree;
  EXPECT_TRUE(VerifyUniqueKeys(merged).ok());
  merged.Merge(std::move(diff).Take());
  EXPECT_FALSE(VerifyUniqueKeys(merged).ok());
}

TEST_F(TreeValidationTest, KeyOfALeafThatGoes_MayComeBack_ThatOfOneThatStays_MayNot) {
  const LeafNode old = group_.tree.leaf(2);
  TreeDiff swapped(group_.tree);
  swapped.Remove(2);
  ASSERT_TRUE(swapped.Add(old).ok());
  EXPECT_TRUE(VerifyNewKeysUnique(swapped).ok());
  TreeDiff doubled(group_.tree);
  ASSERT_TRUE(doubled.Add(old).ok());
  EXPECT_FALSE(VerifyNewKeysUnique(doubled).ok());
  TreeDiff twice(group_.tree);
  twice.Remove(2);
  ASSERT_TRUE(twice.Add(old).ok());
  ASSERT_TRUE(twice.Add(old).ok());
  EXPECT_FALSE(VerifyNewKeysUnique(twice).ok());
}

TEST_F(TreeValidationTest, LeafSignedForAnotherPlaceOrGroup_IsRefused) {
  const absl::Status other =
      VerifyLeafSignatures(group_.tree, AsBytes("another group"), /*verified=*/nullptr);
  EXPECT_FALSE(other.ok());
  NodeList nodes = Nodes();
  ASSERT_EQ(group_.tree.leaf(5).source(), LeafNodeSource::kCommit);
  std::swap(nodes[NodeOf(5)], nodes[NodeOf(4)]);
  EXPECT_FALSE(Validate(Join(nodes)).ok());
}

TEST_F(TreeValidationTest, MemberWithoutACredentialTypeInUse_IsRefused) {
  const auto signing_key = crypto::SigningKey::Generate(group_.rng);
  const auto encryption = crypto::HpkeKeyPair::Generate(group_.rng);
  LeafNodeFields fields = TestLeafFields("", encryption.public_key());
  fields.credential = *Credential::X509(std::vector<Bytes>{ToBytes("certificate")});
  fields.capabilities.credentials = {kCredentialX509};
  TreeDiff diff(group_.tree);
  ASSERT_TRUE(diff.Add(*LeafNode::Sign(fields, {}, signing_key)).ok());
  EXPECT_FALSE(VerifyMemberCapabilities(diff, {}).ok());
  EXPECT_FALSE(VerifyNewCapabilities(diff, {}, /*extensions_changed=*/false).ok());
}

class NewCapabilitiesTest : public TreeValidationTest {
 protected:
  // A leaf that supports `credentials` and presents the first of them.
  LeafNode LeafWith(const std::vector<uint16_t>& credentials) {
    const auto signing_key = crypto::SigningKey::Generate(group_.rng);
    const auto encryption = crypto::HpkeKeyPair::Generate(group_.rng);
    LeafNodeFields fields = TestLeafFields(std::to_string(names_++), encryption.public_key());
    if (credentials.front() == kCredentialX509) {
      fields.credential = *Credential::X509(std::vector<Bytes>{ToBytes("certificate")});
    }
    fields.capabilities.credentials = credentials;
    return *LeafNode::Sign(fields, {}, signing_key);
  }
  // Both ways of asking give the same answer.
  static bool Accepted(const TreeDiff& diff) {
    const bool whole = VerifyMemberCapabilities(diff, {}).ok();
    EXPECT_EQ(VerifyNewCapabilities(diff, {}, /*extensions_changed=*/false).ok(), whole);
    EXPECT_EQ(VerifyNewCapabilities(diff, {}, /*extensions_changed=*/true).ok(), whole);
    return whole;
  }

 private:
  int names_ = 100;
};

TEST_F(NewCapabilitiesTest, NewTypeThatAnOldMemberLacks_IsRefused) {
  TreeDiff first(group_.tree);
  ASSERT_TRUE(first.Add(LeafWith({kCredentialBasic})).ok());
  ASSERT_TRUE(Accepted(first));
  group_.tree.Merge(std::move(first).Take());
  TreeDiff second(group_.tree);
  ASSERT_TRUE(second.Add(LeafWith({kCredentialX509, kCredentialBasic})).ok());
  EXPECT_FALSE(Accepted(second));
}

TEST_F(NewCapabilitiesTest, NewLeafThatLacksATypeInUse_IsRefused) {
  TreeDiff first(group_.tree);
  ASSERT_TRUE(first.Add(LeafWith({kCredentialX509, kCredentialBasic})).ok());
  ASSERT_TRUE(Accepted(first));
  group_.tree.Merge(std::move(first).Take());
  TreeDiff second(group_.tree);
  ASSERT_TRUE(second.Add(LeafWith({kCredentialBasic})).ok());
  EXPECT_FALSE(Accepted(second));
}

TEST_F(NewCapabilitiesTest, TypeOfAMemberWhoGoes_CountsNoMore) {
  TreeDiff first(group_.tree);
  const auto leaf = first.Add(LeafWith({kCredentialX509, kCredentialBasic}));
  ASSERT_TRUE(leaf.ok());
  group_.tree.Merge(std::move(first).Take());
  // The last leaf of the right half goes, and with it the half.
  TreeDiff removed(group_.tree);
  removed.Remove(*leaf);
  ASSERT_LT(removed.leaf_width(), group_.tree.leaf_width());
  ASSERT_TRUE(removed.Add(LeafWith({kCredentialBasic})).ok());
  EXPECT_TRUE(Accepted(removed));
  TreeDiff replaced(group_.tree);
  replaced.Update(*leaf, LeafWith({kCredentialBasic}));
  EXPECT_TRUE(Accepted(replaced));
  TreeDiff stays(group_.tree);
  stays.Remove(0);
  ASSERT_TRUE(stays.Add(LeafWith({kCredentialBasic})).ok());
  EXPECT_FALSE(Accepted(stays));
}

TEST_F(TreeValidationTest, GroupExtensionThatAMemberLacks_IsRefused) {
  ExtensionList extensions;
  extensions.Set(0xF0E1, {});
  EXPECT_FALSE(VerifyMemberCapabilities(group_.tree, extensions).ok());
  ExtensionList requiring;
  requiring.Set(kExtensionRequiredCapabilities,
                RequiredCapabilities{
                    .extension_types = {0xF0E1}, .proposal_types = {}, .credential_types = {}}
                    .Serialize());
  EXPECT_FALSE(VerifyMemberCapabilities(group_.tree, requiring).ok());
  EXPECT_TRUE(VerifyMemberCapabilities(group_.tree, {}).ok());
}

TEST_F(TreeValidationTest, CachedSignatures_AreNotVerifiedAgain) {
  MemorySignatureCache cache;
  ASSERT_TRUE(VerifyLeafSignatures(group_.tree, AsBytes(kTestGroupId), &cache).ok());
  EXPECT_EQ(cache.size(), group_.members.size());
  EXPECT_TRUE(VerifyLeafSignatures(group_.tree, AsBytes(kTestGroupId), &cache).ok());
  EXPECT_EQ(cache.size(), group_.members.size());
}

}  // namespace
}  // namespace enlace::mls
