// Every bound of client/rooms.
//
// Thread safety: constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::client {

// Rooms whose MLS state is kept in memory; others are read from the vault when an entry comes.
inline constexpr size_t kOpenRoomsMax = 64;
// Sending generations reserved at once: a crash skips at most these.
inline constexpr uint32_t kGenerationBlock = 32;
// Devices that the creator of a room adds for each addressed office; the others enter by
// themselves.
inline constexpr size_t kDevicesPerOfficeAdded = 5;
// Tries of one intent against EPOCH_STALE before it is shown as failed.
inline constexpr int kStaleTriesMax = 8;
inline constexpr int64_t kLeafRefreshMs = 7LL * 24 * 60 * 60 * 1000;
// Largest ratchet tree that is fetched for an external commit.
inline constexpr uint64_t kTreeBytesMax = 16u << 20;
// Content is padded to at least this.
inline constexpr size_t kPaddedBytesMin = 256;

}  // namespace enlace::client
