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
// How long the first command after an unlock waits for the server.
inline constexpr int kFirstConnectMs = 5'000;
// One inbox response is applied at a time; the stream holds the rest back.
inline constexpr size_t kInboxResponsesMax = 4;
inline constexpr int kTransferTimeoutMs = 60'000;
inline constexpr size_t kChunkBytes = 256 << 10;
inline constexpr int64_t kHousekeepingMs = 60'000;
inline constexpr int64_t kRegistryRefreshMs = 60'000;
// Smallest padded size of an attachment's ciphertext.
inline constexpr uint64_t kPaddedAttachmentBytesMin = 4096;

}  // namespace enlace::client
