// The whole server in one object: store, core, committer, services, listeners, and what happens
// every second.
//
// Promises: what it answers is durable; Stop answers or refuses every call that it took, writes the
// high-water mark and closes the store; being killed instead at any moment loses nothing that was
// acknowledged.
//
// Invariants: 1. One server for each data folder (its lock). 2. RequireTls13 ran before Open. 3.
// Parts are started after and stopped before what they stand on.
//
// Thread safety: Open, Start and Stop from one thread; the rest from any. Ownership: owns
// everything.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/data_folder.h"
#include "server/config/config.h"

namespace enlace::server {

inline constexpr std::chrono::milliseconds kDrainGrace{8000};

struct ServerOptions {
  Config config;
  // Goes on where the store lies behind its high-water mark; what is missing becomes a declared
  // loss.
  bool declare_loss = false;
  std::function<int64_t()> now_ms;
};

struct ServerPorts {
  uint16_t main = 0;
  uint16_t enrolment = 0;
  uint16_t metrics = 0;  // 0 without a metrics page.
};

// Milliseconds since 1970 by the system's clock.
int64_t SystemNowMs();

class Server {
 public:
  // Opens and checks the data folder and binds the ports. FAILED_PRECONDITION (no charter root,
  // another process), NOT_FOUND (no keys: init), DATA_LOSS (store damaged or behind its mark),
  // UNAVAILABLE (ports, disk).
  static absl::StatusOr<std::unique_ptr<Server>> Open(ServerOptions options);
  ~Server();

  // Serves from now on, and writes ports.json.
  absl::Status Start();
  void Stop();

  ServerPorts ports() const;
  // One line of JSON: health, queue, disk, log head. What `enlace-server status` shows.
  std::string StatusJson() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace enlace::server
