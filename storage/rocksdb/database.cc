#include "storage/rocksdb/database.h"

#include <cerrno>
#include <utility>

#include "storage/durable_file.h"
#include "storage/rocksdb/rocksdb_options.h"

namespace enlace::storage {
namespace {

// Refuses a folder whose index is missing: RocksDB would take it for a new store and drop what is
// left.
absl::Status CheckFolder(const DiskOptions& options) {
  std::error_code error;
  if (std::filesystem::exists(options.folder / "CURRENT", error)) return absl::OkStatus();
  if (error) return FileError("cannot examine", options.folder, error.value());
  const absl::Status fresh = options.create_if_missing
                                 ? absl::OkStatus()
                                 : FileError("no store in", options.folder, ENOENT);
  if (!std::filesystem::exists(options.folder, error)) return fresh;
  for (std::filesystem::directory_iterator entry(options.folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::filesystem::path kind = entry->path().extension();
    if (kind == ".sst" || kind == ".log") {
      return DataLoss("storage: the store in " + options.folder.string() +
                      " has lost its file CURRENT");
    }
  }
  if (error) return FileError("cannot examine", options.folder, error.value());
  return fresh;
}

absl::Status OpenError(const rocksdb::Status& status, const std::filesystem::path& folder) {
  // RocksDB has no code of its own for a lock that somebody holds.
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return FailedPrecondition("storage: " + folder.string() + " is open already");
  }
  return FromRocksDb(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DiskOptions& options,
                                                         rocksdb::Env* env) {
  if (options.open_files_max < 20) {
    return InvalidArgument("storage: open_files_max must be at least 20");
  }
  ENLACE_RETURN_IF_ERROR(CheckFolder(options));
  std::unique_ptr<Database> database(new Database(options, env));
  const rocksdb::Status status = database->OpenForWritingElseReading(Mode::kFirst);
  if (database->db_ == nullptr) return OpenError(status, options.folder);
  return database;
}

rocksdb::Status Database::OpenIn(Mode mode) {
  rocksdb::Options options = RocksDbOptions(options_, faults_, env_);
  // What is in the log stays there: writing it to files would need the space that has just been
  // missing.
  options.avoid_flush_during_recovery = mode != Mode::kFirst;
  if (mode != Mode::kFirst) options.create_if_missing = false;
  // Compactions have time; calls have not.
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW);
  rocksdb::DB* opened = nullptr;
  const std::string folder = options_.folder.string();
  const rocksdb::Status status = mode == Mode::kReadOnly
                                     ? rocksdb::DB::OpenForReadOnly(options, folder, &opened)
                                     : rocksdb::DB::Open(options, folder, &opened);
  db_.reset(opened);
  return status;
}

rocksdb::Status Database::OpenForWritingElseReading(Mode mode) {
  const rocksdb::Status status = OpenIn(mode);
  if (!status.IsNoSpace()) return status;
  static_cast<void>(faults_->Note(status));
  // The answer is that the disk is full, also when reading works; when it does not, db_ says so.
  static_cast<void>(OpenIn(Mode::kReadOnly));
  return status;
}

absl::Status Database::Reopen() {
  const std::unique_lock<SharedGate> lock(gate_);
  if (closed_) return FailedPrecondition("storage: the store is closed");
  EndPins();
  // What its close would complain of is the full disk; whether the store is whole shows when it is
  // opened.
  if (db_ != nullptr) static_cast<void>(db_->Close());
  db_.reset();
  const rocksdb::Status status = OpenForWritingElseReading(Mode::kAgain);
  if (!status.ok()) return FromRocksDb(status);
  faults_->Recovered();
  return absl::OkStatus();
}

absl::Status Database::Close() {
  const std::unique_lock<SharedGate> lock(gate_);
  if (closed_) return absl::OkStatus();
  {
    const std::lock_guard pins_lock(pins_mutex_);
    if (!pins_.empty()) return FailedPrecondition("storage: a snapshot is still open");
  }
  closed_ = true;
  if (db_ == nullptr) return faults_->Current();
  absl::Status status = faults_->Current();
  if (status.ok()) status = faults_->Note(db_->SyncWAL());
  const absl::Status closed = FromRocksDb(db_->Close());
  db_.reset();
  return status.ok() ? closed : status;
}

std::unique_ptr<Database::Pin> Database::NewPin() {
  const Reading reading(*this);
  if (reading.db() == nullptr) return nullptr;
  auto pin = std::make_unique<Pin>();
  const std::lock_guard lock(pins_mutex_);
  pin->snapshot_ = reading.db()->GetSnapshot();
  pins_.insert(pin.get());
  return pin;
}

void Database::Release(std::unique_ptr<Pin> pin) {
  const Reading reading(*this);
  const std::lock_guard lock(pins_mutex_);
  if (pins_.erase(pin.get()) > 0) reading.db()->ReleaseSnapshot(pin->snapshot_);
}

void Database::EndPins() {
  const std::lock_guard lock(pins_mutex_);
  for (Pin* pin : pins_) {
    db_->ReleaseSnapshot(pin->snapshot_);
    pin->snapshot_ = nullptr;
  }
  pins_.clear();
}

}  // namespace enlace::storage
