// All open inbox streams, one for each device.
//
// Promises that a newer stream of a device ends the older, that the core hears of a device's first
// stream and of the end of its last in that order, and that published items reach open streams in
// their order.
//
// Thread safety: Publish from the committer's thread, EverySecond from the maintenance thread, the
// rest from any. The hub never calls a stream while it holds its lock. Ownership: shares the
// streams with themselves; borrows the context.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/core/group_effects.h"
#include "server/services/service_context.h"
#include "server/services/subscription.h"

namespace enlace::server {

class SubscriptionHub {
 public:
  explicit SubscriptionHub(const ServiceContext& services) : services_(services) {}

  // Enters a stream, from its Start. An older one of the device ends with STREAM_REPLACED.
  void Add(const std::shared_ptr<Subscription>& stream);
  void Remove(const Subscription& stream);

  // Tells the streams what a group did.
  void Publish(const GroupEffects& effects);
  void EverySecond();
  // Ends every stream and refuses new ones from now on.
  void EndAll();

  size_t open_streams() const;
  uint64_t delivered() const { return delivered_.load(std::memory_order_relaxed); }

 private:
  using Streams = std::vector<std::shared_ptr<Subscription>>;

  std::shared_ptr<Subscription> Find(const std::string& device_uri) const;
  Streams All() const;
  // Queues an operation that tells the core; under mutex_, so that events of a device keep their
  // order.
  void TellCore(const Caller& caller, bool opened);

  const ServiceContext& services_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Subscription>> by_device_;
  bool ending_ = false;
  std::atomic<uint64_t> delivered_{0};
  // Of the maintenance thread.
  Subscription::SteadyTime standing_checked_at_{};
};

}  // namespace enlace::server
