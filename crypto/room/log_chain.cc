#include "crypto/room/log_chain.h"

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

constexpr std::string_view kSenderLabel = "enlace sender 1";
constexpr std::string_view kHeaderLabel = "enlace log header 1";
constexpr std::string_view kGenerationLabel = "enlace generation 1";

void WriteHeader(const LogHeader& header, codec::Writer& writer) {
  writer.U16(kLogHeaderVersion);
  writer.Vector(header.room_id);
  writer.U64(header.sequence);
  writer.U64(header.server_sequence);
  writer.U8(static_cast<uint8_t>(header.kind));
  writer.Raw(header.sender);
  writer.Raw(header.content_hash);
  codec::WriteTime(header.accepted_at_ms, writer);
  writer.U64(header.epoch);
  writer.Raw(header.previous_room_head);
  writer.Raw(header.previous_server_head);
}

absl::Status ReadKind(codec::Reader& reader, LogKind& kind) {
  uint8_t raw = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(raw));
  if (raw < 1 || raw > static_cast<uint8_t>(LogKind::kTombstone))
    return InvalidArgument("unknown kind of log header");
  kind = static_cast<LogKind>(raw);
  return absl::OkStatus();
}

absl::Status ReadHeader(codec::Reader& reader, LogHeader& header) {
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kLogHeaderVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kRoomIdBytes, header.room_id));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(header.sequence));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(header.server_sequence));
  ENLACE_RETURN_IF_ERROR(ReadKind(reader, header.kind));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, header.sender));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, header.content_hash));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, header.accepted_at_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(header.epoch));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, header.previous_room_head));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, header.previous_server_head));
  if (header.room_id.size() != kRoomIdBytes)
    return InvalidArgument("log header's room id is not 16 bytes");
  if (header.sequence == 0 || header.server_sequence == 0)
    return InvalidArgument("log sequences begin at 1");
  return absl::OkStatus();
}

absl::Status Broken(std::string_view what) {
  return DataLoss("the log does not hold together: " + std::string(what));
}

absl::Status CheckPlace(const ServerHead& before, uint64_t sequence, const merkle::Hash& previous) {
  if (sequence != before.server_sequence + 1)
    return Broken("an entry of the server is missing or twice there");
  if (previous != before.head) return Broken("an entry does not follow the server's head");
  return absl::OkStatus();
}

}  // namespace

merkle::Hash SenderHash(std::string_view device_uri) {
  return merkle::Sha256({AsBytes(kSenderLabel), AsBytes(device_uri)});
}

Bytes EncodeLogHeader(const LogHeader& header) {
  codec::Writer writer(kLogHeaderBytes);
  WriteHeader(header, writer);
  return writer.Take();
}

absl::StatusOr<LogHeader> DecodeLogHeader(BytesView bytes) {
  codec::Reader reader(bytes);
  LogHeader header;
  ENLACE_RETURN_IF_ERROR(ReadHeader(reader, header));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return header;
}

merkle::Hash LogHeaderHash(const LogHeader& header) {
  return EncodedLogHeaderHash(EncodeLogHeader(header));
}

merkle::Hash EncodedLogHeaderHash(BytesView encoded) {
  return merkle::Sha256({AsBytes(kHeaderLabel), encoded});
}

absl::Status CheckFollowsInRoom(const LogHeader& previous, const LogHeader& next) {
  if (next.room_id != previous.room_id) return Broken("an entry is of another room");
  if (next.sequence != previous.sequence + 1)
    return Broken("an entry of the room is missing or twice there");
  if (next.previous_room_head != LogHeaderHash(previous))
    return Broken("an entry does not follow the room's head");
  if (next.server_sequence <= previous.server_sequence)
    return Broken("the server's sequence goes back");
  if (next.accepted_at_ms < previous.accepted_at_ms) return Broken("time goes back");
  if (next.epoch < previous.epoch) return Broken("the epoch goes back");
  return absl::OkStatus();
}

absl::Status CheckFirstInRoom(const LogHeader& first) {
  if (first.sequence != 1 || first.previous_room_head != merkle::Hash{})
    return Broken("the room's beginning is missing");
  return first.kind == LogKind::kRoomCreated ? absl::OkStatus()
                                             : Broken("the room does not begin with its creation");
}

absl::Status AdvanceServerHead(const ServerHead& before, const LogHeader& header,
                               ServerHead& after) {
  ENLACE_RETURN_IF_ERROR(CheckPlace(before, header.server_sequence, header.previous_server_head));
  after = {header.server_sequence, LogHeaderHash(header)};
  return absl::OkStatus();
}

GenerationRecord NextGeneration(uint64_t generation, const ServerHead& before, int64_t now_ms,
                                crypto::Rng& rng) {
  return {generation, before.server_sequence + 1, rng.PublicBytes(kGenerationBytes), now_ms,
          before.head};
}

Bytes EncodeGenerationRecord(const GenerationRecord& record) {
  codec::Writer writer;
  writer.U16(kGenerationVersion);
  writer.U64(record.generation);
  writer.U64(record.server_sequence);
  writer.Vector(record.random);
  codec::WriteTime(record.started_at_ms, writer);
  writer.Raw(record.previous_server_head);
  return writer.Take();
}

absl::StatusOr<GenerationRecord> DecodeGenerationRecord(BytesView bytes) {
  codec::Reader reader(bytes);
  GenerationRecord record;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kGenerationVersion));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(record.generation));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(record.server_sequence));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kGenerationBytes, record.random));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, record.started_at_ms));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, record.previous_server_head));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (record.random.size() != kGenerationBytes || record.generation == 0 ||
      record.server_sequence == 0) {
    return InvalidArgument("malformed generation record");
  }
  return record;
}

merkle::Hash GenerationHash(const GenerationRecord& record) {
  return merkle::Sha256({AsBytes(kGenerationLabel), EncodeGenerationRecord(record)});
}

absl::Status AdvanceServerHead(const ServerHead& before, const GenerationRecord& record,
                               ServerHead& after) {
  ENLACE_RETURN_IF_ERROR(CheckPlace(before, record.server_sequence, record.previous_server_head));
  after = {record.server_sequence, GenerationHash(record)};
  return absl::OkStatus();
}

}  // namespace enlace::room
