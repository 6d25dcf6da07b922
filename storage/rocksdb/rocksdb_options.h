// The options that RocksDB runs with; each departs from its default for a reason given in the
// source.
//
// Thread safety: free function without state.
#pragma once

#include <rocksdb/options.h>

#include <chrono>
#include <cstdint>
#include <memory>

#include "storage/disk.h"

namespace enlace::storage {

// Files that are no longer needed are removed a piece at a time, at most so fast; when they take so
// many times what the store takes, they go at once.
inline constexpr int64_t kRemovedBytesPerSecond = 128 << 20;
inline constexpr uint64_t kRemovedPieceBytes = 1 << 20;
inline constexpr double kTrashShareMax = 2.0;
// For how long a report about freed space waits for them, and how often it looks.
inline constexpr std::chrono::seconds kRemovalWaitMax{30};
inline constexpr std::chrono::milliseconds kRemovalPoll{10};

// `env` may be null: the machine's own. It must outlive the store.
rocksdb::Options RocksDbOptions(const DiskOptions& options,
                                std::shared_ptr<rocksdb::EventListener> listener,
                                rocksdb::Env* env);

}  // namespace enlace::storage
