// The file that a checkpoint of the memory engine consists of: all rows and a hash over them.
//
// Thread safety: free functions without state.
#pragma once

#include <filesystem>
#include <vector>

#include "storage/engine.h"

namespace enlace::storage {

// ALREADY_EXISTS when `folder` is there, UNAVAILABLE when the disk fails.
absl::Status WriteCheckpointFile(const std::filesystem::path& folder, const std::vector<Row>& rows);

// NOT_FOUND, or DATA_LOSS when the file is not what was written.
absl::StatusOr<std::vector<Row>> ReadCheckpointFile(const std::filesystem::path& folder);

}  // namespace enlace::storage
