#include "tests/bench/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/bench/follower.h"
#include "tests/bench/process_meter.h"

namespace enlace::bench {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kCallDeadline{30};
constexpr std::chrono::seconds kReplayTimeout{60};
constexpr const char* kHealthMethod = "/grpc.health.v1.Health/Check";

double Seconds(steady_clock::duration time) { return duration<double>(time).count(); }

// What a run counts, and the slots' way back to it.
struct RunState {
  std::atomic<bool> counting{false};
  std::atomic<bool> ending{false};
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> accepted_in_all{0};
  std::atomic<uint64_t> refused{0};
  uint64_t accepted_max = 0;
  LatencyCounts latency;

  std::mutex mutex;
  std::condition_variable changed;
  std::string first_fault;
  size_t busy = 0;

  void Fault(const std::string& what) {
    refused.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex);
    if (first_fault.empty()) first_fault = what;
  }
  void Count(uint64_t messages, SteadyTime since) {
    const uint64_t all = accepted_in_all.fetch_add(messages, std::memory_order_relaxed) + messages;
    if (accepted_max != 0 && all >= accepted_max) {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    }
    if (!counting.load(std::memory_order_relaxed)) return;
    accepted.fetch_add(messages, std::memory_order_relaxed);
    latency.Add(steady_clock::now() - since);
  }
};

// A call that is made again and again, one at a time.
class Slot {
 public:
  explicit Slot(RunState& run) : run_(run) {}
  virtual ~Slot() = default;

  // What happens after each answer; set before the first Begin.
  void SetAfter(std::function<void()> after) { after_ = std::move(after); }
  // Begins a call that was due at `due`.
  void Begin(SteadyTime due) {
    due_ = due;
    context_.emplace();
    testing::SetDeadline(*context_, kCallDeadline);
    Call(due);
  }

 protected:
  virtual void Call(SteadyTime due) = 0;
  void Answered(const grpc::Status& status, uint64_t accepted) {
    if (!status.ok()) run_.Fault(status.error_message());
    if (accepted > 0) run_.Count(accepted, due_);
    after_();
  }
  void Refused(const std::string& refusal) { run_.Fault("refused: " + refusal); }

  RunState& run_;
  std::optional<grpc::ClientContext> context_;

 private:
  SteadyTime due_;
  std::function<void()> after_;
};

class SendSlot : public Slot {
 public:
  SendSlot(RunState& run, const BenchRoom& room, const LoadOptions& options, uint64_t seed)
      : Slot(run), room_(room), maker_(room, options.payload_bytes, seed) {
    for (size_t i = 0; i < options.batch; ++i) {
      v1::SendRequest& request = *batch_.add_requests();
      request.set_room_id(room.id);
      request.mutable_envelope()->set_epoch(room.epoch);
      request.mutable_envelope()->set_sender_office_id(room.founder->device.office);
      request.mutable_envelope()->set_urgency(v1::URGENCY_ROUTINE);
    }
  }

 protected:
  void Call(SteadyTime due) override {
    for (v1::SendRequest& request : *batch_.mutable_requests()) maker_.Fill(due, request);
    if (batch_.requests_size() == 1) {
      room_.founder->rooms->async()->Send(
          &*context_, &batch_.requests(0), &answer_,
          [this](const grpc::Status& status) { Answered(status, status.ok() ? 1 : 0); });
    } else {
      room_.founder->rooms->async()->SendBatch(
          &*context_, &batch_, &answers_,
          [this](const grpc::Status& status) { Answered(status, Accepted()); });
    }
  }

 private:
  uint64_t Accepted() {
    uint64_t accepted = 0;
    for (const v1::SendResult& result : answers_.results()) {
      if (result.has_acceptance()) {
        ++accepted;
      } else {
        Refused(result.refusal());
      }
    }
    return accepted;
  }

  const BenchRoom& room_;
  MessageMaker maker_;
  v1::SendBatchRequest batch_;
  v1::SendResponse answer_;
  v1::SendBatchResponse answers_;
};

class HealthSlot : public Slot {
 public:
  HealthSlot(RunState& run, const BenchDevice& device) : Slot(run), stub_(device.channel) {}

 protected:
  void Call(SteadyTime /*due*/) override {
    request_.Clear();
    const grpc::Slice empty;
    request_ = grpc::ByteBuffer(&empty, 1);
    stub_.UnaryCall(&*context_, kHealthMethod, {}, &request_, &response_,
                    [this](const grpc::Status& status) { Answered(status, status.ok() ? 1 : 0); });
  }

 private:
  grpc::GenericStub stub_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

using Slots = std::vector<std::unique_ptr<Slot>>;

// Keeps every slot busy until the run ends.
class ClosedLoop {
 public:
  ClosedLoop(RunState& run, Slots& slots) : run_(run) {
    run_.busy = slots.size();
    for (auto& slot : slots) slot->SetAfter([this, next = slot.get()] { Next(*next); });
    for (auto& slot : slots) slot->Begin(steady_clock::now());
  }

 private:
  void Next(Slot& slot) {
    if (!run_.ending.load(std::memory_order_relaxed)) return slot.Begin(steady_clock::now());
    const std::lock_guard lock(run_.mutex);
    --run_.busy;
    run_.changed.notify_all();
  }

  RunState& run_;
};

// Begins a call whenever one is due. A call that finds no free slot waits, and its time runs.
class OpenLoop {
 public:
  OpenLoop(RunState& run, Slots& slots, double calls_per_s)
      : run_(run),
        interval_(
            std::chrono::duration_cast<steady_clock::duration>(duration<double>(1 / calls_per_s))) {
    for (auto& slot : slots) {
      slot->SetAfter([this, done = slot.get()] { Free(*done); });
      free_.push_back(slot.get());
    }
    thread_ = std::thread([this] { Dispatch(); });
  }
  ~OpenLoop() { thread_.join(); }

 private:
  void Dispatch() {
    SteadyTime due = steady_clock::now();
    while (!run_.ending) {
      std::this_thread::sleep_until(due);
      std::unique_lock lock(run_.mutex);
      run_.changed.wait(lock, [this] { return !free_.empty() || run_.ending; });
      if (run_.ending) return;
      Slot* slot = free_.front();
      free_.pop_front();
      ++run_.busy;
      lock.unlock();
      slot->Begin(due);
      due += interval_;
    }
  }
  void Free(Slot& slot) {
    const std::lock_guard lock(run_.mutex);
    free_.push_back(&slot);
    --run_.busy;
    run_.changed.notify_all();
  }

  RunState& run_;
  const steady_clock::duration interval_;
  std::deque<Slot*> free_;
  std::thread thread_;
};

struct Measured {
  double seconds = 0;
  ProcessUsage before;
  ProcessUsage after;
  // Of this process, and of the whole machine.
  double load_cpu_s = 0;
  double machine_cpu_s = 0;
};

// Lets the load run: warm-up, window, then everything that is under way.
Measured Drive(Fleet& fleet, const LoadOptions& options, RunState& run, Arrivals& arrivals,
               Slots& slots) {
  std::optional<ClosedLoop> closed;
  std::optional<OpenLoop> open;
  if (options.rate > 0) {
    open.emplace(run, slots, options.rate / static_cast<double>(options.batch));
  } else {
    closed.emplace(run, slots);
  }
  const auto enough = [&] {
    return options.accepted_max != 0 && run.accepted_in_all >= options.accepted_max;
  };
  const pid_t server = fleet.rcm().server().pid();
  std::unique_lock lock(run.mutex);
  run.changed.wait_for(lock, options.warm_up, enough);
  Measured measured;
  measured.before = UsageOf(server);
  measured.load_cpu_s = -UsageOf(getpid()).cpu_seconds;
  measured.machine_cpu_s = -MachineBusySeconds();
  const SteadyTime start = steady_clock::now();
  run.counting = true;
  arrivals.counting = true;
  run.changed.wait_for(lock, options.window, enough);
  run.counting = false;
  arrivals.counting = false;
  measured.seconds = Seconds(steady_clock::now() - start);
  measured.after = UsageOf(server);
  measured.load_cpu_s += UsageOf(getpid()).cpu_seconds;
  measured.machine_cpu_s += MachineBusySeconds();
  run.ending = true;
  run.changed.notify_all();
  run.changed.wait(lock, [&run] { return run.busy == 0; });
  lock.unlock();
  open.reset();
  return measured;
}

double Rounded(double value, double digits = 1000) { return std::round(value * digits) / digits; }

nlohmann::ordered_json Percentiles(const LatencyCounts& latency) {
  return {{"p50", Rounded(latency.PercentileMs(0.5))},
          {"p90", Rounded(latency.PercentileMs(0.9))},
          {"p99", Rounded(latency.PercentileMs(0.99))},
          {"max", Rounded(latency.MaxMs())}};
}

void Report(const LoadOptions& options, const RunState& run, const Measured& measured,
            LoadResult& result) {
  result.seconds = measured.seconds;
  result.accepted = run.accepted;
  result.refused = run.refused;
  result.first_fault = run.first_fault;
  const auto bytes = static_cast<double>(result.accepted * options.payload_bytes);
  const auto written =
      static_cast<double>(measured.after.written_bytes - measured.before.written_bytes);
  result.json["in_flight"] = options.in_flight;
  result.json["batch"] = options.batch;
  result.json["payload_bytes"] = options.payload_bytes;
  if (options.rate > 0) result.json["rate"] = options.rate;
  result.json["seconds"] = Rounded(result.seconds);
  result.json["accepted_per_s"] = std::round(result.accepted_per_s());
  result.json["send_ms"] = Percentiles(run.latency);
  const double server_cpu_s = measured.after.cpu_seconds - measured.before.cpu_seconds;
  result.json["server_cpu_s"] = Rounded(server_cpu_s);
  result.json["load_cpu_s"] = Rounded(measured.load_cpu_s);
  // What others took meanwhile, the kernel's own threads included: where it is large, the figures
  // are those of a shared machine.
  result.json["others_cpu_s"] =
      Rounded(std::max(0.0, measured.machine_cpu_s - measured.load_cpu_s - server_cpu_s));
  result.json["server_rss_mib"] = measured.after.resident_kib >> 10;
  result.json["written_per_payload_byte"] = bytes > 0 ? Rounded(written / bytes) : 0;
  if (result.refused > 0) {
    result.json["refused"] = result.refused;
    result.json["first_fault"] = result.first_fault;
  }
}

struct Roles {
  std::vector<BenchDevice*> following;
  std::vector<BenchDevice*> others;
};

Roles Share(Fleet& fleet, const LoadOptions& options) {
  Roles roles;
  const Follow follow = options.follow;
  for (const auto& device : fleet.senders()) {
    (follow == Follow::kEverybody ? roles.following : roles.others).push_back(device.get());
  }
  for (const auto& device : fleet.receivers()) {
    (follow == Follow::kNobody ? roles.others : roles.following).push_back(device.get());
  }
  std::erase(roles.following, options.leave_alone);
  std::erase(roles.others, options.leave_alone);
  return roles;
}

void ReportArrivals(const Arrivals& arrivals, double seconds, LoadResult& result) {
  const auto items = static_cast<double>(arrivals.items.load());
  const auto messages = static_cast<double>(arrivals.stream_messages.load());
  result.json["delivered_per_s"] = std::round(items / seconds);
  result.json["end_to_end_ms"] = Percentiles(arrivals.latency);
  result.json["items_per_stream_message"] = messages > 0 ? Rounded(items / messages) : 0;
}

}  // namespace

LoadResult Run(Fleet& fleet, const LoadOptions& options) {
  const Roles roles = Share(fleet, options);
  Arrivals arrivals;
  std::vector<std::unique_ptr<Follower>> followers;
  for (BenchDevice* device : roles.following) {
    followers.push_back(std::make_unique<Follower>(*device, arrivals));
    followers.back()->Start();
  }
  LoadResult result;
  for (const auto& follower : followers) {
    if (!follower->WaitReplayed(kReplayTimeout)) result.first_fault = "a stream does not replay";
  }
  RunState run;
  run.accepted_max = options.accepted_max;
  Slots slots;
  for (size_t i = 0; i < std::max<size_t>(1, options.in_flight / options.batch); ++i) {
    slots.push_back(
        std::make_unique<SendSlot>(run, fleet.rooms()[i % fleet.rooms().size()], options, i));
  }
  Measured measured;
  {
    const Sweeper sweeper(roles.others);
    measured = Drive(fleet, options, run, arrivals, slots);
  }
  Report(options, run, measured, result);
  if (!followers.empty()) ReportArrivals(arrivals, measured.seconds, result);
  for (const auto& follower : followers) {
    follower->Stop();
    if (!follower->faults().empty()) result.json["stream_fault"] = follower->faults();
  }
  return result;
}

LoadResult RunHealthChecks(Fleet& fleet, const LoadOptions& options) {
  RunState run;
  Arrivals arrivals;
  Slots slots;
  for (size_t i = 0; i < options.in_flight; ++i) {
    slots.push_back(
        std::make_unique<HealthSlot>(run, *fleet.senders()[i % fleet.senders().size()]));
  }
  LoadOptions unary = options;
  unary.batch = 1;
  unary.rate = 0;
  const Measured measured = Drive(fleet, unary, run, arrivals, slots);
  LoadResult result;
  Report(unary, run, measured, result);
  result.json.erase("payload_bytes");
  result.json.erase("written_per_payload_byte");
  return result;
}

}  // namespace enlace::bench
