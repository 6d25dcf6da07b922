// The network of a simulation: delays, and while faults are on drops, duplicates and reorders what
// travels. Streams keep their order, as a connection does, and break instead.
//
// Thread safety: one thread. Ownership: borrows loop and random.
#pragma once

#include "tests/sim/event_loop.h"

namespace enlace::testing {

class SimNetwork {
 public:
  SimNetwork(EventLoop& loop, SimRandom& random) : loop_(loop), random_(random) {}

  void SetFaulty(bool faulty) { faulty_ = faulty; }
  bool faulty() const { return faulty_; }

  // A unary request or answer: the task runs when it arrives, never, or twice.
  void Send(const Task& arrives) {
    if (faulty_ && random_.Chance(kDropPerMille)) return;
    loop_.After(Delay(), arrives);
    if (faulty_ && random_.Chance(kDuplicatePerMille)) loop_.After(Delay(), arrives);
  }
  // The beginning of a connection: it arrives once or never.
  void Connect(Task arrives) {
    if (faulty_ && random_.Chance(kDropPerMille)) return;
    loop_.After(Delay(), std::move(arrives));
  }
  // A message of a stream: not before `earliest_ms`. Gives when it arrives.
  int64_t SendInOrder(int64_t earliest_ms, Task arrives) {
    const int64_t at_ms = std::max(earliest_ms, loop_.now_ms() + Delay());
    loop_.After(at_ms - loop_.now_ms(), std::move(arrives));
    return at_ms;
  }

 private:
  static constexpr uint64_t kDropPerMille = 60;
  static constexpr uint64_t kDuplicatePerMille = 60;
  static constexpr int64_t kCalmDelayMs = 5;
  static constexpr int64_t kFaultyDelayMsMax = 800;

  int64_t Delay() { return random_.Between(1, faulty_ ? kFaultyDelayMsMax : kCalmDelayMs); }

  EventLoop& loop_;
  SimRandom& random_;
  bool faulty_ = false;
};

}  // namespace enlace::testing
