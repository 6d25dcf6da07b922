// Load on a fleet: so many messages in flight (closed loop), or so many a second (open loop).
//
// Promises that what is counted was accepted within the measured window, and that in the open loop
// a call's time runs from when it was due, so that a server that stalls can't hide it.
//
// Thread safety: one Run at a time on a fleet. Ownership: borrows the fleet.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/bench/fleet.h"

namespace enlace::bench {

enum class Follow { kNobody, kReceivers, kEverybody };

struct LoadOptions {
  size_t payload_bytes = 1024;
  // Messages that wait for their answer. In the open loop, the most that may.
  size_t in_flight = 32;
  // Messages of a call: 1 is Send, more is SendBatch.
  size_t batch = 1;
  // Messages a second, open loop; 0 is the closed loop.
  double rate = 0;
  Follow follow = Follow::kNobody;
  std::chrono::milliseconds warm_up{1000};
  std::chrono::milliseconds window{5000};
  // Neither follows nor confirms; null for none.
  const BenchDevice* leave_alone = nullptr;
  // Stops after so many accepted messages; 0 for no end before the window's.
  uint64_t accepted_max = 0;
};

struct LoadResult {
  double seconds = 0;
  uint64_t accepted = 0;
  uint64_t refused = 0;
  // Of one refused message or faulty stream.
  std::string first_fault;
  // Everything as it is printed.
  nlohmann::ordered_json json;

  double accepted_per_s() const { return static_cast<double>(accepted) / seconds; }
};

LoadResult Run(Fleet& fleet, const LoadOptions& options);

// The most that gRPC gives: health checks over the senders' connections, unary, closed loop, as
// accepted calls.
LoadResult RunHealthChecks(Fleet& fleet, const LoadOptions& options);

}  // namespace enlace::bench
