// How a command reaches the profile's agent, and starts one when there is none.
//
// Thread safety: one thread. Ownership: owns its connection.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/agent/agent_protocol.h"
#include "client/profile/profile.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

class AgentClient {
 public:
  // Connects to the running agent; nothing when none runs. PERMISSION_DENIED when the socket is
  // somebody else's.
  static absl::StatusOr<std::optional<AgentClient>> Connect(const Profile& profile);

  // Starts `program agent --profile NAME` detached from the terminal and waits until it is
  // unlocked. The passphrase goes through a pipe, never through argv or the environment.
  // PASSPHRASE_WRONG, NOT_ENROLLED, VAULT_BUSY and what else the new agent answers.
  struct Start {
    std::string program;  // Path of the executable; empty means this one (/proc/self/exe).
    const SecretBytes* passphrase = nullptr;
    const SecretBytes* master_key = nullptr;  // Instead of the passphrase.
  };
  static absl::StatusOr<AgentClient> StartAgent(const Profile& profile, const Start& start);

  // One operation and its answer. The error that the agent gave, with its reason; UNAVAILABLE when
  // it went away, DEADLINE_EXCEEDED when it did not answer in time.
  absl::StatusOr<nlohmann::json> Call(std::string_view op, const nlohmann::json& args,
                                      int timeout_ms);

  // True when the agent holds the master key.
  absl::StatusOr<bool> Unlocked();
  // VAULT_LOCKED when it is locked.
  absl::StatusOr<SecretBytes> MasterKey();
  absl::Status Unlock(const SecretBytes& passphrase);
  absl::Status Lock();
  // Ends the agent and waits until it released the profile's lock.
  absl::Status Stop(const Profile& profile);
  // Waits for a change after `seen`; the newer counter, or `seen` after `timeout_ms`.
  absl::StatusOr<uint64_t> WaitChange(uint64_t seen, int timeout_ms);

  AgentClient(AgentClient&& other) noexcept;
  AgentClient& operator=(AgentClient&& other) noexcept;
  ~AgentClient();

 private:
  explicit AgentClient(int fd) : fd_(fd) {}

  int fd_ = -1;
};

}  // namespace enlace::client
