#include "client/cli_common/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::Status ErrnoError(Reason reason, const std::string& path) {
  return MakeError(reason, {{"path", path}, {"what", std::strerror(errno)}});
}

// Closes a descriptor that this file opened.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool WriteAll(int fd, BytesView content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content = content.subspan(static_cast<size_t>(written));
  }
  return fsync(fd) == 0;
}

}  // namespace

absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path) {
  const OpenFile file(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0 && errno == ENOENT) return MakeError(Reason::kFileNotFound, {{"path", path}});
  if (file.fd() < 0) return ErrnoError(Reason::kFileUnreadable, path);
  SecretBytes buffer(kTextFileBytesMax + 1);
  size_t size = 0;
  for (;;) {
    const auto rest = buffer.mutable_view().subspan(size);
    if (rest.empty()) break;
    const ssize_t got = read(file.fd(), rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(Reason::kFileUnreadable, path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kTextFileBytesMax) {
    return MakeError(Reason::kBodyTooLarge, {{"what", path},
                                             {"size_bytes", std::to_string(size)},
                                             {"limit_bytes", std::to_string(kTextFileBytesMax)}});
  }
  return SecretBytes::CopyOf(buffer.view().first(size));
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes content, ReadSecretFile(path));
  return ToText(content.view());
}

absl::Status WriteWholeFile(const NewFile& file, BytesView content) {
  const std::string target = file.replace ? file.path + ".new" : file.path;
  const int exclusive = file.replace ? O_TRUNC : O_EXCL;
  const OpenFile out(
      open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | exclusive, S_IRUSR | S_IWUSR));
  if (out.fd() < 0 && errno == EEXIST) {
    return MakeError(Reason::kFileExists, {{"path", file.path}});
  }
  if (out.fd() < 0) return ErrnoError(Reason::kFileNotWritable, file.path);
  const bool written = WriteAll(out.fd(), content) &&
                       (!file.replace || rename(target.c_str(), file.path.c_str()) == 0);
  if (written) return absl::OkStatus();
  const absl::Status failure = ErrnoError(Reason::kFileNotWritable, file.path);
  unlink(target.c_str());
  return failure;
}

}  // namespace enlace::client
