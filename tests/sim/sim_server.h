// The server of a simulation: the core on a disk in memory, a committer that groups, streams that
// follow inboxes, and a process that dies.
//
// It does what the shell's committer does, in its order: decide a group, write it synced, answer,
// tell the streams. While faults are on it dies at each of these points, its disk fails to sync or
// is full, and it comes back by itself.
//
// Thread safety: one thread. Ownership: borrows everything but engine and core.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "server/core/core.h"
#include "storage/memory/memory_engine.h"
#include "tests/sim/event_loop.h"
#include "tests/sim/sim_network.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {

// The reason's name of an error, or its code.
std::string OutcomeName(const absl::Status& status);

class SimServer {
 public:
  struct Parts {
    EventLoop& loop;
    SimRandom& random;
    SimNetwork& network;
    Trace& trace;
    World& world;
  };
  // The client's end of a stream, called as messages arrive.
  struct StreamEnd {
    std::function<void(const v1::SubscribeResponse&)> on_message;
    std::function<void(const absl::Status&)> on_end;
  };

  SimServer(const Parts& parts, server::CoreOptions options);

  // Opens the store. False when the core refuses it: `trouble` says why.
  bool Start();
  void SetFaulty(bool faulty);
  // Dies and comes back after a while; called by faults and by the simulation.
  void Crash();

  bool up() const { return core_ != nullptr; }
  server::Core& core() { return *core_; }
  const server::Core& core() const { return *core_; }
  storage::Engine& engine() { return *engine_; }
  const std::string& trouble() const { return trouble_; }
  uint64_t crashes() const { return crashes_; }

  // A unary call that arrived; `reply` is called once, unless the server dies first.
  template <typename Answer, typename Request>
  void Call(const WorldDevice& device, const Request& request,
            std::function<void(absl::StatusOr<Answer>)> reply) {
    auto answer = std::make_shared<Answer>();
    Enqueue({[this, &device, request, answer] {
               absl::StatusOr<server::Caller> caller =
                   core_->callers().Resolve(device.tls.fingerprint(), parts_.loop.now_ms());
               if (!caller.ok()) return caller.status();
               return core_->Apply(server::Call{*caller, parts_.loop.now_ms()}, request, *answer);
             },
             [answer, reply](const absl::Status& outcome) {
               reply(outcome.ok() ? absl::StatusOr<Answer>(std::move(*answer)) : outcome);
             }});
  }
  void Subscribe(const WorldDevice& device, const v1::SubscribeRequest& request, StreamEnd end);
  // The client took the last message: the next may be written.
  void MessageTaken(const std::string& device_uri, uint64_t stream);
  uint64_t StreamOf(const std::string& device_uri) const;
  // The client's side of the connection is gone.
  void Disconnect(const std::string& device_uri);

 private:
  struct Operation {
    std::function<absl::Status()> decide;
    std::function<void(const absl::Status&)> settle;
  };
  struct Stream {
    uint64_t number = 0;
    uint64_t sent = 0;
    bool writing = false;
    bool told_standing = false;
    int64_t last_arrival_ms = 0;
    StreamEnd end;
  };

  absl::Status Open();
  void PlanStart();
  void Enqueue(Operation operation);
  void CommitGroup();
  bool DiesHere(const char* point);
  absl::Status Write();
  void Tick();
  void PumpStreams();
  void Pump(const std::string& device_uri, Stream& stream);
  void EndStream(const std::string& device_uri, const absl::Status& status);
  void PlanFault();
  void DiskFault();

  const Parts parts_;
  server::CoreOptions options_;
  std::shared_ptr<storage::MemoryDisk> disk_ = storage::NewMemoryDisk();
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<server::Core> core_;
  std::deque<Operation> queue_;
  std::map<std::string, Stream> streams_;
  uint64_t streams_made_ = 0;
  // Counts processes: what an old one planned does not run in the next.
  uint64_t process_ = 0;
  uint64_t crashes_ = 0;
  bool commit_planned_ = false;
  bool faulty_ = false;
  std::string trouble_;
};

}  // namespace enlace::testing
