// Config files on disk: lines `key = value`, read whole, written atomically.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/profile/profile.h"

namespace enlace::client {

// The pairs of the file at `path`; none when there is no file. FILE_UNREADABLE, CONFIG_INVALID.
absl::StatusOr<ConfigValues> ReadConfigFile(const std::string& path);

// Replaces the file by `values`: temporary file, fsync, rename, fsync of the folder. Mode 0600.
// FILE_NOT_WRITABLE.
absl::Status WriteConfigFile(const std::string& path, const ConfigValues& values);

}  // namespace enlace::client
