#include "client/profile/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool IsKey(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(),
                                     [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

absl::Status Invalid(std::string_view path, size_t line, std::string_view what) {
  return MakeError(
      Reason::kConfigInvalid,
      {{"path", std::string(path) + ":" + std::to_string(line)}, {"what", std::string(what)}});
}

absl::Status NotWritable(const std::string& path) {
  return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
}

// Writes all of `text` to `fd` and syncs it.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0;
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.find_last_of('/') + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return NotWritable(folder);
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced ? absl::OkStatus() : NotWritable(folder);
}

}  // namespace

absl::StatusOr<ConfigValues> ParseConfig(std::string_view text, std::string_view path) {
  ConfigValues values;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Invalid(path, number, "key = value");
    const std::string_view key = Trim(line.substr(0, equals));
    if (!IsKey(key)) return Invalid(path, number, "[a-z-]+ = value");
    if (!values.emplace(key, Trim(line.substr(equals + 1))).second) {
      return Invalid(path, number, std::string(key) + " = … (2)");
    }
  }
  return values;
}

absl::StatusOr<ConfigValues> ReadConfigFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return ConfigValues();
  if (fd < 0) {
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  std::string text(kConfigBytesMax + 1, '\0');
  size_t size = 0;
  ssize_t got = 0;
  while (size < text.size() && (got = read(fd, text.data() + size, text.size() - size)) > 0) {
    size += static_cast<size_t>(got);
  }
  const int read_errno = errno;
  close(fd);
  if (got < 0) {
    return MakeError(Reason::kFileUnreadable,
                     {{"path", path}, {"what", std::strerror(read_errno)}});
  }
  if (size > kConfigBytesMax) return Invalid(path, 0, "> 64 KiB");
  text.resize(size);
  return ParseConfig(text, path);
}

absl::Status WriteConfigFile(const std::string& path, const ConfigValues& values) {
  std::string text;
  for (const auto& [key, value] : values) text += key + " = " + value + "\n";
  const std::string temporary = path + ".new";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return NotWritable(temporary);
  const bool written = WriteAll(fd, text);
  close(fd);
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status failure = NotWritable(path);
    unlink(temporary.c_str());
    return failure;
  }
  return SyncFolderOf(path);
}

}  // namespace enlace::client
