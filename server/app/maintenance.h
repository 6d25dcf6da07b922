// What happens every second: the core's timers, heartbeats and slow streams, the high-water mark,
// health, the wake hook.
//
// Promises that the mark on disk is at most about a second behind what was acknowledged, and that a
// failure of one of these is logged once when it begins and once when it ends, and tried again.
//
// Thread safety: Start and Stop from one thread. Ownership: borrows its sources; owns its thread
// and the mark's file.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/app/figures.h"
#include "server/app/wake_hook.h"
#include "server/services/blob_stream.h"
#include "server/services/subscription_hub.h"
#include "storage/engine.h"
#include "storage/high_water.h"

namespace enlace::server {

struct MaintenanceSources {
  const ServiceContext* services = nullptr;
  storage::Engine* engine = nullptr;
  SubscriptionHub* hub = nullptr;
  BlobStreams* blobs = nullptr;
  ServerFigures* figures = nullptr;
  // Called when the store's state changed.
  std::function<void(storage::EngineState)> state_changed;
};

class Maintenance {
 public:
  Maintenance(MaintenanceSources sources, storage::HighWaterFile mark, std::string wake_program);
  ~Maintenance();

  void Start();
  // Ends the thread. Afterwards, with the committer stopped, Finish writes the last mark.
  void Stop();
  void Finish(const std::optional<storage::ChainHead>& head);

 private:
  friend class TickOperation;

  // Logs the begin and the end of a trouble.
  class Trouble {
   public:
    explicit Trouble(std::string name) : name_(std::move(name)) {}
    void Note(const absl::Status& status);

   private:
    const std::string name_;
    bool lasts_ = false;
  };

  void Run();
  void EverySecond();
  void WriteMark(const std::optional<storage::ChainHead>& head);
  void LookAtHealth();
  // Says so when devices prove that the store lost a part of its log.
  void LookForLoss();
  void SubmitTick();
  // From the committer's thread, when a tick is durable or failed.
  void TickSettled(const absl::Status& outcome, bool more, std::vector<WakeCall> wake_calls);

  MaintenanceSources sources_;
  storage::HighWaterFile mark_;
  WakeHook wake_;
  Trouble mark_trouble_{"the high-water mark"};
  Trouble health_trouble_{"the store's health"};
  Trouble tick_trouble_{"the timers"};
  std::optional<storage::EngineState> last_state_;
  uint64_t behind_told_ = 0;

  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  bool tick_waits_ = false;
  std::optional<storage::ChainHead> durable_head_;
  std::vector<WakeCall> wake_calls_;
  std::thread thread_;
};

}  // namespace enlace::server
