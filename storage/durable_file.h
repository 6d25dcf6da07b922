// Small files that are replaced as a whole and survive power loss.
//
// Promises that after a crash a path holds either the whole old or the whole new content. Not for
// data that grows.
//
// Thread safety: free functions without state; two writers of one path need a lock of their own.
#pragma once

#include <filesystem>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"

namespace enlace::storage {

// Largest file that ReadWholeFile accepts.
inline constexpr size_t kWholeFileBytesMax = 256u << 20;

// Writes `content` beside `path`, syncs it, renames it over `path` and syncs the folder.
// RESOURCE_EXHAUSTED on a full disk, PERMISSION_DENIED, UNAVAILABLE for any other failure; then
// `path` is as it was, or, when the last sync failed, one of the two.
absl::Status ReplaceFile(const std::filesystem::path& path, BytesView content);

// NOT_FOUND, RESOURCE_EXHAUSTED past kWholeFileBytesMax, PERMISSION_DENIED, UNAVAILABLE.
absl::StatusOr<Bytes> ReadWholeFile(const std::filesystem::path& path);

// Makes the entries of `folder` durable. UNAVAILABLE when the disk fails.
absl::Status SyncFolder(const std::filesystem::path& folder);

// "storage: <what> <path>: <the system's words>", with the code that fits `error` (an errno).
absl::Status FileError(std::string_view what, const std::filesystem::path& path, int error);

// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace enlace::storage
