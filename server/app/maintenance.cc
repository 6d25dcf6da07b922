#include "server/app/maintenance.h"

#include <chrono>

#include "server/app/log.h"

namespace enlace::server {
namespace {

constexpr std::chrono::seconds kInterval{1};

std::string_view StateWord(storage::EngineState state) {
  switch (state) {
    case storage::EngineState::kServing:
      return "serving";
    case storage::EngineState::kDiskFull:
      return "disk full";
    case storage::EngineState::kReadOnly:
      return "read-only";
  }
  return "unknown";
}

}  // namespace

// The core's timers and left-over fan-outs, as an operation among the others.
class TickOperation : public Operation {
 public:
  TickOperation(const ServiceContext& services, Maintenance& maintenance)
      : services_(services), maintenance_(maintenance) {}

  absl::Status Decide() override {
    const int64_t now_ms = services_.now_ms();
    ENLACE_ASSIGN_OR_RETURN(const bool more_due, services_.core->Tick(now_ms));
    // Fan-outs that a crash or a full disk interrupted go on from here.
    ENLACE_ASSIGN_OR_RETURN(const bool more_slices, services_.core->ContinueFanOut(now_ms));
    ENLACE_ASSIGN_OR_RETURN(wake_calls_, services_.core->TakeWakeCalls(now_ms));
    more_ = more_due || more_slices;
    return absl::OkStatus();
  }
  void Settle(const absl::Status& outcome) override {
    maintenance_.TickSettled(outcome, more_, std::move(wake_calls_));
  }
  bool internal() const override { return true; }
  bool reclaims() const override { return true; }

 private:
  const ServiceContext& services_;
  Maintenance& maintenance_;
  bool more_ = false;
  std::vector<WakeCall> wake_calls_;
};

void Maintenance::Trouble::Note(const absl::Status& status) {
  if (!status.ok() && !lasts_) {
    LogError(name_ + ": " + std::string(status.message()));
  } else if (status.ok() && lasts_) {
    LogInfo(name_ + ": well again");
  }
  lasts_ = !status.ok();
}

Maintenance::Maintenance(MaintenanceSources sources, storage::HighWaterFile mark,
                         std::string wake_program)
    : sources_(std::move(sources)), mark_(std::move(mark)), wake_(std::move(wake_program)) {}

Maintenance::~Maintenance() { Stop(); }

void Maintenance::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Maintenance::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Maintenance::Finish(const std::optional<storage::ChainHead>& head) { WriteMark(head); }

void Maintenance::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    EverySecond();
    lock.lock();
    stop_asked_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

void Maintenance::EverySecond() {
  std::optional<storage::ChainHead> head;
  std::vector<WakeCall> wake_calls;
  {
    const std::lock_guard lock(mutex_);
    head = durable_head_;
    wake_calls = std::exchange(wake_calls_, {});
  }
  WriteMark(head);
  SubmitTick();
  sources_.hub->EverySecond();
  sources_.blobs->EverySecond();
  wake_.Queue(std::move(wake_calls));
  wake_.Work();
  LookAtHealth();
  LookForLoss();
}

void Maintenance::LookForLoss() {
  const uint64_t refused = sources_.services->counters->refused_as_behind.load();
  if (refused == behind_told_) return;
  if (behind_told_ == 0) {
    LogError(
        "a device has seen more of the log than this store holds: a part of it is lost. Bring back "
        "the newest data folder, or stop the server and start it once with --declare-loss");
  }
  behind_told_ = refused;
}

void Maintenance::WriteMark(const std::optional<storage::ChainHead>& head) {
  if (!head || mark_.mark() == head) return;
  mark_trouble_.Note(mark_.Write(*head));
}

void Maintenance::LookAtHealth() {
  HealthView view;
  absl::StatusOr<storage::EngineHealth> engine = sources_.engine->Health();
  absl::StatusOr<StoreFigures> store = sources_.services->reader().Figures();
  health_trouble_.Note(engine.ok() ? store.status() : engine.status());
  if (!engine.ok()) return;
  view.engine = *std::move(engine);
  if (store.ok()) view.store = *store;
  view.marked_head = mark_.mark();
  view.at_ms = sources_.services->now_ms();
  {
    const std::lock_guard lock(mutex_);
    view.durable_head = durable_head_;
  }
  const storage::EngineState state = view.engine.state;
  if (last_state_ != state) {
    LogInfo("the store is " + std::string(StateWord(state)) +
            (view.engine.detail.empty() ? "" : ": " + view.engine.detail));
    sources_.state_changed(state);
    last_state_ = state;
  }
  sources_.figures->SetHealth(std::move(view));
}

void Maintenance::SubmitTick() {
  {
    const std::lock_guard lock(mutex_);
    // A committer that is behind does not get a second one.
    if (std::exchange(tick_waits_, true)) return;
  }
  sources_.services->committer->Submit(std::make_unique<TickOperation>(*sources_.services, *this));
}

void Maintenance::TickSettled(const absl::Status& outcome, bool more,
                              std::vector<WakeCall> wake_calls) {
  tick_trouble_.Note(outcome);
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    tick_waits_ = false;
    if (outcome.ok()) {
      durable_head_ = sources_.services->core->durable_head();
      for (WakeCall& call : wake_calls) wake_calls_.push_back(std::move(call));
      again = more && !stopping_;
    }
  }
  if (again) SubmitTick();
}

}  // namespace enlace::server
