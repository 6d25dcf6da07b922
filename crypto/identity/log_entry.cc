#include "crypto/identity/log_entry.h"

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {

LogEntry MakeLogEntry(const SignedCharter& charter, int64_t logged_at_ms) {
  return {LogEntryKind::kCharter, logged_at_ms, EncodeSignedCharter(charter)};
}

LogEntry MakeLogEntry(const SignedStatement& statement, int64_t logged_at_ms) {
  return {LogEntryKind::kStatement, logged_at_ms, EncodeSignedStatement(statement)};
}

Bytes EncodeLogEntry(const LogEntry& entry) {
  codec::Writer writer(entry.payload.size() + 16);
  writer.U16(kLogEntryVersion);
  writer.U8(static_cast<uint8_t>(entry.kind));
  codec::WriteTime(entry.logged_at_ms, writer);
  writer.Vector(entry.payload);
  return writer.Take();
}

absl::StatusOr<LogEntry> DecodeLogEntry(BytesView bytes) {
  if (bytes.size() > kLogEntryBytesMax)
    return InvalidArgument("log entry is longer than its limit");
  codec::Reader reader(bytes);
  LogEntry entry;
  uint8_t kind = 0;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kLogEntryVersion));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(kind));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, entry.logged_at_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(entry.payload));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (kind < 1 || kind > 2) return InvalidArgument("unknown kind of log entry");
  entry.kind = static_cast<LogEntryKind>(kind);
  return entry;
}

}  // namespace enlace::identity
