// Append-only Merkle trees of RFC 6962: one that answers proofs, one that only knows its root.
//
// `CompactRange` keeps the O(log n) roots of the perfect subtrees: enough to append and to know the
// root, for whoever only follows a log. `Tree` keeps every inner hash of a perfect subtree as well
// (64 bytes an entry in all), appends in amortised constant time and gives root, inclusion and
// consistency proofs for every size it ever had in O(log n).
//
// Neither promises anything about what an entry means or who appended it; roots are signed in
// signed_head.h.
//
// Invariants: 1. RootAt(n) never changes once size() >= n. 2. Tree and CompactRange over the same
// leaves have the same root. Thread safety: as a vector's. Ownership: values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"

namespace enlace::merkle {

// Longest log that is handled: proofs have at most 40 hashes.
inline constexpr uint64_t kTreeSizeMax = uint64_t{1} << 40;
inline constexpr size_t kProofHashesMax = 80;

class CompactRange {
 public:
  CompactRange() = default;

  // The range that `size` leaves have, from the roots of its perfect subtrees, left (largest)
  // first; as subtrees() gives them. INVALID_ARGUMENT when their number is not the number of one
  // bits of `size`.
  static absl::StatusOr<CompactRange> FromSubtrees(uint64_t size, std::vector<Hash> subtrees);

  // Appends a leaf, given by its hash (LeafHash of the entry).
  void Append(const Hash& leaf_hash);

  uint64_t size() const { return size_; }
  Hash Root() const;
  // What FromSubtrees takes: for storing a range.
  const std::vector<Hash>& subtrees() const { return subtrees_; }

 private:
  uint64_t size_ = 0;
  std::vector<Hash> subtrees_;
};

class Tree {
 public:
  // Appends a leaf, given by its hash (LeafHash of the entry).
  void Append(const Hash& leaf_hash);

  uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }

  // Root of the whole tree.
  Hash Root() const;
  // Root of the first `size` leaves. OUT_OF_RANGE when there are fewer.
  absl::StatusOr<Hash> RootAt(uint64_t size) const;
  // Hash of the leaf at `index`. OUT_OF_RANGE when there is none.
  absl::StatusOr<Hash> LeafAt(uint64_t index) const;

  // Audit path of leaf `index` in the tree of the first `size` leaves, leaf side first (RFC 6962
  // section 2.1.1). OUT_OF_RANGE unless index < size <= size().
  absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size) const;

  // Proof that the first `old_size` leaves of the tree of `new_size` leaves are what they were (RFC
  // 6962 section 2.1.2); empty when old_size is 0 or equals new_size. OUT_OF_RANGE unless old_size
  // <= new_size <= size().
  absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t new_size) const;

 private:
  // Root of leaves [begin, end); end > begin.
  Hash RangeRoot(uint64_t begin, uint64_t end) const;
  std::vector<Hash> ConsistencyPath(uint64_t old_size, uint64_t new_size) const;

  // levels_[k][i] is the root of the perfect subtree of leaves [i * 2^k, (i + 1) * 2^k).
  std::vector<std::vector<Hash>> levels_;
};

// Root over `leaf_hashes`: recomputes a log's root from scratch (RFC 6962 section 2.1).
Hash RootOf(std::span<const Hash> leaf_hashes);

}  // namespace enlace::merkle
