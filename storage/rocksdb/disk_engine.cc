// The disk engine on RocksDB.
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "storage/commit_plan.h"
#include "storage/crash_point.h"
#include "storage/disk.h"
#include "storage/durable_file.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/disk_reader.h"
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

// What Assemble makes of `batches` at most, so that it is not copied while it grows.
size_t AssembledBytes(const std::vector<const WriteBatch*>& batches) {
  // A header; for each write a kind and two lengths.
  constexpr size_t kHeaderBytes = 12;
  constexpr size_t kWriteBytes = 1 + 2 * 5;
  size_t bytes = kHeaderBytes;
  for (const WriteBatch* batch : batches)
    bytes += batch->size_bytes() + batch->size() * kWriteBytes;
  return bytes;
}

// One RocksDB batch of all `batches`.
absl::Status Assemble(const std::vector<const WriteBatch*>& batches, rocksdb::WriteBatch& group) {
  // RocksDB has no range without an end; no key is as long as this one.
  const std::string past_all(kKeyBytesMax + 1, '\xff');
  rocksdb::Status built;
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
  return FromRocksDb(built);
}

class DiskSnapshot : public Snapshot {
 public:
  // `pin` is of `database`.
  DiskSnapshot(Database& database, std::unique_ptr<Database::Pin> pin)
      : database_(database), pin_(std::move(pin)) {}
  ~DiskSnapshot() override { database_.Release(std::move(pin_)); }

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    const Database::Reading reading(database_);
    if (pin_->snapshot() == nullptr) return Ended();
    return GetRow(*reading.db(), pin_->snapshot(), key);
  }
  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    const Database::Reading reading(database_);
    if (pin_->snapshot() == nullptr) return Ended();
    return ScanRows(*reading.db(), pin_->snapshot(), range, options);
  }

 private:
  static absl::Status Ended() {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "storage: the snapshot ended when the store resumed after a full disk");
  }

  Database& database_;
  std::unique_ptr<Database::Pin> pin_;
};

class DiskEngine : public Engine {
 public:
  DiskEngine(std::unique_ptr<Database> database, DiskOptions options)
      : database_(std::move(database)), options_(std::move(options)) {}

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    const Database::Reading reading(*database_);
    if (reading.db() == nullptr) return Closed();
    return GetRow(*reading.db(), nullptr, key);
  }

  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    const Database::Reading reading(*database_);
    if (reading.db() == nullptr) return Closed();
    return ScanRows(*reading.db(), nullptr, range, options);
  }

  std::vector<absl::Status> CommitGroup(std::span<const CommitItem> items,
                                        Durability durability) override;

  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() const override {
    std::unique_ptr<Database::Pin> pin = database_->NewPin();
    if (pin == nullptr) return Closed();
    return std::make_unique<DiskSnapshot>(*database_, std::move(pin));
  }

  absl::StatusOr<EngineHealth> Health() const override;
  absl::StatusOr<CompactionReport> Compact(const KeyRange& range) override;
  absl::Status Checkpoint(const std::filesystem::path& folder) override;
  absl::Status Close() override { return database_->Close(); }

 private:
  // Within commit_mutex_: OK when a write can be tried; brings the database back once a full disk
  // has space again.
  absl::Status ReadyToWrite();
  absl::Status Write(const std::vector<const WriteBatch*>& batches, Durability durability);
  bool HasFree(uint64_t bytes) const;

  std::unique_ptr<Database> database_;
  const DiskOptions options_;
  // Held from the check of conditions to the end of the write.
  std::mutex commit_mutex_;
  SteadyClock::time_point last_resume_{};
  // Compactions and checkpoints under way: they read for long, and resuming would wait for them.
  std::atomic<int> long_operations_{0};
};

std::vector<absl::Status> DiskEngine::CommitGroup(std::span<const CommitItem> items,
                                                  Durability durability) {
  const std::lock_guard lock(commit_mutex_);
  const absl::Status ready = ReadyToWrite();
  if (!ready.ok()) return std::vector<absl::Status>(items.size(), ready);
  CommitPlan plan = PlanCommit(items, HasFree(options_.reserve_bytes),
                               [this](const Condition& condition) -> absl::StatusOr<bool> {
                                 const Database::Reading reading(*database_);
                                 if (reading.db() == nullptr) return Closed();
                                 return RowMatches(*reading.db(), condition);
                               });
  if (plan.AnyAccepted()) plan.Settle(Write(plan.accepted, durability));
  return std::move(plan.results);
}

bool DiskEngine::HasFree(uint64_t bytes) const {
  const absl::StatusOr<DiskSpace> space = SpaceOf(options_.folder);
  return space.ok() && space->free_bytes >= bytes;
}

absl::Status DiskEngine::ReadyToWrite() {
  const absl::Status current = database_->faults().Current();
  if (!absl::IsResourceExhausted(current)) return current;
  const SteadyClock::time_point now = SteadyClock::now();
  // What is in memory must fit; less than the reserve is enough, so that deletions can make more
  // room.
  const uint64_t needed_bytes =
      std::min<uint64_t>(options_.reserve_bytes, options_.write_buffer_bytes);
  if (now - last_resume_ < kResumeInterval || long_operations_ > 0 || !HasFree(needed_bytes)) {
    return current;
  }
  last_resume_ = now;
  return database_->Reopen();
}

absl::Status DiskEngine::Write(const std::vector<const WriteBatch*>& batches,
                               Durability durability) {
  const Database::Reading reading(*database_);
  if (reading.db() == nullptr) return Closed();
  rocksdb::DB& db = *reading.db();
  FaultState& faults = database_->faults();
  const bool synced = durability == Durability::kSynced;
  if (batches.empty()) return synced ? faults.Note(db.SyncWAL()) : absl::OkStatus();
  rocksdb::WriteBatch group(AssembledBytes(batches));
  ENLACE_RETURN_IF_ERROR(Assemble(batches, group));

  CrashPoint("storage.before_write");
  const bool split = synced && CrashPointArmed("storage.after_write");
  rocksdb::WriteOptions write;
  write.sync = synced && !split;
  ENLACE_RETURN_IF_ERROR(faults.Note(db.Write(write, &group)));
  CrashPoint("storage.after_write");
  if (split) ENLACE_RETURN_IF_ERROR(faults.Note(db.SyncWAL()));
  CrashPoint("storage.after_sync");
  return absl::OkStatus();
}

absl::StatusOr<EngineHealth> DiskEngine::Health() const {
  {
    const Database::Reading reading(*database_);
    if (reading.db() == nullptr) return Closed();
  }
  ENLACE_ASSIGN_OR_RETURN(const DiskSpace space, SpaceOf(options_.folder));
  EngineHealth health;
  health.disk_free_bytes = space.free_bytes;
  health.disk_total_bytes = space.total_bytes;
  health.stored_bytes = FolderBytes(options_.folder);
  const absl::Status current = database_->faults().Current();
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

// Files are removed a piece at a time (rocksdb_options.cc): waits until those that were replaced
// are gone, or a store that is being written to has had new ones for long enough.
void AwaitRemoval(const rocksdb::DB& db) {
  const auto removal = db.GetDBOptions().sst_file_manager;
  const SteadyClock::time_point end = SteadyClock::now() + kRemovalWaitMax;
  while (removal->GetTotalTrashSize() > 0 && SteadyClock::now() < end)
    std::this_thread::sleep_for(kRemovalPoll);
}

// Counts an operation that reads for long.
class LongOperation {
 public:
  explicit LongOperation(std::atomic<int>& count) : count_(count) { ++count_; }
  ~LongOperation() { --count_; }
  LongOperation(const LongOperation&) = delete;
  LongOperation& operator=(const LongOperation&) = delete;

 private:
  std::atomic<int>& count_;
};

absl::StatusOr<CompactionReport> DiskEngine::Compact(const KeyRange& range) {
  {
    // After a full disk nobody may have committed yet, and RocksDB compacts nothing until it was
    // opened again.
    const std::lock_guard lock(commit_mutex_);
    ENLACE_RETURN_IF_ERROR(ReadyToWrite());
  }
  const LongOperation compacting(long_operations_);
  const Database::Reading reading(*database_);
  if (reading.db() == nullptr) return Closed();
  rocksdb::DB& db = *reading.db();
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
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db.CompactRange(
      compact, range.begin.empty() ? nullptr : &begin, range.end.empty() ? nullptr : &end)));
  // Replaced files are removed in the background; this pair does it before the report is made.
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db.DisableFileDeletions()));
  ENLACE_RETURN_IF_ERROR(FromRocksDb(db.EnableFileDeletions(/*force=*/false)));
  AwaitRemoval(db);
  report.bytes_after = FolderBytes(options_.folder);
  return report;
}

absl::Status DiskEngine::Checkpoint(const std::filesystem::path& folder) {
  const LongOperation copying(long_operations_);
  const Database::Reading reading(*database_);
  if (reading.db() == nullptr) return Closed();
  std::error_code error;
  const std::filesystem::path absolute =
      std::filesystem::absolute(folder, error).lexically_normal();
  if (error) return FileError("cannot find", folder, error.value());
  if (std::filesystem::exists(absolute, error)) return FileError("cannot create", absolute, EEXIST);
  rocksdb::Checkpoint* made = nullptr;
  ENLACE_RETURN_IF_ERROR(FromRocksDb(rocksdb::Checkpoint::Create(reading.db(), &made)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  ENLACE_RETURN_IF_ERROR(FromRocksDb(checkpoint->CreateCheckpoint(absolute.string())));
  return SyncFolder(absolute.parent_path());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngineOnEnv(const DiskOptions& options,
                                                            rocksdb::Env* env) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(options, env));
  return std::make_unique<DiskEngine>(std::move(database), options);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngine(const DiskOptions& options) {
  return OpenDiskEngineOnEnv(options, nullptr);
}

}  // namespace enlace::storage
