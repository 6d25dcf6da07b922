#include "crypto/room/header_change.h"

#include <limits>

#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

std::optional<merkle::Hash> Unless(bool known, const merkle::Hash& hash) {
  return known ? std::nullopt : std::optional<merkle::Hash>(hash);
}

}  // namespace

HeaderChange ChangeBetween(const LogHeader& before, const LogHeader& next) {
  const merkle::Hash head = LogHeaderHash(before);
  const bool same_room = next.room_id == before.room_id;
  HeaderChange change;
  change.sequence = next.sequence;
  // Both are below 2^63 on any server that ever ran, and wrap here to what FollowChange undoes.
  change.server_sequence_added =
      static_cast<int64_t>(next.server_sequence - before.server_sequence);
  change.accepted_at_added_ms = static_cast<int64_t>(static_cast<uint64_t>(next.accepted_at_ms) -
                                                     static_cast<uint64_t>(before.accepted_at_ms));
  change.epoch = next.epoch;
  change.kind = next.kind;
  change.sender = Unless(next.sender == before.sender, next.sender);
  change.previous_room_head =
      Unless(same_room && next.previous_room_head == head, next.previous_room_head);
  change.previous_server_head =
      Unless(next.previous_server_head == head, next.previous_server_head);
  return change;
}

absl::StatusOr<LogHeader> FollowChange(const LogHeader& before, const HeaderChange& change,
                                       BytesView room_id, BytesView content) {
  if (room_id.size() != kRoomIdBytes) return InvalidArgument("a room id is not 16 bytes");
  if (!change.previous_room_head && !EqualBytes(room_id, before.room_id))
    return InvalidArgument("a log header follows one of another room");
  const merkle::Hash head = LogHeaderHash(before);
  LogHeader header;
  header.room_id = ToBytes(room_id);
  header.sequence = change.sequence;
  header.server_sequence =
      before.server_sequence + static_cast<uint64_t>(change.server_sequence_added);
  header.kind = change.kind;
  header.sender = change.sender.value_or(before.sender);
  header.content_hash = merkle::Sha256(content);
  const uint64_t at = static_cast<uint64_t>(before.accepted_at_ms) +
                      static_cast<uint64_t>(change.accepted_at_added_ms);
  if (at > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return InvalidArgument("a log header's time is before 1970");
  header.accepted_at_ms = static_cast<int64_t>(at);
  header.epoch = change.epoch;
  header.previous_room_head = change.previous_room_head.value_or(head);
  header.previous_server_head = change.previous_server_head.value_or(head);
  if (header.sequence == 0 || header.server_sequence == 0)
    return InvalidArgument("log sequences begin at 1");
  return header;
}

}  // namespace enlace::room
