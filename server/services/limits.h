// Bounds of calls and streams.
//
// Thread safety: constants. Source: DESIGN chapters 5 and 7.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace enlace::server {

// A unary request, all of it.
inline constexpr size_t kRequestBytesMax = 2u << 20;

// Every unary call has a deadline, at most this far away.
inline constexpr std::chrono::seconds kDeadlineMax{60};
// What the way from the client may add to it by rounding.
inline constexpr std::chrono::seconds kDeadlineSlack{2};

// One stream message: so many items and, unless the first alone is larger, so many bytes. The bytes
// begin small, since a message that breaks off was sent for nothing, and shrink when one had to
// wait; they grow to the full size once more went through at once than the buffers of a line can
// hold.
inline constexpr size_t kStreamMessageItemsMax = 64;
inline constexpr size_t kStreamMessageBytesMin = 4u << 10;
inline constexpr size_t kStreamMessageBytesFirst = 16u << 10;
inline constexpr size_t kStreamMessageBytesMax = 64u << 10;
inline constexpr size_t kStreamQuickBytes = 1u << 20;
inline constexpr std::chrono::milliseconds kStreamSlowWrite{250};
// Live items that wait behind a write; what comes on top is read from the store later.
inline constexpr size_t kStreamQueueItemsMax = 256;
inline constexpr size_t kStreamQueueBytesMax = 1u << 20;

inline constexpr std::chrono::seconds kHeartbeatInterval{30};
// Standing of open streams is asked again this often, for what ends by time alone.
inline constexpr std::chrono::seconds kStandingInterval{30};
// How long the last words to a peer may take before its stream is torn down.
inline constexpr std::chrono::milliseconds kEndGrace{10'000};
inline constexpr std::chrono::milliseconds kRevokedGrace{0};

// Bytes of one message of an attachment: a message counts only once all of it has arrived, so that
// one has to fit between two breaks of a poor line.
inline constexpr size_t kBlobMessageBytesMax = 16u << 10;
// Attachments that one device reads at once.
inline constexpr size_t kBlobStreamsPerDevice = 8;

// Certificates whose fingerprint is remembered, about 1 KiB each.
inline constexpr size_t kPeersCachedMax = 8192;
// Addresses whose rate of calls is remembered at once.
inline constexpr size_t kRatedAddressesMax = 16384;

}  // namespace enlace::server
