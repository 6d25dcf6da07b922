// The agent's implementation: socket, connections, lock state. Internal to client/agent; agent.h
// promises.
//
// Thread safety: as agent.h. Ownership: owns engine, threads, socket and master key.
#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "client/agent/agent.h"
#include "client/agent/work_queue.h"
#include "client/vault/vault.h"

namespace enlace::client {

class AgentServer final : public Agent, public AgentHost {
 public:
  struct Ground {
    Profile profile;
    ProfileLock lock;
    std::unique_ptr<AgentEngine> engine;
    int listening_fd = -1;
    int stop_fd = -1;
    AgentOptions options;
  };
  AgentServer(Ground ground, crypto::Rng& rng);
  ~AgentServer() override;

  absl::Status Unlock(const SecretBytes& passphrase) override;
  absl::Status UnlockWithMasterKey(const SecretBytes& master_key) override;
  absl::Status Run() override;
  void Stop() override;

  void Post(std::function<void()> task) override;
  void PostAfter(int64_t delay_ms, std::function<void()> task) override;
  void NotifyChange() override;

 private:
  struct Connection {
    int fd = -1;
    std::thread thread;
    std::atomic<bool> done{false};
  };

  void Accept();
  void Admit(int fd);
  void Reap(bool all);
  void Serve(Connection& connection);
  std::string Answer(const AgentRequest& request);
  absl::StatusOr<nlohmann::json> Handle(const AgentRequest& request);
  // Runs `operation` on the engine thread and waits for it.
  absl::StatusOr<nlohmann::json> OnEngine(
      std::function<absl::StatusOr<nlohmann::json>()> operation);
  absl::StatusOr<nlohmann::json> Operate(const AgentRequest& request);
  absl::StatusOr<nlohmann::json> HandUnlock(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> MasterKeyJson();
  absl::StatusOr<nlohmann::json> StatusJson();
  absl::StatusOr<nlohmann::json> WaitChange(const nlohmann::json& args);
  void LockNow();
  void TouchIdle();
  WorkQueue::Time IdleDeadline() const;

  Ground ground_;
  crypto::Rng& rng_;
  std::map<std::string, AgentOperation, std::less<>> operations_;
  WorkQueue queue_;
  std::thread accepting_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_: the rest of this class.
  SecretBytes master_key_;
  WorkQueue::Time last_use_;
  uint64_t changes_ = 0;
  bool stopping_ = false;
  std::list<Connection> connections_;
};

}  // namespace enlace::client
