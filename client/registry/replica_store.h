// The file behind the registry replica: log entries, the newest verified head, and which log it is.
//
// Thread safety: one thread. Ownership: owns the database.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sqlite/database.h"
#include "crypto/identity/registry.h"
#include "crypto/merkle/signed_head.h"

namespace enlace::client {

class ReplicaStore {
 public:
  // Opens the file at `path`, making it for `root` when there is none and it may be written.
  // LOG_INCONSISTENT for another root, PROGRAM_TOO_OLD, NOT_ENROLLED for a reader without file.
  static absl::StatusOr<std::unique_ptr<ReplicaStore>> Open(const std::string& path,
                                                            const merkle::Hash& root,
                                                            bool read_only);

  // The newest head; of size 0 before the first Write.
  const merkle::SignedHead& head() const { return head_; }
  int64_t refreshed_at_ms() const { return refreshed_at_ms_; }

  // Applies every stored entry to an empty registry. LOG_INCONSISTENT when the file does not hold
  // what the head says.
  absl::Status Replay(identity::Registry& registry);
  absl::StatusOr<Bytes> EntryAt(uint64_t index);

  // Appends entries from `first_index` on and replaces the head, in one transaction.
  struct Update {
    uint64_t first_index = 0;
    std::span<const Bytes> entries;
    const merkle::SignedHead& head;
    int64_t now_ms = 0;
  };
  absl::Status Write(const Update& update);

 private:
  explicit ReplicaStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  absl::Status Create(const merkle::Hash& root);
  absl::Status Load(const merkle::Hash& root);
  absl::Status WriteRows(const Update& update);

  std::unique_ptr<Database> database_;
  merkle::SignedHead head_;
  int64_t refreshed_at_ms_ = 0;
};

// LOG_INCONSISTENT with what is wrong.
absl::Status LogInconsistent(std::string_view what);

}  // namespace enlace::client
