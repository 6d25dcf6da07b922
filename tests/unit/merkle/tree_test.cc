// The tree against published values and against the recursive definition of RFC 6962 section 2.1.
#include "crypto/merkle/tree.h"

#include <gtest/gtest.h>

#include <string>

namespace enlace::merkle {
namespace {

// Leaves and roots of the Certificate Transparency project's published test of RFC 6962 trees.
const std::vector<std::string>& PublishedLeaves() {
  static const std::vector<std::string> leaves = {
      std::string(),
      std::string("\x00", 1),
      "\x10",
      "\x20\x21",
      "\x30\x31",
      "\x40\x41\x42\x43",
      "\x50\x51\x52\x53\x54\x55\x56\x57",
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  return leaves;
}
constexpr const char* kPublishedRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

Hash TestLeaf(uint64_t index) { return LeafHash(AsBytes("entry " + std::to_string(index))); }

// MTH of RFC 6962 section 2.1, word for word.
Hash DefinedRoot(std::span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves[0];
  size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return NodeHash(DefinedRoot(leaves.first(k)), DefinedRoot(leaves.subspan(k)));
}

TEST(Hash, OfNothing_IsThePublishedEmptyRoot) {
  EXPECT_EQ(ToHex(EmptyRoot()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, OfParts_IsThatOfTheWhole) {
  EXPECT_EQ(Sha256({AsBytes("ab"), BytesView(), AsBytes("c")}), Sha256(AsBytes("abc")));
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, LeafAndNode_NeverHashAlike) {
  const Hash a = TestLeaf(0);
  const Hash b = TestLeaf(1);
  Bytes joined = ToBytes(BytesView(a));
  Append(joined, b);
  EXPECT_NE(LeafHash(joined), NodeHash(a, b));
}

TEST(Tree, PublishedVectors_GiveThePublishedRoots) {
  Tree tree;
  CompactRange range;
  for (size_t i = 0; i < PublishedLeaves().size(); ++i) {
    const Hash leaf = LeafHash(AsBytes(PublishedLeaves()[i]));
    tree.Append(leaf);
    range.Append(leaf);
    EXPECT_EQ(ToHex(tree.Root()), kPublishedRoots[i]);
    EXPECT_EQ(ToHex(range.Root()), kPublishedRoots[i]);
  }
}

TEST(Tree, EveryPrefix_HasTheDefinedRoot) {
  std::vector<Hash> leaves;
  Tree tree;
  CompactRange range;
  for (uint64_t i = 0; i < 130; ++i) {
    leaves.push_back(TestLeaf(i));
    tree.Append(leaves.back());
    range.Append(leaves.back());
    EXPECT_EQ(tree.Root(), range.Root());
    EXPECT_EQ(range.size(), i + 1);
  }
  for (size_t size = 0; size <= leaves.size(); ++size) {
    const Hash defined = DefinedRoot(std::span(leaves).first(size));
    EXPECT_EQ(*tree.RootAt(size), defined) << size;
    EXPECT_EQ(RootOf(std::span(leaves).first(size)), defined) << size;
  }
}

TEST(Tree, BeyondItsEnd_IsOutOfRange) {
  Tree tree;
  EXPECT_EQ(tree.Root(), EmptyRoot());
  tree.Append(TestLeaf(0));
  EXPECT_EQ(tree.RootAt(2).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.LeafAt(1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(*tree.LeafAt(0), TestLeaf(0));
  EXPECT_EQ(tree.InclusionProof(0, 2).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.InclusionProof(1, 1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.ConsistencyProof(0, 2).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.ConsistencyProof(1, 0).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(CompactRange, Restored_GoesOnAsBefore) {
  CompactRange range;
  for (uint64_t i = 0; i < 77; ++i) range.Append(TestLeaf(i));
  absl::StatusOr<CompactRange> restored =
      CompactRange::FromSubtrees(range.size(), range.subtrees());
  ASSERT_TRUE(restored.ok());
  range.Append(TestLeaf(77));
  restored->Append(TestLeaf(77));
  EXPECT_EQ(range.Root(), restored->Root());
}

TEST(CompactRange, WithWrongNumberOfSubtrees_IsRefused) {
  EXPECT_FALSE(CompactRange::FromSubtrees(3, {TestLeaf(0)}).ok());
  EXPECT_FALSE(CompactRange::FromSubtrees(0, {TestLeaf(0)}).ok());
  EXPECT_FALSE(CompactRange::FromSubtrees(kTreeSizeMax + 1, {TestLeaf(0), TestLeaf(0)}).ok());
  EXPECT_TRUE(CompactRange::FromSubtrees(0, {}).ok());
}

}  // namespace
}  // namespace enlace::merkle
