// The metrics page (Prometheus text) on loopback.
//
// Everything is read when the page is asked for; nothing is counted twice. Metrics name no office,
// officer or room.
//
// Thread safety: Create and destruction from one thread; the page is made on the exposer's own.
// Ownership: borrows the sources, which outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/figures.h"
#include "server/listener/accept_loop.h"
#include "server/services/service_context.h"

namespace enlace::server {

struct MetricsSources {
  const ServerFigures* figures = nullptr;
  const CallCounters* calls = nullptr;
  std::function<AcceptCounts()> main_listener;
  std::function<AcceptCounts()> enrolment_listener;
  std::function<size_t()> queued;
  std::function<size_t()> open_streams;
  std::function<uint64_t()> delivered;
};

class Metrics {
 public:
  // Serves http://ADDRESS/metrics. UNAVAILABLE when it can't listen there.
  static absl::StatusOr<std::unique_ptr<Metrics>> Create(const std::string& address,
                                                         MetricsSources sources);
  ~Metrics();

  uint16_t port() const;

 private:
  struct Parts;
  explicit Metrics(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace enlace::server
