// Runs the operator's wake program: e-mail, SMS, a pager.
//
// The program gets the office and the urgency as two arguments and nothing else; its environment is
// PATH alone, its input and output are nothing. Promises never to wait for it, to run at most
// kWakeProgramsMax at once (calls beyond wait their turn, up to kWakeCallsQueuedMax) and to kill
// one that takes longer than kWakeProgramTimeout.
//
// Thread safety: one thread (maintenance). Ownership: owns the running programs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "server/core/group_effects.h"

namespace enlace::server {

inline constexpr size_t kWakeProgramsMax = 4;
inline constexpr size_t kWakeCallsQueuedMax = 1024;
inline constexpr std::chrono::seconds kWakeProgramTimeout{60};

class WakeHook {
 public:
  // An empty program: calls are taken and dropped.
  explicit WakeHook(std::string program) : program_(std::move(program)) {}
  // Kills what still runs.
  ~WakeHook();

  void Queue(std::vector<WakeCall> calls);
  // Starts what may start, collects what ended. To be called every second.
  void Work();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Running {
    pid_t pid;
    SteadyTime started;
  };

  void StartOne(const WakeCall& call);

  const std::string program_;
  std::deque<WakeCall> queue_;
  std::vector<Running> running_;
};

// "routine", "high" or "urgent".
std::string UrgencyWord(v1::Urgency urgency);

}  // namespace enlace::server
