// The engine that keeps its data in a folder: the default of the server.
//
// Promises what engine.h does, and that opening refuses a store in which a written record was
// altered (DATA_LOSS) while it accepts the incomplete last record of a crash, which nobody was told
// is safe. It can't notice a log that was cut on a record boundary, deleted, or replaced with the
// whole folder by an older copy: high_water.h does. Memory, file descriptors and log length are
// bounded by the options.
//
// Thread safety: as engine.h. Ownership: the caller owns the engine; the folder belongs to it while
// it is open.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "storage/engine.h"

namespace enlace::storage {

struct DiskOptions {
  std::filesystem::path folder;
  // False: NOT_FOUND when there is no store, so that a wrong path is never served as an empty
  // store.
  bool create_if_missing = false;
  // Blocks, indexes and filters of the files in use.
  size_t cache_bytes = 64u << 20;
  // Newest writes that are not yet in files; the log holds at most four times this, so that a start
  // is quick.
  size_t write_buffer_bytes = 32u << 20;
  // Descriptors for data files; logs and folders take a few more. At least 20.
  int open_files_max = 256;
  // Batches that add data are refused while less than this is free.
  uint64_t reserve_bytes = kReserveBytesDefault;
  // Takes the engine's own warnings for the operator's log, from any thread; empty drops them. They
  // hold no keys or values.
  std::function<void(std::string_view)> log = {};
};

// NOT_FOUND, DATA_LOSS, FAILED_PRECONDITION (open in another process), RESOURCE_EXHAUSTED (disk
// full), UNAVAILABLE.
absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngine(const DiskOptions& options);

}  // namespace enlace::storage
