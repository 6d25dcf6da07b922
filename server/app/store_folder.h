// The durable part of a data folder, locked and opened: lock, engine, schema version, high-water
// mark.
//
// Thread safety: as its parts. Ownership: owns them; the lock is released last.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/app/data_folder.h"
#include "storage/engine.h"
#include "storage/folder_lock.h"
#include "storage/high_water.h"

namespace enlace::server {

// What the store's records are; see storage/format.md.
inline constexpr std::string_view kStoreKind = "server";
inline constexpr uint32_t kStoreVersion = 1;

struct StoreFolder {
  storage::FolderLock lock;
  storage::HighWaterFile mark;
  std::unique_ptr<storage::Engine> engine;
};

struct StoreFolderOptions {
  int engine_files_max = 0;
  // An empty store may take the place of one that was lost.
  bool declare_loss = false;
};

// Errors of FolderLock, HighWaterFile, OpenDiskEngine and OpenSchema. A folder that has a mark but
// no store is DATA_LOSS: the store was lost, and an empty one would be served in its place.
absl::StatusOr<StoreFolder> OpenStoreFolder(const DataFolder& folder,
                                            const StoreFolderOptions& options);

// "serving", "disk_full" or "read_only".
std::string_view EngineStateName(storage::EngineState state);

}  // namespace enlace::server
