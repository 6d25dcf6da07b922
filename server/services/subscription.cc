#include "server/services/subscription.h"

#include <algorithm>

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "server/core/proto_wire.h"
#include "server/services/subscription_hub.h"

namespace enlace::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr char kItemsTag = wire::BytesTag(v1::SubscribeResponse::kItemsFieldNumber);
constexpr char kCursorTag = wire::VarintTag(v1::InboxItem::kCursorFieldNumber);

// One element of SubscribeResponse.items: the shared bytes with a device's own cursor in front.
void AppendItem(uint64_t cursor, const std::string& item, std::string& out) {
  wire::AppendFieldStart(kItemsTag, 1 + wire::VarintBytes(cursor) + item.size(), out);
  out.push_back(kCursorTag);
  wire::AppendVarint(cursor, out);
  out += item;
}

}  // namespace

std::shared_ptr<Subscription> Subscription::Create(const Origin& origin, Caller caller,
                                                   const v1::SubscribeRequest& wanted) {
  return std::shared_ptr<Subscription>(new Subscription(origin, std::move(caller), wanted));
}

Subscription::Subscription(const Origin& origin, Caller caller, const v1::SubscribeRequest& wanted)
    : services_(origin.services),
      hub_(origin.hub),
      context_(origin.context),
      caller_(std::move(caller)),
      queued_cursor_(wanted.cursor()),
      writing_cursor_(wanted.cursor()),
      sent_cursor_(wanted.cursor()),
      last_write_(SteadyClock::now()) {
  if (wanted.header_changes()) shortener_.emplace();
}

void Subscription::Start() {
  self_ = shared_from_this();
  // Of what a message adds to its ciphertext, a fifth repeats: worth the time on a slow line only.
  context_->set_compression_algorithm(GRPC_COMPRESS_GZIP);
  // Entered before the first read, so that no item falls between the two.
  hub_.Add(self_);
  Pump();
}

void Subscription::Offer(uint64_t cursor, const WireItem& item) {
  const std::lock_guard lock(mutex_);
  if (cursor <= queued_cursor_) return;
  const bool fits = queue_.size() < kStreamQueueItemsMax &&
                    (queue_.empty() || queue_bytes_ + item->size() <= kStreamQueueBytesMax);
  if (behind_ || !fits) {
    behind_ = true;
    passed_by_ = true;
    return;
  }
  if (shortener_) shortener_->Forget();
  Enqueue({cursor, item});
}

void Subscription::TellRegistry() {
  const std::lock_guard lock(mutex_);
  standing_due_ = true;
}

void Subscription::Enqueue(Queued queued) {
  queued_cursor_ = queued.cursor;
  queue_bytes_ += queued.item->size();
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
  grpc::WriteOptions how;
  if (!slow_) how.set_no_compression();
  StartWrite(&message_, how);
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
    item.clear_cursor();
    if (shortener_ && item.has_entry()) shortener_->Shorten(*item.mutable_entry());
    Enqueue({cursor, std::make_shared<const std::string>(item.SerializeAsString())});
  }
  behind_ = page->more || passed_by_;
  return absl::OkStatus();
}

size_t Subscription::FillItems(std::string& encoded) {
  size_t items = 0;
  while (!queue_.empty() && items < kStreamMessageItemsMax) {
    const Queued& next = queue_.front();
    if (items > 0 && encoded.size() + next.item->size() > message_bytes_max_) break;
    AppendItem(next.cursor, *next.item, encoded);
    ++items;
    writing_cursor_ = next.cursor;
    queue_bytes_ -= next.item->size();
    queue_.pop_front();
  }
  return items;
}

absl::StatusOr<bool> Subscription::FillMessage() {
  std::string encoded;
  if (!queue_.empty())
    encoded.reserve(std::min(queue_bytes_, message_bytes_max_) + kStreamMessageBytesMin);
  const size_t items = FillItems(encoded);
  // Standing is told once the replay ends, with every heartbeat, and when the registry grew.
  replayed_ = replayed_ || (queue_.empty() && !behind_);
  const bool tell_standing = standing_due_ && replayed_;
  if (items == 0 && !tell_standing) return false;
  // The fields beside the items, after them: the parts of an encoded message may stand in any
  // order.
  v1::SubscribeResponse rest;
  rest.set_replayed(replayed_);
  if (tell_standing) {
    ENLACE_RETURN_IF_ERROR(FillStanding(rest));
    standing_due_ = false;
  }
  rest.AppendToString(&encoded);
  const grpc::Slice slice(encoded);
  message_ = grpc::ByteBuffer(&slice, 1);
  return true;
}

void Subscription::Measure(SteadyTime now) {
  slow_ = now - last_write_ >= kStreamSlowWrite;
  if (slow_) {
    message_bytes_max_ = std::max(std::min(message_bytes_max_, kStreamMessageBytesFirst) / 2,
                                  kStreamMessageBytesMin);
    quick_bytes_ = 0;
    return;
  }
  quick_bytes_ += message_.Length();
  if (quick_bytes_ >= kStreamQuickBytes) message_bytes_max_ = kStreamMessageBytesMax;
}

absl::Status Subscription::FillStanding(v1::SubscribeResponse& response) const {
  response.set_server_time_ms(static_cast<uint64_t>(services_.now_ms()));
  response.set_registry_size(services_.reader().registry_size());
  ENLACE_ASSIGN_OR_RETURN(const ChainPosition position, services_.reader().Position());
  response.set_generation(ToText(position.generation));
  response.set_server_sequence(position.server_sequence);
  response.set_server_head(ToText(position.server_head));
  ENLACE_ASSIGN_OR_RETURN(const std::optional<uint32_t> low,
                          services_.reader().KeyPackagesLow(caller_.device_uri));
  if (low) response.mutable_key_packages_low()->set_one_time_count(*low);
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
    Measure(SteadyClock::now());
    // An idle stream holds nothing.
    message_.Clear();
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
