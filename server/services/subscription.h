// One device's inbox stream: replays what the store holds after its cursor, then follows what the
// committer publishes.
//
// Invariants:
//  1. At most one write is outstanding. What gRPC holds for a slow peer is that one message.
//  2. Items go out in the order of their cursors, each once. While behind_ is false, everything up
//  to queued_cursor_ was sent
//     or stands in queue_, and every newer item arrives by Offer. While it is true, the store is
//     read after queued_cursor_.
//  3. queue_ is bounded (limits.h); what does not fit makes the stream behind again, and costs a
//  read later, not memory.
//  4. Finish is called once, by End; nothing is written after it.
//  5. A message counts for the peer only once all of it has arrived: its size follows what the line
//  takes, so that it fits between two breaks of a poor one.
//  6. gRPC's thread alone reads the store, except that an idle stream may do so on the thread that
//  wakes it.
//
// Thread safety: every function from any thread. Ownership: shared by the hub, which finds it by
// its device, and by itself until gRPC is done with it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "enlace/v1/inbox.pb.h"
#include "server/services/header_shortener.h"
#include "server/services/limits.h"
#include "server/services/service_context.h"

namespace enlace::server {

class SubscriptionHub;

class Subscription : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                     public std::enable_shared_from_this<Subscription> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Origin {
    const ServiceContext& services;
    SubscriptionHub& hub;
    grpc::CallbackServerContext* context;
  };

  // `wanted.cursor` is the last that the device has. Nothing is sent before Start.
  static std::shared_ptr<Subscription> Create(const Origin& origin, Caller caller,
                                              const v1::SubscribeRequest& wanted);

  const Caller& caller() const { return caller_; }

  // Keeps itself alive until gRPC is done, enters the hub, and begins the replay.
  void Start();

  // A new durable item of this device. Pump afterwards; several offers may share one message.
  void Offer(uint64_t cursor, const WireItem& item);
  // The registry log grew: told with the next message.
  void TellRegistry();
  // Sends what there is, unless a write is outstanding.
  void Pump();

  // Heartbeat, slow consumer, last words that take too long.
  void EverySecond(SteadyTime now);
  // Ends the stream if the registry no longer lets the device have it.
  void CheckStanding();
  // Ends the stream; after `grace` also when the peer does not take the status.
  void End(const absl::Status& outcome, std::chrono::milliseconds grace);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  struct Queued {
    uint64_t cursor;
    WireItem item;
  };

  Subscription(const Origin& origin, Caller caller, const v1::SubscribeRequest& wanted);

  // All with mutex_ held.
  void Enqueue(Queued queued);
  // Reads the next page into queue_, giving the lock up meanwhile.
  absl::Status ReadPage(std::unique_lock<std::mutex>& lock);
  // Fills message_; false when there is nothing to say.
  absl::StatusOr<bool> FillMessage();
  // Moves items from the queue into `encoded`; how many.
  size_t FillItems(std::string& encoded);
  absl::Status FillStanding(v1::SubscribeResponse& response) const;
  // Learns from how long a message took how large the next may be.
  void Measure(SteadyTime now);
  void EndLocked(const absl::Status& outcome, std::chrono::milliseconds grace);

  const ServiceContext& services_;
  SubscriptionHub& hub_;
  grpc::CallbackServerContext* const context_;
  const Caller caller_;
  std::shared_ptr<Subscription> self_;

  std::mutex mutex_;
  std::deque<Queued> queue_;
  // Of a device that asked for it; told about every entry that enters queue_.
  std::optional<HeaderShortener> shortener_;
  size_t queue_bytes_ = 0;
  uint64_t queued_cursor_;
  // The last cursor of the outstanding message, and of those that gRPC took.
  uint64_t writing_cursor_;
  uint64_t sent_cursor_;
  bool behind_ = true;
  // An item passed by while the store was being read.
  bool passed_by_ = false;
  bool replayed_ = false;
  bool standing_due_ = true;
  // A write is outstanding, or a thread prepares one.
  bool busy_ = false;
  bool writing_ = false;
  bool ended_ = false;
  bool done_ = false;
  SteadyTime last_write_;
  SteadyTime teardown_at_ = SteadyTime::max();
  grpc::ByteBuffer message_;
  size_t message_bytes_max_ = kStreamMessageBytesFirst;
  // Taken by gRPC without a wait since the last message that had to wait.
  size_t quick_bytes_ = 0;
  // The last message had to wait: the next one is compressed.
  bool slow_ = false;
};

}  // namespace enlace::server
