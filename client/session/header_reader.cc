#include "client/session/header_reader.h"

#include <algorithm>

#include "crypto/primitives/status.h"
#include "crypto/room/header_change.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::Status Malformed() { return MakeError(Reason::kMalformedRequest, {{"what", "log header"}}); }

bool ReadHash(const std::string& bytes, std::optional<merkle::Hash>& hash) {
  if (bytes.empty()) return true;
  if (bytes.size() != hash.emplace().size()) return false;
  std::copy(bytes.begin(), bytes.end(), hash->begin());
  return true;
}

std::optional<room::HeaderChange> FromWire(const v1::HeaderChange& wire) {
  if (wire.kind() < static_cast<uint32_t>(room::LogKind::kRoomCreated) ||
      wire.kind() > static_cast<uint32_t>(room::LogKind::kTombstone)) {
    return std::nullopt;
  }
  room::HeaderChange change;
  change.sequence = wire.sequence();
  change.server_sequence_added = wire.server_sequence_added();
  change.accepted_at_added_ms = wire.accepted_at_added_ms();
  change.epoch = wire.epoch();
  change.kind = static_cast<room::LogKind>(wire.kind());
  const bool whole = ReadHash(wire.sender(), change.sender) &&
                     ReadHash(wire.previous_room_head(), change.previous_room_head) &&
                     ReadHash(wire.previous_server_head(), change.previous_server_head);
  return whole ? std::make_optional(change) : std::nullopt;
}

}  // namespace

absl::Status HeaderReader::Complete(v1::SubscribeResponse& response) {
  for (v1::InboxItem& item : *response.mutable_items()) {
    if (item.has_entry()) ENLACE_RETURN_IF_ERROR(Complete(*item.mutable_entry()));
  }
  return absl::OkStatus();
}

absl::Status HeaderReader::Complete(v1::RoomEntry& entry) {
  if (!entry.has_header_change()) {
    const absl::StatusOr<room::LogHeader> whole = room::DecodeLogHeader(AsBytes(entry.header()));
    // Who uses the entry says what is wrong with its header.
    before_ = whole.ok() ? std::make_optional(*whole) : std::nullopt;
    return absl::OkStatus();
  }
  const std::optional<room::HeaderChange> change = FromWire(entry.header_change());
  if (!before_ || !change || !entry.header().empty()) return Malformed();
  const absl::StatusOr<room::LogHeader> header =
      room::FollowChange(*before_, *change, AsBytes(entry.room_id()), AsBytes(entry.message()));
  if (!header.ok()) return Malformed();
  entry.set_header(ToText(room::EncodeLogHeader(*header)));
  entry.clear_header_change();
  before_ = *header;
  return absl::OkStatus();
}

}  // namespace enlace::client
