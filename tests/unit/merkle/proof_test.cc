// Proofs, by brute force over small trees: what is true verifies, everything near it does not.
#include "crypto/merkle/proof.h"

#include <gtest/gtest.h>

#include "crypto/merkle/tree.h"

namespace enlace::merkle {
namespace {

constexpr uint64_t kSizeMax = 40;

Hash Entry(uint64_t index) { return LeafHash(AsBytes("entry " + std::to_string(index))); }

Tree TestTree(uint64_t size) {
  Tree tree;
  for (uint64_t i = 0; i < size; ++i) tree.Append(Entry(i));
  return tree;
}

// Proofs that differ from `proof` in one hash more, less or changed.
std::vector<std::vector<Hash>> NearProofs(const std::vector<Hash>& proof) {
  std::vector<std::vector<Hash>> near;
  for (size_t i = 0; i < proof.size(); ++i) {
    near.push_back(proof);
    near.back()[i][7] ^= 1;
    near.push_back(proof);
    near.back().erase(near.back().begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (size_t i = 0; i <= proof.size(); ++i) {
    near.push_back(proof);
    near.back().insert(near.back().begin() + static_cast<std::ptrdiff_t>(i), Entry(3));
  }
  return near;
}

TEST(InclusionProof, EveryLeafOfEveryTree_Verifies) {
  const Tree tree = TestTree(kSizeMax);
  for (uint64_t size = 1; size <= kSizeMax; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const InclusionClaim claim{index, size, Entry(index), *tree.RootAt(size)};
      EXPECT_TRUE(VerifyInclusion(claim, *tree.InclusionProof(index, size)).ok())
          << index << "/" << size;
    }
  }
}

TEST(InclusionProof, ChangedProofLeafRootIndexOrSize_IsRefused) {
  const Tree tree = TestTree(kSizeMax);
  for (uint64_t size = 1; size <= 17; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = *tree.InclusionProof(index, size);
      const InclusionClaim claim{index, size, Entry(index), *tree.RootAt(size)};
      for (const std::vector<Hash>& near : NearProofs(proof))
        EXPECT_FALSE(VerifyInclusion(claim, near).ok());
      InclusionClaim wrong = claim;
      wrong.leaf_hash = Entry(index + 1);
      EXPECT_FALSE(VerifyInclusion(wrong, proof).ok());
      wrong = claim;
      wrong.root[0] ^= 1;
      EXPECT_FALSE(VerifyInclusion(wrong, proof).ok());
      for (uint64_t other = 0; other < size; ++other) {
        wrong = claim;
        wrong.index = other;
        EXPECT_EQ(VerifyInclusion(wrong, proof).ok(), other == index)
            << size << " " << index << " " << other;
      }
    }
  }
}

TEST(InclusionProof, IndexOutsideTheTree_IsInvalid) {
  EXPECT_EQ(VerifyInclusion({0, 0, Entry(0), EmptyRoot()}, {}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyInclusion({5, 5, Entry(0), EmptyRoot()}, {}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConsistencyProof, EveryPairOfSizes_Verifies) {
  const Tree tree = TestTree(kSizeMax);
  for (uint64_t size = 0; size <= kSizeMax; ++size) {
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      const ConsistencyClaim claim{old_size, size, *tree.RootAt(old_size), *tree.RootAt(size)};
      EXPECT_TRUE(VerifyConsistency(claim, *tree.ConsistencyProof(old_size, size)).ok())
          << old_size << "/" << size;
    }
  }
}

TEST(ConsistencyProof, ChangedProofOrRoot_IsRefused) {
  const Tree tree = TestTree(kSizeMax);
  for (uint64_t size = 1; size <= 17; ++size) {
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const std::vector<Hash> proof = *tree.ConsistencyProof(old_size, size);
      const ConsistencyClaim claim{old_size, size, *tree.RootAt(old_size), *tree.RootAt(size)};
      for (const std::vector<Hash>& near : NearProofs(proof)) {
        EXPECT_FALSE(VerifyConsistency(claim, near).ok()) << old_size << "/" << size;
      }
      ConsistencyClaim wrong = claim;
      wrong.old_root[31] ^= 1;
      EXPECT_FALSE(VerifyConsistency(wrong, proof).ok());
      wrong = claim;
      wrong.new_root[31] ^= 1;
      EXPECT_FALSE(VerifyConsistency(wrong, proof).ok());
    }
  }
}

TEST(ConsistencyProof, OfAForkedLog_IsRefused) {
  Tree honest = TestTree(20);
  Tree forked = TestTree(9);
  for (uint64_t i = 9; i < 20; ++i) forked.Append(Entry(i + 100));
  const ConsistencyClaim claim{12, 20, *honest.RootAt(12), *forked.RootAt(20)};
  EXPECT_EQ(VerifyConsistency(claim, *forked.ConsistencyProof(12, 20)).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(VerifyConsistency(claim, *honest.ConsistencyProof(12, 20)).code(),
            absl::StatusCode::kDataLoss);
}

TEST(ConsistencyProof, OfShrinkingTree_IsInvalid) {
  EXPECT_EQ(VerifyConsistency({2, 1, Entry(0), Entry(0)}, {}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConsistencyProof, FromEmptyTree_NeedsTheEmptyRoot) {
  const Tree tree = TestTree(3);
  EXPECT_TRUE(VerifyConsistency({0, 3, EmptyRoot(), tree.Root()}, {}).ok());
  EXPECT_FALSE(VerifyConsistency({0, 3, Entry(0), tree.Root()}, {}).ok());
}

TEST(ProofCodec, RoundTrips_AndRefusesWhatIsNotAListOfHashes) {
  const std::vector<Hash> proof = *TestTree(9).InclusionProof(3, 9);
  codec::Writer writer;
  WriteProof(proof, writer);
  codec::Reader reader(writer.view());
  std::vector<Hash> read;
  ASSERT_TRUE(ReadProof(reader, read).ok());
  EXPECT_EQ(read, proof);
  EXPECT_TRUE(reader.Done().ok());

  codec::Writer odd;
  odd.Vector(Bytes(33));
  codec::Reader odd_reader(odd.view());
  EXPECT_FALSE(ReadProof(odd_reader, read).ok());

  codec::Writer long_list;
  long_list.Vector(Bytes((kProofHashesMax + 1) * kHashBytes));
  codec::Reader long_reader(long_list.view());
  EXPECT_FALSE(ReadProof(long_reader, read).ok());
}

}  // namespace
}  // namespace enlace::merkle
