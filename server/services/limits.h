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

// One stream message: so many items and, unless the first alone is larger, so many bytes. Small
// enough that a slow link finishes one within the patience of slow_consumer_s.
inline constexpr size_t kStreamMessageItemsMax = 64;
inline constexpr size_t kStreamMessageBytesMax = 64u << 10;
// Live items that wait behind a write; what comes on top is read from the store later.
inline constexpr size_t kStreamQueueItemsMax = 256;
inline constexpr size_t kStreamQueueBytesMax = 1u << 20;

inline constexpr std::chrono::seconds kHeartbeatInterval{30};
// Standing of open streams is asked again this often, for what ends by time alone.
inline constexpr std::chrono::seconds kStandingInterval{30};
// How long the last words to a peer may take before its stream is torn down.
inline constexpr std::chrono::milliseconds kEndGrace{10'000};
inline constexpr std::chrono::milliseconds kRevokedGrace{0};

// Attachments that one device reads at once.
inline constexpr size_t kBlobStreamsPerDevice = 8;

// Addresses whose rate of calls is remembered at once.
inline constexpr size_t kRatedAddressesMax = 16384;

}  // namespace enlace::server
