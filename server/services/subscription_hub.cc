#include "server/services/subscription_hub.h"

#include "proto/errors/reasons.h"
#include "server/committer/limits.h"
#include "server/services/limits.h"

namespace enlace::server {
namespace {

// Tells the core that a device's stream opened or ended.
class PresenceOperation : public Operation {
 public:
  PresenceOperation(const ServiceContext& services, Caller caller, bool opened)
      : services_(services), caller_(std::move(caller)), opened_(opened) {}

  absl::Status Decide() override {
    return opened_ ? services_.core->StreamOpened(caller_, services_.now_ms())
                   : services_.core->StreamClosed(caller_, services_.now_ms());
  }
  // Only the wake hook and "last seen" depend on it; both are right again with the next stream.
  void Settle(const absl::Status& /*outcome*/) override {}
  bool internal() const override { return true; }

 private:
  const ServiceContext& services_;
  const Caller caller_;
  const bool opened_;
};

absl::Status Stopping() { return MakeRetryableError(Reason::kServerStopping, kStorageRetryMs); }

}  // namespace

void SubscriptionHub::Add(const std::shared_ptr<Subscription>& stream) {
  std::shared_ptr<Subscription> older;
  bool ending = false;
  {
    const std::lock_guard lock(mutex_);
    ending = ending_;
    std::shared_ptr<Subscription>& entry = by_device_[stream->caller().device_uri];
    if (entry == nullptr) TellCore(stream->caller(), /*opened=*/true);
    older = std::exchange(entry, stream);
  }
  if (older != nullptr) older->End(MakeError(Reason::kStreamReplaced), kEndGrace);
  if (ending) stream->End(Stopping(), kEndGrace);
}

void SubscriptionHub::Remove(const Subscription& stream) {
  const std::lock_guard lock(mutex_);
  const auto entry = by_device_.find(stream.caller().device_uri);
  if (entry == by_device_.end() || entry->second.get() != &stream) return;
  by_device_.erase(entry);
  TellCore(stream.caller(), /*opened=*/false);
}

void SubscriptionHub::Publish(const GroupEffects& effects) {
  Streams touched;
  for (const Delivery& delivery : effects.deliveries) {
    std::shared_ptr<Subscription> stream = Find(*delivery.device_uri);
    if (stream == nullptr) continue;
    stream->Offer(delivery.cursor, delivery.item);
    delivered_.fetch_add(1, std::memory_order_relaxed);
    if (touched.empty() || touched.back() != stream) touched.push_back(std::move(stream));
  }
  for (const auto& stream : touched) stream->Pump();
  for (const std::string& device_uri : effects.devices_to_check) {
    if (const auto stream = Find(device_uri)) stream->CheckStanding();
  }
  if (!effects.registry_grew) return;
  for (const auto& stream : All()) {
    stream->TellRegistry();
    stream->Pump();
  }
}

void SubscriptionHub::EverySecond() {
  const auto now = std::chrono::steady_clock::now();
  const bool check_standing = now - standing_checked_at_ >= kStandingInterval;
  if (check_standing) standing_checked_at_ = now;
  for (const auto& stream : All()) {
    if (check_standing) stream->CheckStanding();
    stream->EverySecond(now);
  }
}

void SubscriptionHub::EndAll() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  for (const auto& stream : All()) stream->End(Stopping(), kEndGrace);
}

size_t SubscriptionHub::open_streams() const {
  const std::lock_guard lock(mutex_);
  return by_device_.size();
}

std::shared_ptr<Subscription> SubscriptionHub::Find(const std::string& device_uri) const {
  const std::lock_guard lock(mutex_);
  const auto entry = by_device_.find(device_uri);
  return entry == by_device_.end() ? nullptr : entry->second;
}

SubscriptionHub::Streams SubscriptionHub::All() const {
  const std::lock_guard lock(mutex_);
  Streams streams;
  streams.reserve(by_device_.size());
  for (const auto& [device_uri, stream] : by_device_) streams.push_back(stream);
  return streams;
}

void SubscriptionHub::TellCore(const Caller& caller, bool opened) {
  services_.committer->Submit(std::make_unique<PresenceOperation>(services_, caller, opened));
}

}  // namespace enlace::server
