// What went wrong with the disk so far, from commits and from RocksDB's own threads.
//
// Promises: 1. A failure other than a full disk is remembered until the store is opened by a new
// process; nothing clears it. 2. A full disk is remembered until Recovered(); what fails meanwhile
// is taken for its consequence, because the database is opened again before the next write
// (database.h). 3. RocksDB never resumes by itself, for the same reason.
//
// Thread safety: all functions from any thread. Ownership: shared by the engine and RocksDB, which
// keeps its listeners.
#pragma once

#include <rocksdb/listener.h>

#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace enlace::storage {

// `status` as ours: DATA_LOSS for damage, RESOURCE_EXHAUSTED for a full disk, UNAVAILABLE for what
// else a disk does.
absl::Status FromRocksDb(const rocksdb::Status& status);

class FaultState : public rocksdb::EventListener {
 public:
  // Remembers a failed write and returns it as ours; OK is passed through.
  absl::Status Note(const rocksdb::Status& status);

  // OK, RESOURCE_EXHAUSTED while the disk is known to be full, UNAVAILABLE once it has failed
  // otherwise.
  absl::Status Current() const;

  // Forgets the full disk: the database was opened again.
  void Recovered();

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;

 private:
  mutable std::mutex mutex_;
  bool disk_full_ = false;
  std::string failure_;
};

}  // namespace enlace::storage
