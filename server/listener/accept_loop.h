// Our own accept loop in front of gRPC: it survives what ends gRPC 1.51's listener for ever.
//
// That listener stops accepting once the process ran out of descriptors; idle connections are
// enough. This loop counts connections per address and in all, turns the surplus away at once,
// keeps a spare descriptor with which it refuses callers while there is none, and always goes on.
//
// Invariants: 1. A socket is either handed over or closed. 2. No more than limits.in_all
// handed-over sockets are open at once. 3. Nothing here waits for a peer.
//
// Thread safety: port() and counts() from any thread; Start and Stop from one. Ownership: owns its
// listening sockets and its thread; a handed-over socket belongs to the taker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/listener/connection_table.h"
#include "server/listener/unique_fd.h"

namespace enlace::server {

struct AcceptOptions {
  // Numeric addresses; "::" takes IPv4 too.
  std::vector<std::string> addresses;
  // 0 lets the kernel choose one, the same for all addresses.
  uint16_t port = 0;
  ConnectionLimits limits;
};

// What happened since the start.
struct AcceptCounts {
  uint64_t accepted = 0;
  uint64_t refused_address_full = 0;
  uint64_t refused_table_full = 0;
  uint64_t refused_no_descriptor = 0;
  uint64_t open = 0;
};

class AcceptLoop {
 public:
  // Takes over a connected, non-blocking socket.
  using Taker = std::function<void(UniqueFd socket)>;

  // Binds and listens; connections wait until Start. INVALID_ARGUMENT for an address that is none,
  // UNAVAILABLE when it can't be bound.
  static absl::StatusOr<std::unique_ptr<AcceptLoop>> Listen(const AcceptOptions& options);
  ~AcceptLoop();

  void Start(Taker taker);
  // Closes the listening sockets and ends the thread. What was handed over lives on.
  void Stop();

  uint16_t port() const { return port_; }
  AcceptCounts counts() const;

 private:
  explicit AcceptLoop(ConnectionLimits limits) : table_(limits) {}

  void Run();
  // Accepts until nothing waits on `listening_fd`.
  void Drain(int listening_fd);
  void Admit(UniqueFd socket, const std::string& address_key);
  // Out of descriptors: turns one caller away with the spare one.
  void RefuseWithSpare(int listening_fd);

  std::vector<UniqueFd> sockets_;
  UniqueFd stop_event_;
  UniqueFd spare_;
  uint16_t port_ = 0;
  Taker taker_;
  ConnectionTable table_;
  std::thread thread_;

  std::atomic<uint64_t> accepted_{0};
  std::atomic<uint64_t> refused_address_full_{0};
  std::atomic<uint64_t> refused_table_full_{0};
  std::atomic<uint64_t> refused_no_descriptor_{0};
  std::atomic<uint64_t> open_{0};
};

// How many connections the process may hold: the descriptor limit (RLIMIT_NOFILE) less
// kReservedDescriptors, at least 4.
size_t ConnectionsThatDescriptorsAllow();

}  // namespace enlace::server
