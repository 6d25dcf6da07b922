// Every bound of client/delivery.
//
// Thread safety: constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::client {

// Items that may wait in the outbox.
inline constexpr size_t kOutboxItemsMax = 10'000;
// Kept after acceptance, to be offered again after a declared loss of the server's log.
inline constexpr int64_t kOutboxKeptMs = 7LL * 24 * 60 * 60 * 1000;
inline constexpr int64_t kRetryFirstMs = 500;
inline constexpr int64_t kRetryMaxMs = 60'000;
// Receipts for everything that was decrypted within this time go together.
inline constexpr int64_t kReceiptGatherMs = 2'000;
inline constexpr int64_t kGuardNoticeDelayMsMax = 3'000;
// Within this time one of the origin's devices lets an office that accepted into the identity room.
inline constexpr int64_t kIdentityDelayMsMax = 2'000;
// How long the first command after an unlock waits for the server.
inline constexpr int kFirstConnectMs = 5'000;
// One inbox response is applied at a time; the stream holds the rest back.
inline constexpr size_t kInboxResponsesMax = 4;
// While a replay runs, the server is told what was stored after so many items.
inline constexpr uint64_t kUnconfirmedItemsMax = 256;
inline constexpr int kTransferTimeoutMs = 60'000;
// A chunk counts only once the server has all of it, so that one has to fit between two breaks of a
// poor line: it is as large as what the line took within these times.
inline constexpr size_t kChunkBytesMin = 4 << 10;
inline constexpr size_t kChunkBytesFirst = 16 << 10;
// Eight seconds of 64 kbit/s: an alert waits no longer for a piece that began before the line got
// worse, and the connection is not given up meanwhile.
inline constexpr size_t kChunkBytesMax = 64 << 10;
inline constexpr int64_t kChunkQuickMs = 1'000;
inline constexpr int64_t kChunkSlowMs = 2'000;
inline constexpr int64_t kChunkPauseMs = 5'000;
// Attempts of a download that bring nothing, one after the other, before it is given up.
inline constexpr int kIdleDownloadsMax = 3;
inline constexpr int64_t kHousekeepingMs = 60'000;
// Rooms that are looked at without a pause, and the pause.
inline constexpr size_t kRoomsTendedAtOnce = 32;
inline constexpr int64_t kTendPauseMs = 20;
// Rooms about which the server is asked without a pause after a loss of its log.
inline constexpr size_t kRoomsAskedAtOnce = 4;
// Certificates end without a new entry in the registry.
inline constexpr int64_t kTendLapMs = 6LL * 60 * 60 * 1000;
// Cases whose time is over are looked for soon after the vault was opened, then every hour.
inline constexpr int64_t kPurgeFirstMs = 2'000;
inline constexpr int64_t kPurgeEveryMs = 60LL * 60 * 1000;
inline constexpr int64_t kRegistryRefreshMs = 60'000;
inline constexpr int64_t kDeadlineKeptMs = 7LL * 24 * 60 * 60 * 1000;
// A page of history stays below the envelope's limit with all keys and padding.
inline constexpr size_t kHistoryPageBytesMax = 160 << 10;
// Rooms that the server lists at most; of the others a full list says nothing.
inline constexpr int kRoomsListedMax = 5000;
// After this time an ACTION office opens the successor of a lost room itself; the server's own
// limit.
inline constexpr int64_t kSuccessorDelayMs = 60LL * 60 * 1000;
// Within this time a device of the joiner's office sends the history; the origin waits for twice
// that before its own turn.
inline constexpr int64_t kHistoryDelayMsMax = 2'000;
inline constexpr int64_t kHistoryRetryMs = 2'000;
// Smallest padded size of an attachment's ciphertext.
inline constexpr uint64_t kPaddedAttachmentBytesMin = 4096;

}  // namespace enlace::client
