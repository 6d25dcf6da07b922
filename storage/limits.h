// Bounds of the storage layer. Every key, value, batch, page and wait of this folder is limited by
// a name of this header.
//
// Thread safety: constants.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace enlace::storage {

// A key holds a key space, a few ids and a counter.
inline constexpr size_t kKeyBytesMax = 1024;
// A unary call holds at most 2 MiB, so that no record comes near.
inline constexpr size_t kValueBytesMax = 4u << 20;
// All batches of one group together; what one synced write hands to the disk.
inline constexpr size_t kGroupBytesMax = 64u << 20;
// Conditions of one transaction; each costs one point read under the commit lock.
inline constexpr size_t kConditionsMax = 4096;

// One page of a scan. A page holds at least one row when a row is there, however large it is.
inline constexpr size_t kPageRowsMax = 1000;
inline constexpr size_t kPageBytesMax = 4u << 20;

// Runs of the body of Transact() before ABORTED reaches the caller.
inline constexpr int kTransactAttemptsMax = 8;

// While less than this is free, batches that add data are refused, so that deletions, flushes and
// compactions, which give space back, still find room.
inline constexpr uint64_t kReserveBytesDefault = 64u << 20;

// After a full disk, the engine tries to write again at most this often.
inline constexpr std::chrono::milliseconds kResumeInterval{250};

}  // namespace enlace::storage
