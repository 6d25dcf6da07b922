#include "crypto/merkle/tree.h"

#include <bit>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::merkle {
namespace {

absl::Status OutOfRange(std::string_view message) {
  return MakeStatus(absl::StatusCode::kOutOfRange, message);
}

// Folds the roots of perfect subtrees, largest first, into the root of the tree that they make.
Hash FoldSubtrees(std::span<const Hash> subtrees) {
  Hash root = subtrees.back();
  for (size_t i = subtrees.size() - 1; i > 0; --i) root = NodeHash(subtrees[i - 1], root);
  return root;
}

// Largest power of two that is smaller than `count`; count > 1 (RFC 6962's k).
uint64_t SplitPoint(uint64_t count) { return std::bit_floor(count - 1); }

}  // namespace

absl::StatusOr<CompactRange> CompactRange::FromSubtrees(uint64_t size, std::vector<Hash> subtrees) {
  if (size > kTreeSizeMax) return InvalidArgument("tree is larger than the limit");
  if (subtrees.size() != static_cast<size_t>(std::popcount(size))) {
    return InvalidArgument("number of subtrees does not fit the size of the tree");
  }
  CompactRange range;
  range.size_ = size;
  range.subtrees_ = std::move(subtrees);
  return range;
}

void CompactRange::Append(const Hash& leaf_hash) {
  Hash node = leaf_hash;
  // Each trailing one bit of the old size is a perfect subtree that the new leaf completes.
  for (uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    node = NodeHash(subtrees_.back(), node);
    subtrees_.pop_back();
  }
  subtrees_.push_back(node);
  ++size_;
}

Hash CompactRange::Root() const {
  return subtrees_.empty() ? EmptyRoot() : FoldSubtrees(subtrees_);
}

void Tree::Append(const Hash& leaf_hash) {
  Hash node = leaf_hash;
  for (size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Hash>& row = levels_[level];
    row.push_back(node);
    if (row.size() % 2 != 0) return;
    node = NodeHash(row[row.size() - 2], row.back());
  }
}

Hash Tree::Root() const { return size() == 0 ? EmptyRoot() : RangeRoot(0, size()); }

absl::StatusOr<Hash> Tree::RootAt(uint64_t size) const {
  if (size > this->size()) return OutOfRange("the log is not that long");
  return size == 0 ? EmptyRoot() : RangeRoot(0, size);
}

absl::StatusOr<Hash> Tree::LeafAt(uint64_t index) const {
  if (index >= size()) return OutOfRange("the log has no such entry");
  return levels_[0][index];
}

Hash Tree::RangeRoot(uint64_t begin, uint64_t end) const {
  // Ranges that RFC 6962's recursion visits begin at a multiple of the largest power of two in
  // their length.
  std::vector<Hash> subtrees;
  while (begin < end) {
    const uint64_t length = std::bit_floor(end - begin);
    const int level = std::countr_zero(length);
    subtrees.push_back(levels_[static_cast<size_t>(level)][begin >> level]);
    begin += length;
  }
  return FoldSubtrees(subtrees);
}

absl::StatusOr<std::vector<Hash>> Tree::InclusionProof(uint64_t index, uint64_t size) const {
  if (index >= size || size > this->size()) return OutOfRange("the log has no such entry");
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    if (index < middle) {
      proof.push_back(RangeRoot(middle, end));
      end = middle;
    } else {
      proof.push_back(RangeRoot(begin, middle));
      begin = middle;
    }
  }
  return std::vector<Hash>(proof.rbegin(), proof.rend());
}

absl::StatusOr<std::vector<Hash>> Tree::ConsistencyProof(uint64_t old_size,
                                                         uint64_t new_size) const {
  if (old_size > new_size || new_size > size()) return OutOfRange("the log is not that long");
  std::vector<Hash> proof;
  if (old_size != 0 && old_size != new_size) proof = ConsistencyPath(old_size, new_size);
  return proof;
}

std::vector<Hash> Tree::ConsistencyPath(uint64_t old_size, uint64_t new_size) const {
  // SUBPROOF of RFC 6962 section 2.1.2 from the root down; its output is leaf side first, so it is
  // collected in reverse.
  std::vector<Hash> reversed;
  uint64_t begin = 0;
  uint64_t end = new_size;
  while (old_size != end) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    if (old_size <= middle) {
      reversed.push_back(RangeRoot(middle, end));
      end = middle;
    } else {
      reversed.push_back(RangeRoot(begin, middle));
      begin = middle;
    }
  }
  // The old tree itself needs no hash when it is the whole of what remains from the left edge: the
  // verifier has its root.
  if (begin != 0) reversed.push_back(RangeRoot(begin, end));
  return std::vector<Hash>(reversed.rbegin(), reversed.rend());
}

Hash RootOf(std::span<const Hash> leaf_hashes) {
  CompactRange range;
  for (const Hash& leaf : leaf_hashes) range.Append(leaf);
  return range.Root();
}

}  // namespace enlace::merkle
