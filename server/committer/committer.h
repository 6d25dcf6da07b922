// The one thread on which everything that changes state happens, and one beside it that answers.
//
// Takes what is queued, lets each operation decide in order, writes all of it by one synced commit,
// and only then answers the calls and tells the streams. While more waits, a second thread does
// the latter, so that the next group is decided meanwhile; when nothing waits, the first does it
// itself, which spares a lone caller the way from thread to thread. When the commit fails, every
// operation that had been accepted gets the storage error.
//
// When the group before held several operations, the next one may wait a moment for as many again:
// a larger group costs each of its operations less of the sync, and under load the processors are
// what is short. A single writer never waits.
//
// On a full disk what gives space back is committed apart from what takes some, so that the one is
// not refused with the other.
//
// Invariants: 1. Operations decide in the order of Submit. 2. No answer leaves before the commit of
// its group returned.
// 3. Every submitted operation is settled exactly once. 4. Groups are settled one at a time, in
// their order, and the effects of each are published after its answers. 5. What waits is bounded by
// limits.h, groups to be settled too: the committer waits for them.
//
// Crash points: server.decided, server.durable, server.acknowledged (counts answers),
// server.published, server.fan_out_decided, server.fan_out_durable.
//
// Thread safety: Submit and queued() from any thread; Start and Stop from one. Ownership: borrows
// everything in the options; owns operations and threads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/committer/group_state.h"
#include "server/committer/limits.h"
#include "server/committer/operation.h"
#include "storage/engine.h"

namespace enlace::server {

// What one group took; for metrics.
struct GroupFigures {
  size_t operations = 0;
  size_t written_bytes = 0;
  int64_t decide_us = 0;
  int64_t commit_us = 0;
  int64_t settle_us = 0;
  bool failed = false;
};

struct CommitterOptions {
  storage::Engine* engine = nullptr;
  GroupState* state = nullptr;
  std::function<int64_t()> now_ms;
  // Called on either of the committer's threads, never on both at a time; must not wait.
  std::function<void(const GroupEffects&)> publish;
  std::function<void(const GroupFigures&)> observe;
  // How long a group waits for more after one of several operations.
  std::chrono::microseconds gather_max = kGatherMax;
};

class Committer {
 public:
  explicit Committer(CommitterOptions options) : options_(std::move(options)) {}
  // Stops.
  ~Committer();

  void Start();
  // Commits and answers what is queued, then ends. What is submitted later is settled with
  // SERVER_STOPPING.
  void Stop();

  // Settles with LIMIT_EXCEEDED at once when too much waits.
  void Submit(std::unique_ptr<Operation> operation);

  size_t queued() const { return queued_operations_.load(std::memory_order_relaxed); }

 private:
  using Group = std::vector<std::unique_ptr<Operation>>;

  // A group that was committed, or could not be, on its way to its callers.
  struct Ended {
    Group group;
    std::vector<absl::Status> outcomes;  // Of the decisions.
    absl::Status written;
    GroupEffects effects;
    GroupFigures figures;
  };

  void Run();
  // Waits for work; false once stopped and nothing is left.
  bool TakeGroup(Group& group);
  // Within mutex_: lets a group grow for a moment when many write at once.
  void Gather(std::unique_lock<std::mutex>& lock);
  // OK when the queue may take the operation; with mutex_ held.
  absl::Status CheckRoom(const Operation& operation) const;
  void CommitGroup(Group group);
  std::vector<absl::Status> Decide(const Group& group);
  void AddFanOutSlice();
  // The outcome of the synced write; `written_bytes` is filled.
  absl::Status Write(bool reclaiming, size_t& written_bytes);
  // Settles the group, here or on the other thread.
  void HandOver(Ended ended);
  void Settle(Ended& ended);
  // The other thread.
  void RunSettler();

  CommitterOptions options_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::unique_ptr<Operation>> queue_;
  size_t queued_bytes_ = 0;
  bool stopping_ = false;
  // While the thread gathers: how many operations end it. 0 otherwise.
  size_t gather_until_ = 0;
  std::atomic<size_t> queued_operations_{0};
  // Of the committer's thread.
  size_t last_group_size_ = 0;
  bool fan_out_waits_ = false;
  bool disk_full_ = false;
  std::thread thread_;

  std::mutex settle_mutex_;
  std::condition_variable settle_changed_;
  std::deque<Ended> to_settle_;
  // The settler is at work on a group that it has taken.
  bool settling_ = false;
  bool settler_stops_ = false;
  std::thread settler_;
};

// The public error for what the engine said: DISK_FULL and STORAGE_UNAVAILABLE with a delay,
// STORAGE_DAMAGED.
absl::Status StorageError(const absl::Status& engine_status);

}  // namespace enlace::server
