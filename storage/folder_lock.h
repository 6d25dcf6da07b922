// One process per data folder.
//
// Promises that of all processes of this machine at most one holds the lock of a folder, and that
// the lock ends with the process however it dies. The file "lock" in the folder names the holder's
// process id for people; the lock is the kernel's, so that a file left behind by a crash locks
// nobody out. Does not reach over network file systems.
//
// Thread safety: values; two locks of one folder exclude each other within a process too.
// Ownership: the lock is held while the object lives.
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "storage/durable_file.h"

namespace enlace::storage {

class FolderLock {
 public:
  // Creates `folder` (with its parents, mode 0700) when it is absent. FAILED_PRECONDITION, naming
  // the process, when another one holds it; PERMISSION_DENIED; UNAVAILABLE.
  static absl::StatusOr<FolderLock> Acquire(const std::filesystem::path& folder);

  FolderLock(FolderLock&&) noexcept = default;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace enlace::storage
