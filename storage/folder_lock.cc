#include "storage/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace enlace::storage {
namespace {

absl::Status CreateFolder(const std::filesystem::path& folder) {
  std::error_code error;
  const bool created = std::filesystem::create_directories(folder, error);
  if (error) return FileError("cannot create folder", folder, error.value());
  if (created && ::chmod(folder.c_str(), 0700) != 0) {
    return FileError("cannot protect folder", folder, errno);
  }
  return absl::OkStatus();
}

// The process id that the holder wrote, for the message; "another process" when it is not readable.
std::string HolderOf(int fd) {
  char text[24] = {};
  const ssize_t count = ::pread(fd, text, sizeof text - 1, 0);
  if (count <= 1) return "another process";
  return "process " + std::string(text, static_cast<size_t>(count - 1));
}

}  // namespace

absl::StatusOr<FolderLock> FolderLock::Acquire(const std::filesystem::path& folder) {
  ENLACE_RETURN_IF_ERROR(CreateFolder(folder));
  const std::filesystem::path path = folder / "lock";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return FileError("cannot open", path, errno);
  // flock belongs to the open file, so that a child process which inherits nothing can't release
  // it.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FileError("cannot lock", path, errno);
    return FailedPrecondition("storage: " + folder.string() + " is in use by " +
                              HolderOf(file.get()));
  }
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), holder.data(), holder.size(), 0) !=
                                             static_cast<ssize_t>(holder.size())) {
    // The lock holds without the note; on a full disk the server must still start.
    if (errno != ENOSPC && errno != EDQUOT) return FileError("cannot write", path, errno);
  }
  return FolderLock(std::move(file));
}

}  // namespace enlace::storage
