#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "client/profile/profile.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// The process id that the owner wrote; 0 when it has not written it yet.
int ReadOwner(int fd) {
  char text[24] = {};
  const ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
  int pid = 0;
  if (size > 0) std::from_chars(text, text + size, pid);
  return pid;
}

absl::Status Unwritable(const std::string& path) {
  return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
}

}  // namespace

absl::StatusOr<ProfileLock> ProfileLock::Acquire(const std::string& path) {
  ProfileLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd_ < 0) return Unwritable(path);
  if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Unwritable(path);
    return MakeError(Reason::kVaultBusy, {{"pid", std::to_string(ReadOwner(lock.fd_))}});
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock.fd_, 0) != 0 ||
      pwrite(lock.fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Unwritable(path);
  }
  return lock;
}

absl::StatusOr<std::optional<int>> ProfileLock::Owner(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::nullopt;
  if (fd < 0) {
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  std::optional<int> owner;
  // A shared lock is refused exactly while somebody holds the exclusive one.
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) owner = ReadOwner(fd);
  close(fd);
  return owner;
}

ProfileLock::ProfileLock(ProfileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ProfileLock& ProfileLock::operator=(ProfileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ProfileLock::~ProfileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace enlace::client
