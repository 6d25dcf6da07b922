// A file system under RocksDB that fails when told, forgets at power loss what was not synced, and
// counts what is read.
//
// Everything goes to the real files; the class remembers how much of each was synced. PowerOff()
// makes every later write fail, CutToSynced() then leaves of each file what a machine would find
// that lost its power. Creating, renaming and deleting files count as durable at once.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace enlace::storage {

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "EnlaceFaultyFileSystem"; }

  // The n-th sync of a log from now fails with an input/output error (1 = the next).
  void FailLogSync(uint64_t nth);
  // The n-th append to a log from now fails likewise, with nothing written.
  void FailLogAppend(uint64_t nth);
  uint64_t log_syncs() const;

  // Read from data files so far, by lookups and scans.
  uint64_t read_bytes() const { return read_bytes_; }

  void PowerOff();
  // After the engine is gone: cuts each file to what was synced of it.
  void CutToSynced();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultyFile;

  // OK, or the error that an append or sync of this file meets now.
  rocksdb::IOStatus BeforeAppend(const std::string& path);
  rocksdb::IOStatus BeforeSync(const std::string& path);
  void Synced(const std::string& path, uint64_t size_bytes);

  std::atomic<uint64_t> read_bytes_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> synced_bytes_;
  bool power_off_ = false;
  uint64_t log_sync_fails_in_ = 0;
  uint64_t log_append_fails_in_ = 0;
  uint64_t log_syncs_ = 0;
};

}  // namespace enlace::storage
