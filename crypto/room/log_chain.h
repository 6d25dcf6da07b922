// The delivery service's log headers, their chains, and the receipts that the server signs.
//
// Every accepted message gets a header. Its hash is the new head of two chains: the room's and the
// whole server's, since it names the previous head of both. Whoever has a head has fixed all that
// came before; a server that was restored from an old copy, or that tells two stories, is noticed.
// Headers hold no content: they stay as tombstones when content is deleted. Each start of a server
// appends a generation record with random bytes to the server's chain, so that a restored copy can
// never reach the same heads again.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/rng.h"
#include "crypto/room/limits.h"

namespace enlace::room {

inline constexpr uint16_t kLogHeaderVersion = 1;
inline constexpr uint16_t kGenerationVersion = 1;
inline constexpr uint16_t kReceiptVersion = 1;
inline constexpr size_t kGenerationBytes = 16;
// An encoded header: version, room with its length, both sequences, kind, four hashes, time, epoch.
inline constexpr size_t kLogHeaderBytes =
    2 + (1 + kRoomIdBytes) + 2 * 8 + 1 + 4 * merkle::kHashBytes + 8 + 8;

enum class LogKind : uint8_t {
  kRoomCreated = 1,  // Content: the first GroupInfo.
  kCommit = 2,       // Content: an MLS PublicMessage.
  kMessage = 3,      // Content: an MLS PrivateMessage.
  kTombstone = 4,    // Content: hash of the header whose content was withdrawn or expired.
};

struct LogHeader {
  Bytes room_id;          // kRoomIdBytes.
  uint64_t sequence = 0;  // In the room, from 1, without gaps.
  uint64_t server_sequence =
      0;  // Over the server, from 1, without gaps (generation records count).
  LogKind kind = LogKind::kMessage;
  merkle::Hash sender{};        // SenderHash of the device.
  merkle::Hash content_hash{};  // SHA-256 of the content's bytes.
  int64_t accepted_at_ms = 0;
  uint64_t epoch = 0;                   // MLS epoch in which it was accepted.
  merkle::Hash previous_room_head{};    // Zero for the first.
  merkle::Hash previous_server_head{};  // Zero for the first.

  friend bool operator==(const LogHeader&, const LogHeader&) = default;
};

// SHA-256("enlace sender 1" ‖ device URI).
merkle::Hash SenderHash(std::string_view device_uri);

Bytes EncodeLogHeader(const LogHeader& header);
absl::StatusOr<LogHeader> DecodeLogHeader(BytesView bytes);
// SHA-256("enlace log header 1" ‖ encoding): the head of both chains after this header.
merkle::Hash LogHeaderHash(const LogHeader& header);
// The same of a header that is encoded already.
merkle::Hash EncodedLogHeaderHash(BytesView encoded);

// OK when `next` follows `previous` in the same room: sequence + 1, previous_room_head is its hash,
// server sequence rises, time and epoch don't go back. DATA_LOSS says which is broken.
// `FirstInRoom` is the same for a room's first header.
absl::Status CheckFollowsInRoom(const LogHeader& previous, const LogHeader& next);
absl::Status CheckFirstInRoom(const LogHeader& first);

// Where the server's chain stands: what answers carry and clients present.
struct ServerHead {
  uint64_t server_sequence = 0;
  merkle::Hash head{};

  friend bool operator==(const ServerHead&, const ServerHead&) = default;
};

// OK when the header is the next of the server's chain after `before`; DATA_LOSS otherwise. `after`
// receives the new head.
absl::Status AdvanceServerHead(const ServerHead& before, const LogHeader& header,
                               ServerHead& after);

// One start of a server.
struct GenerationRecord {
  uint64_t generation = 0;       // From 1, one more with each start.
  uint64_t server_sequence = 0;  // Its place in the server's chain.
  Bytes random;                  // kGenerationBytes.
  int64_t started_at_ms = 0;
  merkle::Hash previous_server_head{};

  friend bool operator==(const GenerationRecord&, const GenerationRecord&) = default;
};

GenerationRecord NextGeneration(uint64_t generation, const ServerHead& before, int64_t now_ms,
                                crypto::Rng& rng);
Bytes EncodeGenerationRecord(const GenerationRecord& record);
absl::StatusOr<GenerationRecord> DecodeGenerationRecord(BytesView bytes);
// SHA-256("enlace generation 1" ‖ encoding): the head of the server's chain after this record.
merkle::Hash GenerationHash(const GenerationRecord& record);
absl::Status AdvanceServerHead(const ServerHead& before, const GenerationRecord& record,
                               ServerHead& after);

// The server's word that it accepted a message at a time: signature over "enlace receipt 1" ‖ the
// fields before it.
struct Receipt {
  LogHeader header;
  merkle::Hash
      room_head{};  // Head of the room's chain when the receipt was made; at or after the header.
  uint64_t room_sequence = 0;
  int64_t issued_at_ms = 0;
  Bytes signature;

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

Receipt SignReceipt(Receipt unsigned_receipt, const crypto::SigningKey& server_key);
// OK when the server's log key (of the charter) signed it and the fields agree; DATA_LOSS
// otherwise.
absl::Status VerifyReceipt(const Receipt& receipt, BytesView server_key);
Bytes EncodeReceipt(const Receipt& receipt);
absl::StatusOr<Receipt> DecodeReceipt(BytesView bytes);

}  // namespace enlace::room
