#include "storage/rocksdb/fault_state.h"

#include "crypto/primitives/status.h"

namespace enlace::storage {
namespace {

absl::Status DiskFull() {
  return MakeStatus(absl::StatusCode::kResourceExhausted, "storage: the disk is full");
}

}  // namespace

absl::Status FromRocksDb(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = "storage: " + status.ToString();
  if (status.IsNoSpace()) return MakeStatus(absl::StatusCode::kResourceExhausted, message);
  if (status.IsCorruption()) return DataLoss(message);
  return MakeStatus(absl::StatusCode::kUnavailable, message);
}

absl::Status FaultState::Note(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  if (failure_.empty() && (disk_full_ || status.IsNoSpace())) {
    disk_full_ = true;
    return DiskFull();
  }
  if (failure_.empty()) {
    failure_ = "storage: read-only until the server is restarted, because the disk failed: " +
               status.ToString();
  }
  return MakeStatus(absl::StatusCode::kUnavailable, failure_);
}

absl::Status FaultState::Current() const {
  const std::lock_guard lock(mutex_);
  if (!failure_.empty()) return MakeStatus(absl::StatusCode::kUnavailable, failure_);
  return disk_full_ ? DiskFull() : absl::OkStatus();
}

void FaultState::Recovered() {
  const std::lock_guard lock(mutex_);
  disk_full_ = false;
}

void FaultState::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  // The answer goes to whoever commits next.
  static_cast<void>(Note(*error));
}

void FaultState::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                      bool* auto_recovery) {
  *auto_recovery = false;
}

}  // namespace enlace::storage
