#include "tests/bench/follower.h"

#include <limits>

namespace enlace::bench {
namespace {

// A device confirms what it has stored in steps: each confirmation is a call of its own.
constexpr uint64_t kConfirmEvery = 512;
constexpr std::chrono::seconds kStopTimeout{10};
constexpr std::chrono::milliseconds kSweepInterval{500};
constexpr std::chrono::seconds kConfirmDeadline{30};

}  // namespace

void Follower::Start() {
  request_.set_cursor(device_.cursor);
  confirmed_ = device_.cursor;
  device_.inbox->async()->Subscribe(&context_, &request_, this);
  StartRead(&response_);
  StartCall();
}

void Follower::OnReadDone(bool ok) {
  if (!ok) return;
  Take(response_);
  if (response_.replayed()) {
    const std::lock_guard lock(mutex_);
    if (!replayed_) changed_.notify_all();
    replayed_ = true;
  }
  if (device_.cursor - confirmed_ >= kConfirmEvery) Confirm();
  StartRead(&response_);
}

void Follower::Take(const v1::SubscribeResponse& response) {
  const SteadyTime now = std::chrono::steady_clock::now();
  const bool counting = arrivals_.counting.load(std::memory_order_relaxed);
  uint64_t messages = 0;
  for (const v1::InboxItem& item : response.items()) {
    if (item.cursor() != device_.cursor + 1 && device_.cursor != 0) {
      const std::lock_guard lock(mutex_);
      fault_ =
          "cursor " + std::to_string(item.cursor()) + " after " + std::to_string(device_.cursor);
    }
    device_.cursor = item.cursor();
    const auto sent_at = SentAt(item.entry().message());
    if (!sent_at) continue;
    ++messages;
    if (counting) arrivals_.latency.Add(now - *sent_at);
  }
  if (!counting || messages == 0) return;
  arrivals_.items.fetch_add(messages, std::memory_order_relaxed);
  arrivals_.stream_messages.fetch_add(1, std::memory_order_relaxed);
}

void Follower::Confirm() {
  if (confirming_.exchange(true)) return;
  confirmation_ = std::make_unique<Confirmation>();
  confirmation_->request.set_cursor(device_.cursor);
  testing::SetDeadline(confirmation_->context, kConfirmDeadline);
  confirmed_ = device_.cursor;
  device_.inbox->async()->Confirm(&confirmation_->context, &confirmation_->request,
                                  &confirmation_->response, [this](const grpc::Status& status) {
                                    const std::lock_guard lock(mutex_);
                                    if (!status.ok()) fault_ = "confirm: " + status.error_message();
                                    confirming_ = false;
                                    changed_.notify_all();
                                  });
}

bool Follower::WaitReplayed(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return replayed_ || done_; }) && replayed_;
}

void Follower::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  context_.TryCancel();
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kStopTimeout, [this] { return done_ && !confirming_; })) {
    std::fprintf(stderr, "a stream of %s does not end\n",
                 device_.device.identity.uri.text().c_str());
    std::abort();
  }
}

std::string Follower::faults() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Follower::OnDone(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  done_ = true;
  if (!stopping_) fault_ = "the stream ended: " + status.error_message();
  changed_.notify_all();
}

Sweeper::Sweeper(std::vector<BenchDevice*> devices) : devices_(std::move(devices)) {
  if (!devices_.empty()) thread_ = std::thread([this] { Run(); });
}

Sweeper::~Sweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Sweeper::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_asked_.wait_for(lock, kSweepInterval, [this] { return stopping_; })) {
    lock.unlock();
    for (BenchDevice* device : devices_) {
      grpc::ClientContext context;
      testing::SetDeadline(context, kConfirmDeadline);
      v1::ConfirmRequest request;
      v1::ConfirmResponse response;
      request.set_cursor(std::numeric_limits<uint64_t>::max());
      const grpc::Status status = device->inbox->Confirm(&context, request, &response);
      if (status.ok()) device->cursor = response.last_cursor();
    }
    lock.lock();
  }
}

}  // namespace enlace::bench
