// The high-water mark: how far the server's log had come, kept apart from the store.
//
// A store opens without complaint after its log was cut on a record boundary or deleted, and after
// its folder was replaced by an older copy. The mark, synced on its own at least every second by
// the server, says what the store had held, so that such a store is noticed before anything is
// served from it.
//
// Promises: 1. After a crash at any moment the mark on disk is one that was written, and not older
// than the last Write that returned OK. 2. The two files are written in turn, each replaced as a
// whole, so that damage to one leaves the other, at most one interval older. 3. A mark never goes
// back: Write refuses it; DeclareLoss alone may. Does not notice a mark that was rolled back
// together with the store; clients, who present what they saw, do.
//
// Thread safety: one thread, or a lock of the caller's. Ownership: the object is the only writer of
// its folder's files.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"

namespace enlace::storage {

// The end of the server's chained log: which start of the server wrote it, its place, the hash of
// the chain up to it.
struct ChainHead {
  uint64_t generation = 0;
  uint64_t sequence = 0;
  std::array<uint8_t, 32> hash{};

  bool operator==(const ChainHead&) const = default;
};

// "sequence 41 of generation 9f…, chain 3ab0…", for people.
std::string Describe(const ChainHead& head);

class HighWaterFile {
 public:
  // Reads the files "high-water.0" and "high-water.1" of `folder`; none of both is a fresh server.
  // DATA_LOSS when files are there and none is whole; UNAVAILABLE, PERMISSION_DENIED.
  static absl::StatusOr<HighWaterFile> Open(const std::filesystem::path& folder);

  // The newest mark; absent before the first Write.
  const std::optional<ChainHead>& mark() const { return mark_; }

  // True when one of the two files was damaged, so that mark() may be one interval old. To be
  // reported to the operator.
  bool damaged() const { return damaged_; }

  // Makes `head` the mark, durably. FAILED_PRECONDITION when it lies before the mark, or is another
  // head at its place; writing the mark again is OK and does nothing. RESOURCE_EXHAUSTED and
  // UNAVAILABLE leave the mark as it was.
  absl::Status Write(const ChainHead& head);

  // The operator has declared what came after `head` as lost: the mark goes back to it. Errors of
  // the disk as in Write.
  absl::Status DeclareLoss(const ChainHead& head);

 private:
  explicit HighWaterFile(std::filesystem::path folder) : folder_(std::move(folder)) {}

  absl::Status Store(const ChainHead& head);

  std::filesystem::path folder_;
  std::optional<ChainHead> mark_;
  // Counts writes; the file with the higher count is the newer, and the next write goes to the
  // other.
  uint64_t count_ = 0;
  bool damaged_ = false;
};

// The head that the store holds at `sequence`, or nullopt when it has none there.
using HeadLookup = std::function<absl::StatusOr<std::optional<ChainHead>>(uint64_t sequence)>;

// Compares at start. OK when the store holds the very head that the mark names; what it holds
// beyond is what was written in the last interval. DATA_LOSS, with what was expected, what was
// found and what to do, when the store ends before the mark, holds another head at its place, or
// holds a log although the mark is missing. `newest` is the store's own end, absent when its log is
// empty. Errors of `lookup` are passed on.
absl::Status CompareWithHighWater(const std::optional<ChainHead>& mark,
                                  const std::optional<ChainHead>& newest, const HeadLookup& lookup);

}  // namespace enlace::storage
