#include "server/committer/committer.h"

#include <chrono>
#include <utility>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "storage/crash_point.h"

namespace enlace::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using storage::CrashPoint;

int64_t MicrosecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start).count();
}

absl::Status QueueFull() {
  return MakeRetryableError(
      Reason::kLimitExceeded, kQueueFullRetryMs,
      {{"what", "operations that wait"}, {"limit", std::to_string(kQueuedOperationsMax)}});
}

}  // namespace

absl::Status StorageError(const absl::Status& engine_status) {
  if (engine_status.ok() || !InfoOf(engine_status).name.empty()) return engine_status;
  switch (engine_status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return MakeRetryableError(Reason::kDiskFull, kDiskFullRetryMs);
    case absl::StatusCode::kDataLoss:
      return MakeError(Reason::kStorageDamaged, {{"what", std::string(MessageOf(engine_status))}});
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kFailedPrecondition:
      return MakeRetryableError(Reason::kStorageUnavailable, kStorageRetryMs);
    default:
      return MakeError(Reason::kInternal);
  }
}

Committer::~Committer() { Stop(); }

void Committer::Start() {
  settler_ = std::thread([this] { RunSettler(); });
  thread_ = std::thread([this] { Run(); });
}

void Committer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard lock(settle_mutex_);
    settler_stops_ = true;
  }
  settle_changed_.notify_all();
  if (settler_.joinable()) settler_.join();
}

void Committer::Submit(std::unique_ptr<Operation> operation) {
  const size_t size_bytes = operation->size_bytes();
  bool wakes = false;
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    refused = CheckRoom(*operation);
    if (refused.ok()) {
      queue_.push_back(std::exchange(operation, nullptr));
      wakes = queue_.size() == 1 || queue_.size() == gather_until_;
      queued_bytes_ += size_bytes;
      queued_operations_.store(queue_.size(), std::memory_order_relaxed);
    }
  }
  if (operation != nullptr) return operation->Settle(refused);
  // While the queue is not empty the thread is busy, and looks again by itself, or gathers.
  if (wakes) arrived_.notify_one();
}

absl::Status Committer::CheckRoom(const Operation& operation) const {
  if (stopping_) return MakeRetryableError(Reason::kServerStopping, kStorageRetryMs);
  const bool full = queue_.size() >= kQueuedOperationsMax ||
                    queued_bytes_ + operation.size_bytes() > kQueuedBytesMax;
  return full && !operation.internal() ? QueueFull() : absl::OkStatus();
}

void Committer::Run() {
  Group group;
  while (TakeGroup(group)) {
    CommitGroup(std::exchange(group, {}));
  }
}

bool Committer::TakeGroup(Group& group) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !queue_.empty() || fan_out_waits_ || stopping_; });
  if (!queue_.empty()) Gather(lock);
  // A fan-out that waits is continued after the next start as well.
  if (queue_.empty() && stopping_) return false;
  size_t bytes = 0;
  const bool reclaims = !queue_.empty() && queue_.front()->reclaims();
  while (!queue_.empty() && group.size() < kGroupOperationsMax && bytes < kGroupRequestBytesMax) {
    if (disk_full_ && queue_.front()->reclaims() != reclaims) break;
    bytes += queue_.front()->size_bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  last_group_size_ = group.size();
  queued_bytes_ -= bytes;
  queued_operations_.store(queue_.size(), std::memory_order_relaxed);
  return true;
}

void Committer::Gather(std::unique_lock<std::mutex>& lock) {
  if (last_group_size_ < kGatherGroupMin || disk_full_) return;
  gather_until_ = last_group_size_;
  arrived_.wait_for(lock, options_.gather_max,
                    [this] { return queue_.size() >= gather_until_ || stopping_; });
  gather_until_ = 0;
}

void Committer::CommitGroup(Group group) {
  Ended ended;
  GroupFigures& figures = ended.figures;
  figures.operations = group.size();
  auto start = SteadyClock::now();
  const bool reclaiming = disk_full_ && !group.empty() && group.front()->reclaims();
  const bool slice = fan_out_waits_ && !reclaiming;
  ended.outcomes = Decide(group);
  if (slice) AddFanOutSlice();
  figures.decide_us = MicrosecondsSince(start);

  start = SteadyClock::now();
  CrashPoint("server.decided");
  ended.written = Write(reclaiming, figures.written_bytes);
  figures.commit_us = MicrosecondsSince(start);
  figures.failed = !ended.written.ok();
  if (ended.written.ok()) {
    CrashPoint("server.durable");
    if (slice) CrashPoint("server.fan_out_durable");
    ended.effects = options_.state->Committed();
    fan_out_waits_ |= ended.effects.fan_out_waits;
  } else {
    options_.state->Abandon();
  }
  ended.group = std::move(group);
  HandOver(std::move(ended));
}

void Committer::HandOver(Ended ended) {
  const bool more_waits = queued() > 0;
  {
    std::unique_lock lock(settle_mutex_);
    if (more_waits || settling_ || !to_settle_.empty()) {
      settle_changed_.wait(lock, [this] { return to_settle_.size() < kGroupsToSettleMax; });
      to_settle_.push_back(std::move(ended));
      lock.unlock();
      return settle_changed_.notify_all();
    }
  }
  // Only this thread hands over, so that the other stays idle.
  Settle(ended);
}

void Committer::Settle(Ended& ended) {
  const auto start = SteadyClock::now();
  for (size_t i = 0; i < ended.group.size(); ++i) {
    ended.group[i]->Settle(ended.outcomes[i].ok() ? ended.written : ended.outcomes[i]);
    CrashPoint("server.acknowledged");
  }
  if (ended.written.ok()) options_.publish(ended.effects);
  CrashPoint("server.published");
  ended.figures.settle_us = MicrosecondsSince(start);
  options_.observe(ended.figures);
}

void Committer::RunSettler() {
  std::unique_lock lock(settle_mutex_);
  while (true) {
    settle_changed_.wait(lock, [this] { return !to_settle_.empty() || settler_stops_; });
    if (to_settle_.empty()) return;
    {
      Ended ended = std::move(to_settle_.front());
      to_settle_.pop_front();
      settling_ = true;
      lock.unlock();
      settle_changed_.notify_all();
      Settle(ended);
    }
    lock.lock();
    settling_ = false;
  }
}

std::vector<absl::Status> Committer::Decide(const Group& group) {
  std::vector<absl::Status> outcomes;
  outcomes.reserve(group.size());
  for (const auto& operation : group) outcomes.push_back(StorageError(operation->Decide()));
  return outcomes;
}

void Committer::AddFanOutSlice() {
  const absl::StatusOr<bool> more = options_.state->ContinueFanOut(options_.now_ms());
  // On an error the work stays in the store; it is tried again with the next fan-out and at the
  // next start.
  fan_out_waits_ = more.ok() && *more;
  CrashPoint("server.fan_out_decided");
}

absl::Status Committer::Write(bool reclaiming, size_t& written_bytes) {
  if (!options_.state->has_writes()) return absl::OkStatus();
  storage::WriteBatch batch = options_.state->TakeBatch();
  written_bytes = batch.size_bytes();
  batch.set_reclaims_space(reclaiming);
  absl::Status written = StorageError(options_.engine->Commit(batch, storage::Durability::kSynced));
  if (HasReason(written, Reason::kDiskFull)) {
    disk_full_ = true;
  } else if (written.ok() && !reclaiming) {
    disk_full_ = false;
  }
  return written;
}

}  // namespace enlace::server
