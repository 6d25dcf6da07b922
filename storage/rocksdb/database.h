// A RocksDB database that can be closed and opened again under its readers.
//
// Why: once its log met a full disk, RocksDB cannot be brought back in place without the risk of
// appending behind a torn record or of waiting for ever for a flush that nobody runs. Opening again
// is the way that every crash takes, and the best tested one. On a disk too full even for that, the
// database is opened read-only, so that reads go on.
//
// Invariants: 1. db() is only used inside a Reading or by Reopen and Close, which exclude every
// Reading. 2. A registered snapshot belongs to the database that is open; Reopen ends them all.
// Thread safety: all functions. A thread that holds a Reading must not call Reopen or Close.
// Ownership: owns the database.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "storage/disk.h"
#include "storage/rocksdb/fault_state.h"
#include "storage/rocksdb/shared_gate.h"

namespace enlace::storage {

class Database {
 public:
  // A RocksDB snapshot that knows when it has ended.
  class Pin {
   public:
    // Null once the database was opened again. Inside a Reading.
    const rocksdb::Snapshot* snapshot() const { return snapshot_; }

   private:
    friend class Database;
    const rocksdb::Snapshot* snapshot_ = nullptr;
  };

  // While it lives, the database stays open as it is. db() is null after Close.
  class Reading {
   public:
    explicit Reading(const Database& database) : lock_(database.gate_), db_(database.db_.get()) {}
    rocksdb::DB* db() const { return db_; }

   private:
    std::shared_lock<SharedGate> lock_;
    rocksdb::DB* db_;
  };

  // `env` may be null. Errors as OpenDiskEngine.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DiskOptions& options,
                                                        rocksdb::Env* env);
  ~Database() { static_cast<void>(Close()); }

  // Closes and opens again, and forgets the full disk when the database takes writes again.
  // RESOURCE_EXHAUSTED while the disk is still too full; reads go on then too. UNAVAILABLE or
  // DATA_LOSS when it can't be opened at all: every read gives FAILED_PRECONDITION until a later
  // call succeeds.
  absl::Status Reopen();

  // FAILED_PRECONDITION while a pin lives. Syncs, closes; a second call is OK.
  absl::Status Close();

  // Null after Close.
  std::unique_ptr<Pin> NewPin();
  void Release(std::unique_ptr<Pin> pin);

  FaultState& faults() const { return *faults_; }

 private:
  Database(DiskOptions options, rocksdb::Env* env)
      : options_(std::move(options)), env_(env), faults_(std::make_shared<FaultState>()) {}

  enum class Mode { kFirst, kAgain, kReadOnly };
  // Sets db_; inside the exclusive lock.
  rocksdb::Status OpenIn(Mode mode);
  rocksdb::Status OpenForWritingElseReading(Mode mode);
  void EndPins();

  const DiskOptions options_;
  rocksdb::Env* const env_;
  // Shared with RocksDB, which keeps its listeners until it is gone.
  const std::shared_ptr<FaultState> faults_;
  mutable SharedGate gate_;
  std::unique_ptr<rocksdb::DB> db_;
  bool closed_ = false;
  std::mutex pins_mutex_;
  std::set<Pin*> pins_;
};

}  // namespace enlace::storage
