// The disk engine on RocksDB.
//
// After a full disk the log's last record can be torn in its middle, and RocksDB would go on
// appending behind it: a later crash would then lose or refuse what stands behind the tear. So
// before the first commit after a full disk is tried, the engine flushes what is in memory to a
// file, which retires the torn log and starts a new one (RenewLog).
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <utility>

#include "storage/commit_plan.h"
#include "storage/crash_point.h"
#include "storage/disk.h"
#include "storage/durable_file.h"
#include "storage/rocksdb/disk_reader.h"
#include "storage/rocksdb/fault_state.h"
#include "storage/rocksdb/open_on_env.h"
#include "storage/rocksdb/rocksdb_options.h"

namespace enlace::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct DiskSpace {
  uint64_t free_bytes = 0;
  uint64_t total_bytes = 0;
};

absl::StatusOr<DiskSpace> SpaceOf(const std::filesystem::path& folder) {
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) return FileError("cannot examine", folder, errno);
  return DiskSpace{uint64_t{info.f_bavail} * info.f_frsize,
                   uint64_t{info.f_blocks} * info.f_frsize};
}

// Sizes of all files in `folder`. A file that vanishes while looking counts nothing.
uint64_t FolderBytes(const std::filesystem::path& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    const uintmax_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

absl::Status Closed() { return FailedPrecondition("storage: the store is closed"); }

class DiskSnapshot : public Snapshot {
 public:
  DiskSnapshot(rocksdb::DB& db, std::atomic<int>& open_snapshots)
      : db_(db), open_snapshots_(open_snapshots), snapshot_(db.GetSnapshot()) {
    ++open_snapshots_;
  }
  ~DiskSnapshot() override {
    db_.ReleaseSnapshot(snapshot_);
    --open_snapshots_;
  }

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    return GetRow(db_, snapshot_, key);
  }
  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    return ScanRows(db_, snapshot_, range, options);
  }

 private:
  rocksdb::DB& db_;
  std::atomic<int>& open_snapshots_;
  const rocksdb::Snapshot* snapshot_;
};

class DiskEngine : public Engine {
 public:
  DiskEngine(std::unique_ptr<rocksdb::DB> db, std::shared_ptr<FaultState> faults,
             DiskOptions options)
      : db_(std::move(db)), faults_(std::move(faults)), options_(std::move(options)) {}

  // A destructor has nobody to answer to; who wants to know calls Close.
  ~DiskEngine() override { static_cast<void>(Close()); }

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    if (db_ == nullptr) return Closed();
    return GetRow(*db_, nullptr, key);
  }

  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    if (db_ == nullptr) return Closed();
    return ScanRows(*db_, nullptr, range, options);
  }

  std::vector<absl::Status> CommitGroup(std::span<const CommitItem> items,
                                        Durability durability) override;

  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() const override {
    if (db_ == nullptr) return Closed();
    return std::make_unique<DiskSnapshot>(*db_, open_snapshots_);
  }

  absl::StatusOr<EngineHealth> Health() const override;
  absl::StatusOr<CompactionReport> Compact(const KeyRange& range) override;
  absl::Status Checkpoint(const std::filesystem::path& folder) override;
  absl::Status Close() override;

 private:
  absl::Status ReadyToWrite();
  absl::Status RenewLog();
  absl::Status Write(const std::vector<const WriteBatch*>& batches, Durability durability);
  bool HasFree(uint64_t bytes) const;

  std::unique_ptr<rocksdb::DB> db_;
  // Shared with RocksDB, which keeps its listeners until it is gone.
  std::shared_ptr<FaultState> faults_;
  DiskOptions options_;
  mutable std::atomic<int> open_snapshots_{0};
  // Held from the check of conditions to the end of the write.
  std::mutex commit_mutex_;
  SteadyClock::time_point last_resume_{};
};

std::vector<absl::Status> DiskEngine::CommitGroup(std::span<const CommitItem> items,
                                                  Durability durability) {
  const std::lock_guard lock(commit_mutex_);
  const absl::Status ready = ReadyToWrite();
  if (!ready.ok()) return std::vector<absl::Status>(items.size(), ready);
  CommitPlan plan =
      PlanCommit(items, HasFree(options_.reserve_bytes),
                 [this](const Condition& condition) { return RowMatches(*db_, condition); });
  const bool answers_anybody = std::any_of(plan.results.begin(), plan.results.end(),
                                           [](const absl::Status& result) { return result.ok(); });
  if (answers_anybody) plan.Settle(Write(plan.accepted, durability));
  return std::move(plan.results);
}

bool DiskEngine::HasFree(uint64_t bytes) const {
  const absl::StatusOr<DiskSpace> space = SpaceOf(options_.folder);
  return space.ok() && space->free_bytes >= bytes;
}

absl::Status DiskEngine::ReadyToWrite() {
  if (db_ == nullptr) return Closed();
  const absl::Status current = faults_->Current();
  if (!absl::IsResourceExhausted(current)) return current;
  const SteadyClock::time_point now = SteadyClock::now();
  // What is in memory must fit; less than the reserve is enough, so that deletions can make more
  // room.
  const uint64_t needed_bytes =
      std::min<uint64_t>(options_.reserve_bytes, options_.write_buffer_bytes);
  if (now - last_resume_ < kResumeInterval || !HasFree(needed_bytes)) return current;
  last_resume_ = now;
  ENLACE_RETURN_IF_ERROR(RenewLog());
  faults_->Recovered();
  return absl::OkStatus();
}

absl::Status DiskEngine::RenewLog() {
  ENLACE_RETURN_IF_ERROR(faults_->Note(db_->Resume()));
  // A flush with nothing in memory would keep the torn log. The empty key is never written
  // otherwise, and a deletion that bypasses the log leaves no trace once it is flushed.
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  ENLACE_RETURN_IF_ERROR(faults_->Note(db_->Delete(unlogged, rocksdb::Slice())));
  rocksdb::FlushOptions flush;
  flush.wait = true;
  flush.allow_write_stall = true;
  return faults_->Note(db_->Flush(flush));
}

absl::Status DiskEngine::Write(const std::vector<const WriteBatch*>& batches,
                               Durability durability) {
  const bool synced = durability == Durability::kSynced;
  if (batches.empty()) {
    return synced ? faults_->Note(db_->SyncWAL()) : absl::OkStatus();
  }
  size_t group_bytes = 0;
  for (const WriteBatch* batch : batches) group_bytes += batch->size_bytes() + 16 * batch->size();
  rocksdb::WriteBatch group(group_bytes);
  rocksdb::Status built;
  // RocksDB has no range without an end; no key is as long as this one.
  const std::string past_all(kKeyBytesMax + 1, '\xff');
  const auto add = [&](const WriteBatch::Write& write) {
    if (!built.ok()) return;
    const rocksdb::Slice key = SliceOf(write.key);
    switch (write.kind) {
      case WriteBatch::Kind::kPut:
        built = group.Put(key, SliceOf(write.value));
        return;
      case WriteBatch::Kind::kDelete:
        built = group.Delete(key);
        return;
      case WriteBatch::Kind::kDeleteRange:
        built = group.DeleteRange(
            key, write.value.empty() ? rocksdb::Slice(past_all) : SliceOf(write.value));
        return;
    }
  };
  for (const WriteBatch* batch : batches) batch->ForEach(add);
  ENLACE_RETURN_IF_ERROR(FromRocksDb(built));

  CrashPoint("storage.before_write");
  const bool split = synced && CrashPointArmed("storage.after_write");
  rocksdb::WriteOptions write;
  write.sync = synced && !split;
  ENLACE_RETURN_IF_ERROR(faults_->Note(db_->Write(write, &group)));
  CrashPoint("storage.after_write");
  if (split) ENLACE_RETURN_IF_ERROR(faults_->Note(db_->SyncWAL()));
  CrashPoint("storage.after_sync");
  return absl::OkStatus();
}

absl::StatusOr<EngineHealth> DiskEngine::Health() const {
  if (db_ == nullptr) return Closed();
  ENLACE_ASSIGN_OR_RETURN(const DiskSpace space, SpaceOf(options_.folder));
  EngineHealth health;
  health.disk_free_bytes = space.free_bytes;
  health.disk_total_bytes = space.total_bytes;
  health.stored_bytes = FolderBytes(options_.folder);
  const absl::Status current = faults_->Current();
  if (!current.ok()) {
    health.state =
        absl::IsResourceExhausted(current) ? EngineState::kDiskFull : EngineState::kReadOnly;
    health.detail = MessageOf(current);
  } else if (space.free_bytes < options_.reserve_bytes) {
    health.state = EngineState::kDiskFull;
    health.detail = "storage: less than " + std::to_string(options_.reserve_bytes >> 20) +
                    " MiB are free on the disk of " + options_.folder.string();
  }
  return health;
}

absl::StatusOr<CompactionReport> DiskEngine::Compact(const KeyRange& range) {
  {
    // After a full disk nobody may have committed yet, and RocksDB compacts nothing until it is
    // resumed.
    const std::lock_guard lock(commit_mutex_);
    ENLACE_RETURN_IF_ERROR(ReadyToWrite());
  }
  CompactionReport report;
  report.bytes_before = FolderBytes(options_.folder);
  if (range.empty()) {
    report.bytes_after = report.bytes_before;
    return report;
  }
  const rocksdb::Slice begin = SliceOf(range.begin);
  const rocksdb::Slice end = SliceOf(range.end);
  rocksdb::CompactRangeOptions compact;
  compact.exclusive_manual_compaction = false;
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db_->CompactRange(
      compact, range.begin.empty() ? nullptr : &begin, range.end.empty() ? nullptr : &end)));
  // Replaced files are removed in the background; this pair does it before the report is made.
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db_->DisableFileDeletions()));
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db_->EnableFileDeletions(/*force=*/false)));
  report.bytes_after = FolderBytes(options_.folder);
  return report;
}

absl::Status DiskEngine::Checkpoint(const std::filesystem::path& folder) {
  if (db_ == nullptr) return Closed();
  std::error_code error;
  const std::filesystem::path absolute =
      std::filesystem::absolute(folder, error).lexically_normal();
  if (error) return FileError("cannot find", folder, error.value());
  if (std::filesystem::exists(absolute, error)) return FileError("cannot create", absolute, EEXIST);
  rocksdb::Checkpoint* made = nullptr;
  ENLACE_RETURN_IF_ERROR(FromRocksDb(rocksdb::Checkpoint::Create(db_.get(), &made)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  ENLACE_RETURN_IF_ERROR(FromRocksDb(checkpoint->CreateCheckpoint(absolute.string())));
  return SyncFolder(absolute.parent_path());
}

absl::Status DiskEngine::Close() {
  if (db_ == nullptr) return absl::OkStatus();
  if (open_snapshots_ > 0) return FailedPrecondition("storage: a snapshot is still open");
  absl::Status status = faults_->Current();
  if (status.ok()) status = faults_->Note(db_->SyncWAL());
  const absl::Status closed = FromRocksDb(db_->Close());
  db_.reset();
  return status.ok() ? closed : status;
}

// Refuses a folder whose index is missing: RocksDB would take it for a new store and drop what is
// left.
absl::Status CheckFolder(const DiskOptions& options) {
  std::error_code error;
  if (std::filesystem::exists(options.folder / "CURRENT", error)) return absl::OkStatus();
  if (error) return FileError("cannot examine", options.folder, error.value());
  if (!std::filesystem::exists(options.folder, error)) {
    return options.create_if_missing ? absl::OkStatus()
                                     : FileError("no store in", options.folder, ENOENT);
  }
  for (std::filesystem::directory_iterator entry(options.folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::filesystem::path kind = entry->path().extension();
    if (kind == ".sst" || kind == ".log") {
      return DataLoss("storage: the store in " + options.folder.string() +
                      " has lost its file CURRENT");
    }
  }
  if (error) return FileError("cannot examine", options.folder, error.value());
  return options.create_if_missing ? absl::OkStatus()
                                   : FileError("no store in", options.folder, ENOENT);
}

absl::Status OpenError(const rocksdb::Status& status, const std::filesystem::path& folder) {
  const absl::Status error = FromRocksDb(status);
  // RocksDB has no code of its own for a lock that somebody holds.
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return FailedPrecondition("storage: " + folder.string() + " is open already");
  }
  return error;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngineOnEnv(const DiskOptions& options,
                                                            rocksdb::Env* env) {
  if (options.open_files_max < 20) {
    return InvalidArgument("storage: open_files_max must be at least 20");
  }
  ENLACE_RETURN_IF_ERROR(CheckFolder(options));
  auto faults = std::make_shared<FaultState>();
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(RocksDbOptions(options, faults, env), options.folder.string(), &opened);
  if (!status.ok()) return OpenError(status, options.folder);
  return std::make_unique<DiskEngine>(std::unique_ptr<rocksdb::DB>(opened), std::move(faults),
                                      options);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngine(const DiskOptions& options) {
  return OpenDiskEngineOnEnv(options, nullptr);
}

}  // namespace enlace::storage
