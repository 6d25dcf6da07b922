#include "storage/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace enlace::storage {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

absl::Status WriteAll(int fd, BytesView content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("cannot write", path, errno);
    content = content.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteNewFile(const std::filesystem::path& path, BytesView content) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) return FileError("cannot create", path, errno);
  ENLACE_RETURN_IF_ERROR(WriteAll(file.get(), content, path));
  if (::fsync(file.get()) != 0) return FileError("cannot sync", path, errno);
  return absl::OkStatus();
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status FileError(std::string_view what, const std::filesystem::path& path, int error) {
  return MakeStatus(CodeOf(error), "storage: " + std::string(what) + " " + path.string() + ": " +
                                       std::generic_category().message(error));
}

absl::Status SyncFolder(const std::filesystem::path& folder) {
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return FileError("cannot open folder", folder, errno);
  if (::fsync(fd.get()) != 0) return FileError("cannot sync folder", folder, errno);
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::filesystem::path& path, BytesView content) {
  std::filesystem::path beside = path;
  beside += ".new";
  const absl::Status written = WriteNewFile(beside, content);
  if (!written.ok()) {
    // What is half written helps nobody, and on a full disk its space does.
    ::unlink(beside.c_str());
    return written;
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return FileError("cannot rename", path, errno);
  return SyncFolder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

absl::StatusOr<Bytes> ReadWholeFile(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return FileError("cannot open", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return FileError("cannot examine", path, errno);
  if (static_cast<uint64_t>(info.st_size) > kWholeFileBytesMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "storage: " + path.string() + " is larger than 256 MiB");
  }
  Bytes content(static_cast<size_t>(info.st_size));
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::read(file.get(), content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("cannot read", path, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  content.resize(done);
  return content;
}

}  // namespace enlace::storage
