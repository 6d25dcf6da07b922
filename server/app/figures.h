// Numbers of the running server, for the metrics page and `enlace-server status`.
//
// Thread safety: ServerFigures is written by the committer's and the maintenance thread and read by
// any. Ownership: values.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "server/committer/committer.h"
#include "server/core/reader.h"
#include "storage/engine.h"
#include "storage/high_water.h"

namespace enlace::server {

// A histogram over powers of two: bucket i counts values below 2^i.
class PowerHistogram {
 public:
  static constexpr size_t kBuckets = 25;

  void Observe(int64_t value);

  std::array<std::atomic<uint64_t>, kBuckets> counts{};
  std::atomic<uint64_t> sum{0};
};

struct GroupTotals {
  std::atomic<uint64_t> groups{0};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> operations{0};
  std::atomic<uint64_t> written_bytes{0};
  PowerHistogram decide_us;
  PowerHistogram commit_us;
  PowerHistogram settle_us;
  PowerHistogram operations_per_group;

  void Observe(const GroupFigures& group);
};

// What the maintenance thread saw a second ago.
struct HealthView {
  storage::EngineHealth engine;
  StoreFigures store;
  std::optional<storage::ChainHead> durable_head;
  std::optional<storage::ChainHead> marked_head;
  int64_t at_ms = 0;
};

class ServerFigures {
 public:
  GroupTotals groups;

  void SetHealth(HealthView view);
  HealthView health() const;

 private:
  mutable std::mutex mutex_;
  HealthView health_;
};

}  // namespace enlace::server
