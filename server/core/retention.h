// Retention: when the content of log entries goes and only their headers stay.
//
// Promises that an entry's header stays for ever, so that the chains can be walked; that content
// goes at its time or when its sender withdraws it; and that with an envelope its blobs, with a
// commit its Welcome go.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>

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
  // Notes when the entry's content goes.
  void Schedule(BytesView room, uint64_t sequence, int64_t expires_at_ms);

  // Drops the content of an earlier envelope of one of the caller's offices. MALFORMED_REQUEST when
  // there is no such envelope in the room; nothing when it is gone already.
  absl::Status Withdraw(const Caller& caller, BytesView room, uint64_t sequence, int64_t now_ms);

  // Drops the content that is due; at most `count_max`. Gives how many.
  absl::StatusOr<size_t> Expire(int64_t now_ms, size_t count_max);

 private:
  absl::Status Drop(BytesView room, uint64_t sequence, int64_t now_ms);

  GroupOverlay& store_;
  BlobCore& blobs_;
  Deadlines& deadlines_;
};

}  // namespace enlace::server
