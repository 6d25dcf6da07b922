#include "tests/unit/storage/faulty_file_system.h"

namespace enlace::storage {
namespace {

bool IsLog(const std::string& path) { return path.ends_with(".log"); }

rocksdb::IOStatus InputOutputError() {
  return rocksdb::IOStatus::IOError("injected", "input/output error");
}

class CountingFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  CountingFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::atomic<uint64_t>& read_bytes)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), read_bytes_(read_bytes) {}

  rocksdb::IOStatus Read(uint64_t offset, size_t size_bytes, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) const override {
    read_bytes_ += size_bytes;
    return FSRandomAccessFileOwnerWrapper::Read(offset, size_bytes, options, result, scratch,
                                                debug);
  }

 private:
  std::atomic<uint64_t>& read_bytes_;
};

// Counts down; true when it reaches zero.
bool Due(uint64_t& fails_in) { return fails_in > 0 && --fails_in == 0; }

}  // namespace

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
             FaultyFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), system_(system) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = system_.BeforeAppend(path_);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    if (status.ok()) size_bytes_ += data.size();
    return status;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&,
                           rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = system_.BeforeSync(path_);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (status.ok()) system_.Synced(path_, size_bytes_);
    return status;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  std::string path_;
  FaultyFileSystem& system_;
  uint64_t size_bytes_ = 0;
};

void FaultyFileSystem::FailLogSync(uint64_t nth) {
  const std::lock_guard lock(mutex_);
  log_sync_fails_in_ = nth;
}

void FaultyFileSystem::FailLogAppend(uint64_t nth) {
  const std::lock_guard lock(mutex_);
  log_append_fails_in_ = nth;
}

uint64_t FaultyFileSystem::log_syncs() const {
  const std::lock_guard lock(mutex_);
  return log_syncs_;
}

void FaultyFileSystem::PowerOff() {
  const std::lock_guard lock(mutex_);
  power_off_ = true;
}

void FaultyFileSystem::CutToSynced() {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, size_bytes] : synced_bytes_) {
    if (std::filesystem::exists(path) && std::filesystem::file_size(path) > size_bytes) {
      std::filesystem::resize_file(path, size_bytes);
    }
  }
  power_off_ = false;
}

rocksdb::IOStatus FaultyFileSystem::NewWritableFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = BeforeAppend("");
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  Synced(path, 0);
  *result = std::make_unique<FaultyFile>(std::move(file), path, *this);
  return status;
}

rocksdb::IOStatus FaultyFileSystem::NewRandomAccessFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result, rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  rocksdb::IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, &file, debug);
  if (status.ok()) *result = std::make_unique<CountingFile>(std::move(file), read_bytes_);
  return status;
}

rocksdb::IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                               const rocksdb::IOOptions& options,
                                               rocksdb::IODebugContext* debug) {
  rocksdb::IOStatus status = BeforeAppend("");
  if (status.ok()) status = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  if (const auto moved = synced_bytes_.extract(from)) synced_bytes_[to] = moved.mapped();
  return status;
}

rocksdb::IOStatus FaultyFileSystem::DeleteFile(const std::string& path,
                                               const rocksdb::IOOptions& options,
                                               rocksdb::IODebugContext* debug) {
  rocksdb::IOStatus status = BeforeAppend("");
  if (status.ok()) status = FileSystemWrapper::DeleteFile(path, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  synced_bytes_.erase(path);
  return status;
}

rocksdb::IOStatus FaultyFileSystem::BeforeAppend(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (power_off_) return InputOutputError();
  return IsLog(path) && Due(log_append_fails_in_) ? InputOutputError() : rocksdb::IOStatus::OK();
}

rocksdb::IOStatus FaultyFileSystem::BeforeSync(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (power_off_) return InputOutputError();
  if (!IsLog(path)) return rocksdb::IOStatus::OK();
  ++log_syncs_;
  return Due(log_sync_fails_in_) ? InputOutputError() : rocksdb::IOStatus::OK();
}

void FaultyFileSystem::Synced(const std::string& path, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  synced_bytes_[path] = size_bytes;
}

}  // namespace enlace::storage
