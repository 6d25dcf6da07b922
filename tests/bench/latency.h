// Times of many calls, kept as counts: percentiles of millions of them in fixed memory.
//
// A time is kept to within 1.6 % (64 steps for each doubling), from 1 µs to about 70 minutes.
//
// Thread safety: every function from any thread. Ownership: a value that is neither copied nor
// moved.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace enlace::bench {

class LatencyCounts {
 public:
  void Add(std::chrono::nanoseconds time);
  void Clear();

  uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  // Milliseconds that `share` (0 to 1) of all times do not exceed; 0 without times.
  double PercentileMs(double share) const;
  double MaxMs() const;

 private:
  static constexpr size_t kStepBits = 6;
  static constexpr size_t kBuckets = (32 - kStepBits) << kStepBits;

  static size_t BucketOf(uint64_t microseconds);
  // The largest time of a bucket.
  static uint64_t EndOf(size_t bucket);

  std::array<std::atomic<uint64_t>, kBuckets> buckets_{};
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> max_us_{0};
};

}  // namespace enlace::bench
