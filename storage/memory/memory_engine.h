// The store in memory, with a disk that obeys: for unit tests and for simulations from one seed.
//
// A MemoryDisk is what survives a crash. An engine is opened on it as a process opens a folder;
// after Crash() every call on that engine fails with UNAVAILABLE and the disk is opened again.
// Keeps all promises of engine.h, with the disk's obedience in place of a real one's.
// Deterministic: no clock, no thread, no randomness.
//
// Invariants: 1. Every version of a key that is newer than the last sync, or that the last sync or
// a living snapshot sees, is kept; others are dropped. 2. At most one engine is open on a disk.
//
// Thread safety: as engine.h; the faults of MemoryDisk can be set from any thread. Ownership:
// engines and snapshots share the disk with whoever made it, so that it outlives the process that
// it stands for.
#pragma once

#include <cstdint>
#include <memory>

#include "storage/engine.h"

namespace enlace::storage {

// What a sync that reports an error did with the writes, as it shows after the store was opened
// again. The caller can't know, and must cope with both.
enum class FailedSync { kLost, kWritten };

class MemoryDisk {
 public:
  virtual ~MemoryDisk() = default;

  // The n-th sync from now fails (1 = the next); the engine turns read-only.
  virtual void FailSync(uint64_t nth, FailedSync effect) = 0;
  // Puts are refused that would make keys and values of the newest state exceed this; deletions are
  // accepted.
  virtual void SetCapacity(uint64_t capacity_bytes) = 0;
  // The process dies and what was not synced is lost. Engines and snapshots of before fail from now
  // on.
  virtual void Crash() = 0;
  // Synced writes so far: what a test counts groups by.
  virtual uint64_t syncs() const = 0;
};

std::shared_ptr<MemoryDisk> NewMemoryDisk();

// FAILED_PRECONDITION while another engine is open on `disk`.
absl::StatusOr<std::unique_ptr<Engine>> OpenMemoryEngine(const std::shared_ptr<MemoryDisk>& disk);

// A disk holding what Engine::Checkpoint of a memory engine wrote to `folder`. NOT_FOUND, or
// DATA_LOSS when the file is damaged.
absl::StatusOr<std::shared_ptr<MemoryDisk>> ReadMemoryCheckpoint(
    const std::filesystem::path& folder);

}  // namespace enlace::storage
