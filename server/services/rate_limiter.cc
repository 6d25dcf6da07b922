#include "server/services/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "proto/errors/reasons.h"
#include "server/core/limits.h"
#include "server/services/limits.h"

namespace enlace::server {

absl::Status RateLimiter::Take(const std::string& address, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kRatedAddressesMax) Forget(now_ms);
  const auto [entry, is_new] =
      buckets_.try_emplace(address, Bucket{static_cast<double>(calls_per_minute_), now_ms});
  Bucket& bucket = entry->second;
  bucket = {Refilled(bucket, now_ms), now_ms};
  if (bucket.calls_left < 1) {
    const double minutes = (1 - bucket.calls_left) / calls_per_minute_;
    return MakeRetryableError(
        Reason::kLimitExceeded, static_cast<int64_t>(std::ceil(minutes * kMinuteMs)),
        {{"what", "calls per minute"}, {"limit", std::to_string(calls_per_minute_)}});
  }
  bucket.calls_left -= 1;
  return absl::OkStatus();
}

size_t RateLimiter::remembered() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

double RateLimiter::Refilled(const Bucket& bucket, int64_t now_ms) const {
  // A clock that goes back refills nothing.
  const auto passed_ms = static_cast<double>(std::max<int64_t>(0, now_ms - bucket.at_ms));
  const double full = calls_per_minute_;
  return std::min(full, bucket.calls_left + passed_ms * full / kMinuteMs);
}

void RateLimiter::Forget(int64_t now_ms) {
  std::erase_if(buckets_, [this, now_ms](const auto& entry) {
    return Refilled(entry.second, now_ms) >= calls_per_minute_;
  });
  if (buckets_.size() >= kRatedAddressesMax) buckets_.clear();
}

}  // namespace enlace::server
