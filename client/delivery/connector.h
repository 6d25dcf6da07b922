// Waits for the connection on a thread of its own, so that the engine's thread goes on with what
// needs no server while none answers.
//
// Promises one attempt at a time, each with exactly one result; no result after the destructor,
// which does not wait for the network.
//
// Thread safety: Try from any thread; attempts and results run on the connector's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"

namespace enlace::client {

class Connector {
 public:
  // One attempt; returns soon after its argument became true.
  using Attempt = std::function<absl::Status(const std::atomic<bool>& cancelled)>;
  using OnResult = std::function<void(const absl::Status&)>;

  Connector(Attempt attempt, OnResult on_result);
  ~Connector();

  // Begins an attempt, unless one is running or about to.
  void Try();

 private:
  void Run();
  // False when the connector ends.
  bool NextTry();

  const Attempt attempt_;
  const OnResult on_result_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  std::thread thread_;
};

}  // namespace enlace::client
