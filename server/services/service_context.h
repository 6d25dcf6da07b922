// What every service stands on: the core and the way to it.
//
// Thread safety: immutable after the start; what it points to can be used from any thread (core:
// callers() and reader()). Ownership: borrows everything.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "server/committer/committer.h"
#include "server/core/core.h"
#include "server/services/peer.h"

namespace enlace::server {

// Finished calls by canonical code.
struct CallCounters {
  static constexpr size_t kCodes = 17;
  std::array<std::atomic<uint64_t>, kCodes> by_code{};
  // Streams of devices that have seen more of the log than this store holds: proof of a loss that
  // nobody has declared.
  std::atomic<uint64_t> refused_as_behind{0};

  void Count(const absl::Status& outcome) {
    by_code[static_cast<size_t>(outcome.code()) % kCodes].fetch_add(1, std::memory_order_relaxed);
  }
};

struct ServiceContext {
  Core* core = nullptr;
  Committer* committer = nullptr;
  CallCounters* counters = nullptr;
  PeerFingerprints* peers = nullptr;
  std::function<int64_t()> now_ms;
  int64_t slow_consumer_ms = 0;

  const CallerDirectory& callers() const { return core->callers(); }
  const Reader& reader() const { return core->reader(); }
};

}  // namespace enlace::server
