// Calls per minute of one address: for the listener that strangers may reach.
//
// A bucket for each address holds up to a minute's calls and refills evenly. Promises bounded
// memory: when too many addresses are remembered, the full buckets are forgotten first, which
// changes nothing, then all.
//
// Thread safety: any thread. Ownership: values.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"

namespace enlace::server {

class RateLimiter {
 public:
  explicit RateLimiter(uint32_t calls_per_minute) : calls_per_minute_(calls_per_minute) {}

  // Counts a call of `address`. LIMIT_EXCEEDED with the delay until the next is allowed.
  absl::Status Take(const std::string& address, int64_t now_ms);

  size_t remembered() const;

 private:
  struct Bucket {
    double calls_left;
    int64_t at_ms;
  };

  double Refilled(const Bucket& bucket, int64_t now_ms) const;
  void Forget(int64_t now_ms);

  const uint32_t calls_per_minute_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace enlace::server
