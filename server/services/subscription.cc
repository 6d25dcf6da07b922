#include "server/services/subscription.h"

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "server/services/limits.h"
#include "server/services/subscription_hub.h"

namespace enlace::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

}  // namespace

std::shared_ptr<Subscription> Subscription::Create(const Origin& origin, Caller caller,
                                                   uint64_t cursor) {
  return std::shared_ptr<Subscription>(new Subscription(origin, std::move(caller), cursor));
}

Subscription::Subscription(const Origin& origin, Caller caller, uint64_t cursor)
    : services_(origin.services),
      hub_(origin.hub),
      context_(origin.context),
      caller_(std::move(caller)),
      queued_cursor_(cursor),
      writing_cursor_(cursor),
      sent_cursor_(cursor),
      last_write_(SteadyClock::now()) {}

void Subscription::Start() {
  self_ = shared_from_this();
  // Entered before the first read, so that no item falls between the two.
  hub_.Add(self_);
  Pump();
}

void Subscription::Offer(uint64_t cursor, const std::shared_ptr<const v1::InboxItem>& item) {
  const std::lock_guard lock(mutex_);
  if (cursor <= queued_cursor_) return;
  const size_t size_bytes = item->ByteSizeLong();
  const bool fits = queue_.size() < kStreamQueueItemsMax &&
                    (queue_.empty() || queue_bytes_ + size_bytes <= kStreamQueueBytesMax);
  if (behind_ || !fits) {
    behind_ = true;
    passed_by_ = true;
    return;
  }
  Enqueue({cursor, item, size_bytes});
}

void Subscription::TellRegistry() {
  const std::lock_guard lock(mutex_);
  standing_due_ = true;
}

void Subscription::Enqueue(Queued queued) {
  queued_cursor_ = queued.cursor;
  queue_bytes_ += queued.size_bytes;
  queue_.push_back(std::move(queued));
}

void Subscription::Pump() {
  std::unique_lock lock(mutex_);
  if (busy_ || ended_) return;
  busy_ = true;
  while (queue_.empty() && behind_) {
    const absl::Status read = ReadPage(lock);
    if (ended_) return;
    if (!read.ok()) return EndLocked(StorageError(read), kEndGrace);
  }
  const absl::StatusOr<bool> filled = FillMessage();
  if (!filled.ok()) return EndLocked(StorageError(filled.status()), kEndGrace);
  if (!*filled) {
    busy_ = false;
    return;
  }
  writing_ = true;
  last_write_ = SteadyClock::now();
  StartWrite(&message_);
}

absl::Status Subscription::ReadPage(std::unique_lock<std::mutex>& lock) {
  passed_by_ = false;
  const uint64_t after = queued_cursor_;
  lock.unlock();
  absl::StatusOr<InboxPage> page = services_.reader().ReadInbox(caller_.device_uri, after);
  lock.lock();
  ENLACE_RETURN_IF_ERROR(page.status());
  if (page->more && page->items.empty()) return MakeError(Reason::kInternal);
  for (v1::InboxItem& item : page->items) {
    const uint64_t cursor = item.cursor();
    const size_t size_bytes = item.ByteSizeLong();
    Enqueue({cursor, std::make_shared<const v1::InboxItem>(std::move(item)), size_bytes});
  }
  behind_ = page->more || passed_by_;
  return absl::OkStatus();
}

absl::StatusOr<bool> Subscription::FillMessage() {
  message_.Clear();
  size_t bytes = 0;
  while (!queue_.empty() && static_cast<size_t>(message_.items_size()) < kStreamMessageItemsMax) {
    const Queued& next = queue_.front();
    if (bytes > 0 && bytes + next.size_bytes > kStreamMessageBytesMax) break;
    v1::InboxItem* item = message_.add_items();
    *item = *next.item;
    item->set_cursor(next.cursor);
    bytes += next.size_bytes;
    writing_cursor_ = next.cursor;
    queue_bytes_ -= next.size_bytes;
    queue_.pop_front();
  }
  // Standing is told once the replay ends, with every heartbeat, and when the registry grew.
  replayed_ = replayed_ || (queue_.empty() && !behind_);
  message_.set_replayed(replayed_);
  if (standing_due_ && replayed_) {
    ENLACE_RETURN_IF_ERROR(FillStanding());
    standing_due_ = false;
    return true;
  }
  return message_.items_size() > 0;
}

absl::Status Subscription::FillStanding() {
  message_.set_server_time_ms(static_cast<uint64_t>(services_.now_ms()));
  message_.set_registry_size(services_.reader().registry_size());
  ENLACE_ASSIGN_OR_RETURN(const ChainPosition position, services_.reader().Position());
  message_.set_generation(ToText(position.generation));
  message_.set_server_sequence(position.server_sequence);
  message_.set_server_head(ToText(position.server_head));
  ENLACE_ASSIGN_OR_RETURN(const std::optional<uint32_t> low,
                          services_.reader().KeyPackagesLow(caller_.device_uri));
  if (low) message_.mutable_key_packages_low()->set_one_time_count(*low);
  return absl::OkStatus();
}

void Subscription::EverySecond(SteadyTime now) {
  bool heartbeat = false;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    if (now >= teardown_at_) {
      context_->TryCancel();
      return;
    }
    const milliseconds slow(services_.slow_consumer_ms);
    if (writing_ && !ended_ && now - last_write_ >= slow) {
      return EndLocked(MakeError(Reason::kSlowConsumer, {{"cursor", std::to_string(sent_cursor_)}}),
                       kEndGrace);
    }
    heartbeat = !writing_ && now - last_write_ >= kHeartbeatInterval;
    standing_due_ |= heartbeat;
  }
  if (heartbeat) Pump();
}

void Subscription::CheckStanding() {
  const absl::Status standing = services_.callers().CheckStill(caller_, services_.now_ms());
  if (!standing.ok()) End(standing, kRevokedGrace);
}

void Subscription::End(const absl::Status& outcome, milliseconds grace) {
  const std::lock_guard lock(mutex_);
  EndLocked(outcome, grace);
}

void Subscription::EndLocked(const absl::Status& outcome, milliseconds grace) {
  if (ended_) return;
  ended_ = true;
  teardown_at_ = SteadyClock::now() + grace;
  services_.counters->Count(outcome);
  Finish(ToGrpc(outcome));
}

void Subscription::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    busy_ = false;
    if (ok) sent_cursor_ = writing_cursor_;
    // The peer is gone; gRPC still waits for a status that nobody reads.
    if (!ok) return EndLocked(absl::CancelledError(), kEndGrace);
  }
  Pump();
}

void Subscription::OnCancel() { End(absl::CancelledError(), kEndGrace); }

void Subscription::OnDone() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  hub_.Remove(*this);
  // Nothing of this object may be touched after the last owner has gone.
  const std::shared_ptr<Subscription> last = std::move(self_);
}

}  // namespace enlace::server
