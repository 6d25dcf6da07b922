// A log header told by what differs from the header before it, for lines on which every byte is
// waited for.
//
// What a reader can compute is left out: the room, the content's hash, and the heads that the
// header before gives. A header that is put together so is the same bytes as the one that was
// taken apart, or, where the other side lied, does not continue the next one that is told in full.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "crypto/room/log_chain.h"

namespace enlace::room {

struct HeaderChange {
  uint64_t sequence = 0;
  // Differences to the header before; a device's entries may come in another order than the
  // server's.
  int64_t server_sequence_added = 0;
  int64_t accepted_at_added_ms = 0;
  uint64_t epoch = 0;
  LogKind kind = LogKind::kMessage;
  std::optional<merkle::Hash> sender;                // Without: that of the header before.
  std::optional<merkle::Hash> previous_room_head;    // Without: the hash of the header before.
  std::optional<merkle::Hash> previous_server_head;  // Without: the hash of the header before.

  friend bool operator==(const HeaderChange&, const HeaderChange&) = default;
};

HeaderChange ChangeBetween(const LogHeader& before, const LogHeader& next);

// The header of the entry of this room with this content. INVALID_ARGUMENT for a change that leads
// to no header: a place or a time out of its range, a head left out of another room's entry.
absl::StatusOr<LogHeader> FollowChange(const LogHeader& before, const HeaderChange& change,
                                       BytesView room_id, BytesView content);

}  // namespace enlace::room
