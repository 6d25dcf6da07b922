#include "server/core/room_log.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

room::LogHeader NextHeader(const LiveRoom& room, const LogContent& content) {
  room::LogHeader header;
  header.room_id = room.id;
  header.sequence = room.record.sequence() + 1;
  header.kind = content.kind;
  header.sender = room::SenderHash(content.sender_uri);
  header.content_hash = content.message_hash;
  header.accepted_at_ms =
      std::max(content.now_ms, static_cast<int64_t>(room.record.last_accepted_at_ms()));
  header.epoch = room.record.epoch();
  const BytesView head = AsBytes(room.record.head());
  std::copy_n(head.begin(), std::min(head.size(), header.previous_room_head.size()),
              header.previous_room_head.begin());
  return header;
}

v1::RoomEntry EntryOf(const room::LogHeader& header, std::string_view encoded_header,
                      const LogContent& content) {
  v1::RoomEntry entry;
  entry.set_room_id(BytesField(header.room_id));
  entry.set_header(std::string(encoded_header));
  entry.set_message(std::string(content.message));
  if (content.envelope != nullptr) {
    *entry.mutable_envelope() = *content.envelope;
    entry.mutable_envelope()->clear_message();
  }
  return entry;
}

}  // namespace

absl::StatusOr<LoggedEntry> RoomLog::Append(LiveRoom& room, const LogContent& content) {
  room::LogHeader header = NextHeader(room, content);
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash head, server_log_.Append(header));
  const std::string encoded = BytesField(room::EncodeLogHeader(header));
  v1::RoomEntry entry = EntryOf(header, encoded, content);
  WriteRecord(store_, keys::RoomLog(room.id, header.sequence), entry);
  room.record.set_sequence(header.sequence);
  room.record.set_head(BytesField(head));
  room.record.set_last_accepted_at_ms(static_cast<uint64_t>(header.accepted_at_ms));
  WriteRecord(store_, keys::Room(room.id), room.record);

  LoggedEntry out;
  out.acceptance.set_header(encoded);
  out.acceptance.set_sequence(header.sequence);
  out.acceptance.set_accepted_at_ms(static_cast<uint64_t>(header.accepted_at_ms));
  out.acceptance.set_room_head(BytesField(head));
  out.acceptance.set_server_head(BytesField(head));
  out.acceptance.set_generation(server_log_.chain().generation_random());
  out.acceptance.set_server_sequence(header.server_sequence);
  store::v1::Pointer pointer;
  pointer.mutable_entry()->set_room_id(BytesField(room.id));
  pointer.mutable_entry()->set_sequence(header.sequence);
  v1::InboxItem item;
  *item.mutable_entry() = std::move(entry);
  out.inbox = MakeEntry(pointer, std::move(item));
  return out;
}

}  // namespace enlace::server
