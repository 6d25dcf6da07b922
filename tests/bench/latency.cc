#include "tests/bench/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace enlace::bench {
namespace {

constexpr double kMicrosecondsOfMs = 1000.0;

}  // namespace

size_t LatencyCounts::BucketOf(uint64_t microseconds) {
  constexpr uint64_t kLinear = uint64_t{1} << kStepBits;
  if (microseconds < kLinear) return static_cast<size_t>(microseconds);
  const auto doublings = static_cast<size_t>(std::bit_width(microseconds)) - kStepBits - 1;
  const size_t step = static_cast<size_t>(microseconds >> doublings) - kLinear;
  return std::min(((doublings + 1) << kStepBits) + step, kBuckets - 1);
}

uint64_t LatencyCounts::EndOf(size_t bucket) {
  constexpr uint64_t kLinear = uint64_t{1} << kStepBits;
  if (bucket < kLinear) return bucket;
  const size_t doublings = (bucket >> kStepBits) - 1;
  const uint64_t step = (bucket & (kLinear - 1)) + kLinear;
  return ((step + 1) << doublings) - 1;
}

void LatencyCounts::Add(std::chrono::nanoseconds time) {
  const auto microseconds = static_cast<uint64_t>(
      std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
  buckets_[BucketOf(microseconds)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  uint64_t seen = max_us_.load(std::memory_order_relaxed);
  while (seen < microseconds && !max_us_.compare_exchange_weak(seen, microseconds)) {
  }
}

void LatencyCounts::Clear() {
  for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
  count_.store(0, std::memory_order_relaxed);
  max_us_.store(0, std::memory_order_relaxed);
}

double LatencyCounts::PercentileMs(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count())));
  uint64_t passed = 0;
  for (size_t bucket = 0; bucket < kBuckets && wanted > 0; ++bucket) {
    passed += buckets_[bucket].load(std::memory_order_relaxed);
    if (passed >= wanted)
      return std::min(static_cast<double>(EndOf(bucket)) / kMicrosecondsOfMs, MaxMs());
  }
  return 0;
}

double LatencyCounts::MaxMs() const {
  return static_cast<double>(max_us_.load(std::memory_order_relaxed)) / kMicrosecondsOfMs;
}

}  // namespace enlace::bench
