// Entries of the registry log: a charter or a statement, with the time at which the server logged
// it.
//
// The leaf of the Merkle tree is the hash of exactly these bytes. No entry holds personal data in
// the clear (officer_card.h).
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"
#include "crypto/identity/limits.h"
#include "crypto/identity/statement.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

inline constexpr uint16_t kLogEntryVersion = 1;

enum class LogEntryKind : uint8_t { kCharter = 1, kStatement = 2 };

struct LogEntry {
  LogEntryKind kind = LogEntryKind::kStatement;
  int64_t logged_at_ms = 0;  // Server's time; never goes back in a log.
  Bytes payload;             // A SignedCharter or a SignedStatement, encoded.

  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

LogEntry MakeLogEntry(const SignedCharter& charter, int64_t logged_at_ms);
LogEntry MakeLogEntry(const SignedStatement& statement, int64_t logged_at_ms);

// uint16 version; uint8 kind; uint64 logged_at_ms; opaque payload<V>.
Bytes EncodeLogEntry(const LogEntry& entry);
// INVALID_ARGUMENT for another version or kind, an entry over kLogEntryBytesMax, or bytes left
// over.
absl::StatusOr<LogEntry> DecodeLogEntry(BytesView bytes);

}  // namespace enlace::identity
