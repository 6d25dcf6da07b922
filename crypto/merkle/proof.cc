#include "crypto/merkle/proof.h"

#include <bit>

#include "crypto/merkle/tree.h"
#include "crypto/primitives/status.h"

namespace enlace::merkle {
namespace {

absl::Status Mismatch() { return DataLoss("the proof does not lead to the root"); }

}  // namespace

absl::Status VerifyInclusion(const InclusionClaim& claim, std::span<const Hash> proof) {
  if (claim.index >= claim.size) return InvalidArgument("entry is not in a tree of that size");
  // `node` is the position of the subtree on the current level, `last` that of the level's last
  // subtree: a last left child has no sibling and moves up as it is.
  uint64_t node = claim.index;
  uint64_t last = claim.size - 1;
  Hash hash = claim.leaf_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) return Mismatch();
    while (node == last && node % 2 == 0) {
      node >>= 1;
      last >>= 1;
    }
    hash = node % 2 == 1 ? NodeHash(sibling, hash) : NodeHash(hash, sibling);
    node >>= 1;
    last >>= 1;
  }
  // A root that is reached too early or too late would be one of another tree size.
  return last == 0 && hash == claim.root ? absl::OkStatus() : Mismatch();
}

namespace {

// The case 0 < old < new: both roots are rebuilt from the same hashes.
absl::Status VerifyGrowth(const ConsistencyClaim& claim, std::span<const Hash> proof) {
  uint64_t node = claim.old_size - 1;
  uint64_t last = claim.new_size - 1;
  const int shift = std::countr_one(node);
  node >>= shift;
  last >>= shift;
  // An old tree that is one perfect subtree is the starting point itself; else the first hash is
  // its last subtree.
  Hash old_hash = claim.old_root;
  if (node != 0) {
    if (proof.empty()) return Mismatch();
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) return Mismatch();
    while (node == last && node % 2 == 0 && node != 0) {
      node >>= 1;
      last >>= 1;
    }
    if (node % 2 == 1) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  const bool shown = last == 0 && old_hash == claim.old_root && new_hash == claim.new_root;
  return shown ? absl::OkStatus() : Mismatch();
}

}  // namespace

absl::Status VerifyConsistency(const ConsistencyClaim& claim, std::span<const Hash> proof) {
  if (claim.old_size > claim.new_size) return InvalidArgument("old tree is larger than new tree");
  if (claim.old_size != 0 && claim.old_size != claim.new_size) return VerifyGrowth(claim, proof);
  if (!proof.empty()) return Mismatch();
  const Hash expected = claim.old_size == 0 ? EmptyRoot() : claim.new_root;
  return claim.old_root == expected ? absl::OkStatus() : Mismatch();
}

void WriteProof(std::span<const Hash> proof, codec::Writer& writer) {
  const size_t mark = writer.BeginVector();
  for (const Hash& hash : proof) writer.Raw(hash);
  writer.EndVector(mark);
}

absl::Status ReadProof(codec::Reader& reader, std::vector<Hash>& proof) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  if (raw.size() % kHashBytes != 0) return InvalidArgument("proof is not a list of hashes");
  if (raw.size() / kHashBytes > kProofHashesMax) return InvalidArgument("proof is too long");
  proof.clear();
  codec::Reader hashes(raw);
  while (!hashes.empty()) {
    BytesView hash;
    ENLACE_RETURN_IF_ERROR(hashes.ReadFixed(kHashBytes, hash));
    proof.emplace_back();
    std::copy(hash.begin(), hash.end(), proof.back().begin());
  }
  return absl::OkStatus();
}

}  // namespace enlace::merkle
