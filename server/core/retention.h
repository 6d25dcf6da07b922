// Retention: when the content of log entries goes and only their headers stay.
//
// Promises that an entry's header stays for ever, so that the chains can be walked; that content
// goes at its time or when its sender withdraws it; and that with an envelope its blobs, with a
// commit its Welcome go.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/blob_core.h"
#include "server/core/caller.h"
#include "server/core/deadlines.h"
#include "server/core/group_overlay.h"

namespace enlace::server {

class Retention {
 public:
  Retention(GroupOverlay& store, BlobCore& blobs, Deadlines& deadlines)
      : store_(store), blobs_(blobs), deadlines_(deadlines) {}

  // When the content of an envelope accepted at `now_ms` goes: as it asks, kRetentionDefaultMs when
  // it does not, at most kRetentionMsMax from now. MALFORMED_REQUEST for a time that has passed.
  static absl::StatusOr<int64_t> ExpiryOf(uint64_t delete_after_ms, int64_t now_ms);
  // Notes when the entry's content goes. It stands in the store once Flush() was called.
  void Schedule(BytesView room, uint64_t sequence, int64_t expires_at_ms);
  // Writes what the group scheduled, entries that go at the same time together; once per group,
  // before the batch is taken.
  void Flush();

  // Drops the content of an earlier envelope of one of the caller's offices. MALFORMED_REQUEST when
  // there is no such envelope in the room; nothing when it is gone already.
  absl::Status Withdraw(const Caller& caller, BytesView room, uint64_t sequence, int64_t now_ms);

  // Drops the content that is due; at most `count_max` and what is noted together with the last of
  // them. Gives how many, at most `count_max`.
  absl::StatusOr<size_t> Expire(int64_t now_ms, size_t count_max);

  void KeepOperation() { kept_ = scheduled_.size(); }
  void DropOperation() { scheduled_.resize(kept_); }
  void AbandonGroup() { scheduled_.clear(), kept_ = 0; }

 private:
  struct Scheduled {
    uint64_t expires_at_ms = 0;
    Bytes room;
    uint64_t sequence = 0;
  };

  void WriteRow(std::span<const Scheduled> together);
  // Drops the entries of a row and the row; gives how many.
  absl::StatusOr<size_t> ExpireRow(const storage::Row& row, int64_t now_ms);
  absl::Status Drop(BytesView room, uint64_t sequence, int64_t now_ms);

  GroupOverlay& store_;
  BlobCore& blobs_;
  Deadlines& deadlines_;
  // Of the group, the kept operations' first.
  std::vector<Scheduled> scheduled_;
  size_t kept_ = 0;
};

}  // namespace enlace::server
