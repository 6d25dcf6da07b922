// One simulation from one seed: a server, its disk, the network and eight devices in one room, a
// time of faults and a time of rest, then the judgement.
//
// Thread safety: one thread. Ownership: owns everything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/sim_client.h"

namespace enlace::testing {

struct SimulationResult {
  // Empty when all promises held.
  std::vector<std::string> findings;
  std::vector<std::string> trace;
  uint64_t acknowledged = 0;
  uint64_t crashes = 0;
  uint64_t epochs = 0;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed);
  // Once.
  SimulationResult Run();

 private:
  bool Bootstrap();
  // Publishes what the world has logged since; by the enrolment listener without an administrator.
  bool Publish(const WorldDevice* admin);
  bool FoundRoom();
  absl::Status Commit();
  std::string RequestId();
  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Do(const WorldDevice& device, const Request& request);
  Bytes Tree(const RoomDevice& device) const;
  void SetFaulty(bool faulty);
  bool AtRest() const;
  void Judge();
  void JudgeClient(const SimClient& client, const SimClient& reference);
  void Find(std::string what) { result_.findings.push_back(std::move(what)); }

  SimRandom random_;
  World world_;
  EventLoop loop_;
  Trace trace_;
  SimNetwork network_;
  SimServer server_;
  std::string room_id_;
  size_t published_ = 0;
  std::vector<std::unique_ptr<RoomDevice>> devices_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  SimulationResult result_;
};

}  // namespace enlace::testing
