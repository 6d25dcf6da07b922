// A consistent copy of a data folder, and the way back from one.
//
// A backup holds the store as a checkpoint and the keys; whoever has it can act as the server, so
// that it is as secret as the data folder. It holds no high-water mark: a store that is put back is
// older than what clients saw, and says so. The restored folder starts with `run --declare-loss`
// alone, which records what is missing as lost.
//
// Thread safety: MakeBackup while the engine serves; RestoreBackup while nothing runs on the
// folder. Ownership: borrows.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "server/app/data_folder.h"
#include "storage/engine.h"

namespace enlace::server {

// ALREADY_EXISTS when `target` is there; INVALID_ARGUMENT for a relative path; errors of the disk,
// after which nothing of `target` is left.
absl::Status MakeBackup(storage::Engine& engine, const DataFolder& folder,
                        const std::filesystem::path& target);

// Copies a backup into the data folder. ALREADY_EXISTS when that holds a store or keys; NOT_FOUND
// when `source` is no backup.
absl::Status RestoreBackup(const std::filesystem::path& source, const DataFolder& folder);

}  // namespace enlace::server
