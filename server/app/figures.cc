#include "server/app/figures.h"

#include <algorithm>
#include <bit>

namespace enlace::server {

void PowerHistogram::Observe(int64_t value) {
  const auto positive = static_cast<uint64_t>(std::max<int64_t>(0, value));
  const auto bucket = static_cast<size_t>(std::bit_width(positive));
  counts[std::min(bucket, kBuckets - 1)].fetch_add(1, std::memory_order_relaxed);
  sum.fetch_add(positive, std::memory_order_relaxed);
}

void GroupTotals::Observe(const GroupFigures& group) {
  groups.fetch_add(1, std::memory_order_relaxed);
  if (group.failed) failed.fetch_add(1, std::memory_order_relaxed);
  operations.fetch_add(group.operations, std::memory_order_relaxed);
  written_bytes.fetch_add(group.written_bytes, std::memory_order_relaxed);
  decide_us.Observe(group.decide_us);
  commit_us.Observe(group.commit_us);
  settle_us.Observe(group.settle_us);
  operations_per_group.Observe(static_cast<int64_t>(group.operations));
}

void ServerFigures::SetHealth(HealthView view) {
  const std::lock_guard lock(mutex_);
  health_ = std::move(view);
}

HealthView ServerFigures::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace enlace::server
