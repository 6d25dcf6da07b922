// Bounds of the committer: what waits and what one synced write may hold.
//
// Thread safety: constants.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace enlace::server {

// Operations that wait; one more is refused with LIMIT_EXCEEDED and a delay.
inline constexpr size_t kQueuedOperationsMax = 16384;
inline constexpr size_t kQueuedBytesMax = 256u << 20;
// One group: large enough that a synced write is shared, small enough that nobody waits long behind
// it.
inline constexpr size_t kGroupOperationsMax = 512;
inline constexpr size_t kGroupRequestBytesMax = 8u << 20;
// A group after one of at least so many operations waits at most so long for more.
inline constexpr size_t kGatherGroupMin = 4;
inline constexpr std::chrono::microseconds kGatherMax{1000};

// Committed groups that wait for their answers.
inline constexpr size_t kGroupsToSettleMax = 2;

// After which a refused call makes sense again.
inline constexpr int64_t kQueueFullRetryMs = 250;
inline constexpr int64_t kDiskFullRetryMs = 5000;
inline constexpr int64_t kStorageRetryMs = 2000;

}  // namespace enlace::server
