// Files that commands read and write whole.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

inline constexpr size_t kTextFileBytesMax = 4 << 20;

// The whole file; "-" reads stdin. FILE_NOT_FOUND, FILE_UNREADABLE, BODY_TOO_LARGE.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
// The same into guarded memory.
absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path);

// Writes a new file of mode 0600, synced. FILE_EXISTS unless `replace`, which goes through a
// temporary file and a rename; FILE_NOT_WRITABLE. Nothing is left on failure.
struct NewFile {
  std::string path;
  bool replace = false;
};
absl::Status WriteWholeFile(const NewFile& file, BytesView content);

}  // namespace enlace::client
