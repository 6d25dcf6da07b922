#include "server/core/room_log.h"

#include <algorithm>
#include <utility>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {

v1::Acceptance AcceptanceOf(const HeaderParts& parts, const std::string& generation) {
  v1::Acceptance out;
  out.set_header(BytesField(parts.encoded));
  out.set_sequence(parts.header.sequence);
  out.set_accepted_at_ms(static_cast<uint64_t>(parts.header.accepted_at_ms));
  out.set_room_head(BytesField(parts.head));
  out.set_server_head(BytesField(parts.head));
  out.set_generation(generation);
  out.set_server_sequence(parts.header.server_sequence);
  return out;
}

const merkle::Hash& RoomLog::SenderOf(std::string_view device_uri) {
  const auto found = senders_.find(absl::string_view(device_uri.data(), device_uri.size()));
  if (found != senders_.end()) return found->second;
  if (senders_.size() >= kInboxesCachedMax) senders_.clear();
  return senders_.emplace(std::string(device_uri), room::SenderHash(device_uri)).first->second;
}

room::LogHeader RoomLog::NextHeader(const LiveRoom& room, const LogContent& content) {
  room::LogHeader header;
  header.room_id = room.id;
  header.sequence = room.record.sequence() + 1;
  header.kind = content.kind;
  header.sender = SenderOf(content.sender_uri);
  header.content_hash = content.message.content;
  header.accepted_at_ms =
      std::max(content.now_ms, static_cast<int64_t>(room.record.last_accepted_at_ms()));
  header.epoch = room.record.epoch();
  const BytesView head = AsBytes(room.record.head());
  std::copy_n(head.begin(), std::min(head.size(), header.previous_room_head.size()),
              header.previous_room_head.begin());
  return header;
}

absl::StatusOr<LoggedEntry> RoomLog::Append(LiveRoom& room, LogContent content) {
  room::LogHeader header = NextHeader(room, content);
  const ChainedHeader chained = server_log_.Append(header);
  WireEntry entry = std::move(content.message.entry).Complete(chained.encoded);
  store_.Put(keys::RoomLog(room.id, header.sequence), entry.item, entry.entry);
  room.record.set_sequence(header.sequence);
  room.record.set_head(BytesField(chained.head));
  room.record.set_last_accepted_at_ms(static_cast<uint64_t>(header.accepted_at_ms));
  WriteRecord(store_, keys::Room(room.id), room.record);

  LoggedEntry out;
  out.acceptance = AcceptanceOf({header, chained.encoded, chained.head},
                                server_log_.chain().generation_random());
  out.inbox = {PointerToEntry(room.id, header.sequence), std::move(entry.item)};
  return out;
}

}  // namespace enlace::server
