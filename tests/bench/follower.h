// Devices that follow their inbox as a client does: read, count, confirm.
//
// Promises that what it counts arrived on the stream, in order and without a gap; a gap or a stream
// that ends by itself is a fault, which faults() tells.
//
// Thread safety: Start and Stop from one thread; counts from any. Ownership: borrows the device;
// owns its stream.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/fleet.h"
#include "tests/bench/latency.h"

namespace enlace::bench {

// What all followers of a run count together.
struct Arrivals {
  std::atomic<bool> counting{false};
  std::atomic<uint64_t> items{0};
  std::atomic<uint64_t> stream_messages{0};
  // From the send call to the arrival on the stream.
  LatencyCounts latency;
};

class Follower : public grpc::ClientReadReactor<v1::SubscribeResponse> {
 public:
  // Follows from the device's cursor on.
  Follower(BenchDevice& device, Arrivals& arrivals) : device_(device), arrivals_(arrivals) {}

  void Start();
  // Waits until everything that stood in the inbox at the start was read; false after `timeout`.
  bool WaitReplayed(std::chrono::milliseconds timeout);
  // Confirms what was read, ends the stream and waits until both are done.
  void Stop();

  // Why what was read can't be trusted; empty when it can.
  std::string faults() const;

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  struct Confirmation {
    grpc::ClientContext context;
    v1::ConfirmRequest request;
    v1::ConfirmResponse response;
  };

  void Take(const v1::SubscribeResponse& response);
  void Confirm();

  BenchDevice& device_;
  Arrivals& arrivals_;
  grpc::ClientContext context_;
  v1::SubscribeRequest request_;
  v1::SubscribeResponse response_;
  uint64_t confirmed_ = 0;
  std::atomic<bool> confirming_{false};
  std::unique_ptr<Confirmation> confirmation_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool replayed_ = false;
  bool stopping_ = false;
  bool done_ = false;
  std::string fault_;
};

// Confirms everything in the inboxes of devices that nobody follows, until it is stopped: otherwise
// they would lapse.
class Sweeper {
 public:
  explicit Sweeper(std::vector<BenchDevice*> devices);
  ~Sweeper();

 private:
  void Run();

  std::vector<BenchDevice*> devices_;
  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace enlace::bench
