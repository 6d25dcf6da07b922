#include "server/services/header_shortener.h"

#include <utility>

#include "crypto/room/header_change.h"

namespace enlace::server {
namespace {

void SetHash(const std::optional<merkle::Hash>& hash, std::string& bytes) {
  if (hash) bytes.assign(hash->begin(), hash->end());
}

v1::HeaderChange ToWire(const room::HeaderChange& change) {
  v1::HeaderChange wire;
  wire.set_sequence(change.sequence);
  wire.set_server_sequence_added(change.server_sequence_added);
  wire.set_accepted_at_added_ms(change.accepted_at_added_ms);
  wire.set_epoch(change.epoch);
  wire.set_kind(static_cast<uint32_t>(change.kind));
  SetHash(change.sender, *wire.mutable_sender());
  SetHash(change.previous_room_head, *wire.mutable_previous_room_head());
  SetHash(change.previous_server_head, *wire.mutable_previous_server_head());
  return wire;
}

}  // namespace

void HeaderShortener::Shorten(v1::RoomEntry& entry) {
  absl::StatusOr<room::LogHeader> header = room::DecodeLogHeader(AsBytes(entry.header()));
  const std::optional<room::LogHeader> before = std::exchange(before_, std::nullopt);
  if (!header.ok()) return;
  before_ = *header;
  // Of a tombstone and of a room's creation the content that was hashed is not sent along.
  const bool computable = before && EqualBytes(header->room_id, AsBytes(entry.room_id())) &&
                          header->content_hash == merkle::Sha256(AsBytes(entry.message()));
  if (!computable) return;
  *entry.mutable_header_change() = ToWire(room::ChangeBetween(*before, *header));
  entry.clear_header();
}

}  // namespace enlace::server
