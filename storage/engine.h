// The ordered transactional key-value store that everything durable of the server stands on.
//
// Promises:
//  1. A commit with Durability::kSynced that returned OK is on disk: it is there after SIGKILL and
//     after power loss.
//  2. A group is written by one write and one sync. A transaction takes effect wholly or not at
//     all; those of a group take effect in the order given, and each sees the effect of those
//     before it in its conditions.
//  3. Commits are serialisable: a condition holds at the moment of its transaction, with no other
//     commit in between.
//  4. What a commit wrote is seen by every read that begins after it returned, and by no read
//     before.
//  5. Scans are in the order of keys as unsigned bytes.
//  6. Damage is never served: a record whose checksum is wrong gives DATA_LOSS.
// Does not promise that a commit that failed had no effect: ABORTED, INVALID_ARGUMENT and
// FAILED_PRECONDITION say that nothing was written; after UNAVAILABLE the outcome is known when the
// store was opened again; and what met a disk that filled up during the write (RESOURCE_EXHAUSTED)
// is not in effect, but can be after the engine has resumed. So whoever tries again makes the
// repeat recognisable in the same batch (a condition, a request id).
//
// When the disk fails to sync once, the engine stays read-only until it is opened again
// (UNAVAILABLE on commits), because the operating system forgets what it failed to write. When the
// disk is full, commits give RESOURCE_EXHAUSTED, reads go on, and commits succeed again by
// themselves once there is space.
//
// Implementations: disk.h (the default), memory/memory_engine.h (deterministic, with faults; for
// tests and simulation). Thread safety: all functions of an engine and its snapshots can be called
// from any thread, except Close() and the destructors, which need that no other call is running.
// Commits run one after the other: who wants throughput groups them. Ownership: snapshots must be
// gone before their engine is closed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "storage/key.h"
#include "storage/limits.h"
#include "storage/write_batch.h"

namespace enlace::storage {

struct Row {
  Bytes key;
  Bytes value;

  bool operator==(const Row&) const = default;
};

enum class Order { kForward, kReverse };

struct ScanOptions {
  Order order = Order::kForward;
  // At most this many rows, and no further row once the page holds bytes_max; both at most the
  // limits of limits.h.
  size_t rows_max = kPageRowsMax;
  size_t bytes_max = kPageBytesMax;
  // Leaves the values empty.
  bool keys_only = false;
};

struct Page {
  std::vector<Row> rows;
  // What of the range was not read; absent when the page is the last. Scanning it with the same
  // options goes on exactly where this page ended, in either order.
  std::optional<KeyRange> rest;
};

// Something that can be read: the newest state of an engine, or a snapshot.
class ReadView {
 public:
  virtual ~ReadView() = default;

  // The value of `key`, or nullopt. DATA_LOSS for damage, INVALID_ARGUMENT for an empty or too long
  // key, FAILED_PRECONDITION after Close.
  virtual absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const = 0;

  // One page of `range`. Errors as Get; INVALID_ARGUMENT also for rows_max = 0.
  virtual absl::StatusOr<Page> Scan(const KeyRange& range,
                                    const ScanOptions& options = {}) const = 0;
};

// The state at the moment of its creation. Holds back the space of what is deleted meanwhile: keep
// it short.
class Snapshot : public ReadView {};

// What must hold for a transaction to take effect: `key` has exactly this value, or is absent.
struct Condition {
  Bytes key;
  std::optional<Bytes> expected;
};

// One transaction as a group refers to it; borrows.
struct CommitItem {
  std::span<const Condition> conditions;
  const WriteBatch* writes;
};

enum class Durability {
  kSynced,    // on disk before OK
  kBuffered,  // with the next synced commit; a crash before it loses it
};

enum class EngineState { kServing, kDiskFull, kReadOnly };

struct EngineHealth {
  EngineState state = EngineState::kServing;
  // Why it is not serving, for the operator; empty while it is.
  std::string detail;
  uint64_t disk_free_bytes = 0;
  uint64_t disk_total_bytes = 0;
  // What the engine's files take.
  uint64_t stored_bytes = 0;
};

struct CompactionReport {
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;

  uint64_t bytes_freed() const {
    return bytes_before > bytes_after ? bytes_before - bytes_after : 0;
  }
};

class Engine : public ReadView {
 public:
  // Writes all items whose conditions hold by one write and, for kSynced, one sync. Answer i
  // belongs to item i: OK; ABORTED when a condition does not hold; INVALID_ARGUMENT for a key,
  // value or group past its limit (then nothing of that item, or for the group's size nothing at
  // all, is written); RESOURCE_EXHAUSTED on a full disk; UNAVAILABLE while read-only;
  // FAILED_PRECONDITION after Close. A group without writes and kSynced syncs what was buffered.
  virtual std::vector<absl::Status> CommitGroup(std::span<const CommitItem> items,
                                                Durability durability) = 0;

  // One transaction alone; errors as above.
  absl::Status Commit(const WriteBatch& writes, Durability durability);
  absl::Status CommitIf(std::span<const Condition> conditions, const WriteBatch& writes,
                        Durability durability);

  // FAILED_PRECONDITION after Close.
  virtual absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() const = 0;

  // Never blocks on a commit. FAILED_PRECONDITION after Close.
  virtual absl::StatusOr<EngineHealth> Health() const = 0;

  // Rewrites `range` without what was deleted in it and gives the space back to the file system,
  // except what a snapshot still holds. Takes long and much disk bandwidth; reads and commits go
  // on.
  virtual absl::StatusOr<CompactionReport> Compact(const KeyRange& range) = 0;

  // Writes a consistent copy of the whole store to `folder`, which must not exist (ALREADY_EXISTS),
  // and syncs it. The copy opens as a store of the same kind. Reads and commits go on.
  virtual absl::Status Checkpoint(const std::filesystem::path& folder) = 0;

  // Syncs what was buffered and releases the files. FAILED_PRECONDITION while a snapshot lives; a
  // second call is OK. The destructor closes too, without an answer.
  virtual absl::Status Close() = 0;
};

}  // namespace enlace::storage
