// The clock and the choices of a simulation: everything happens in one thread, in an order that
// the seed alone decides.
//
// Thread safety: one thread. Ownership: the loop owns its tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace enlace::testing {

using Task = std::function<void()>;

class SimRandom {
 public:
  explicit SimRandom(uint64_t seed) : engine_(seed) {}

  // 0 to `bound` - 1. The distributions of the standard library differ between implementations.
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least + 1)));
  }
  bool Chance(uint64_t per_mille) { return Below(1000) < per_mille; }

 private:
  std::mt19937_64 engine_;
};

class EventLoop {
 public:
  explicit EventLoop(int64_t now_ms) : now_ms_(now_ms) {}

  int64_t now_ms() const { return now_ms_; }
  // Tasks of the same moment run in the order in which they were planned.
  void After(int64_t delay_ms, Task task) {
    tasks_.emplace(std::pair{now_ms_ + delay_ms, ++planned_}, std::move(task));
  }
  // Runs everything until `end_ms`; `advance` is told each step of the clock.
  void RunUntil(int64_t end_ms, const std::function<void(int64_t)>& advance) {
    while (!tasks_.empty() && tasks_.begin()->first.first <= end_ms) {
      auto next = tasks_.extract(tasks_.begin());
      if (next.key().first > now_ms_) advance(next.key().first - now_ms_);
      now_ms_ = std::max(now_ms_, next.key().first);
      next.mapped()();
    }
    if (end_ms > now_ms_) advance(end_ms - now_ms_);
    now_ms_ = std::max(now_ms_, end_ms);
  }

 private:
  std::map<std::pair<int64_t, uint64_t>, Task> tasks_;
  int64_t now_ms_;
  uint64_t planned_ = 0;
};

// What happened, as far as it depends on the seed: two runs of a seed give the same trace.
class Trace {
 public:
  explicit Trace(const EventLoop& loop) : loop_(loop) {}
  void Note(std::string_view what) {
    lines_.push_back(std::to_string(loop_.now_ms()) + " " + std::string(what));
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const EventLoop& loop_;
  std::vector<std::string> lines_;
};

}  // namespace enlace::testing
