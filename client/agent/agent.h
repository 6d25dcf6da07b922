// The agent: the one process of a profile that owns network and MLS state and holds the unlocked
// master key.
//
// The socket thread accepts; each connection (at most kAgentConnectionsMax) has a thread that reads
// requests, answers what needs no engine (ping, status, master-key, wait-change) and hands the rest
// over. The engine thread, which is Run's, does everything else one at a time: registered
// operations, posted tasks, timers, unlock and lock. Vault, registry replica and rooms live on the
// engine thread only, so they need no locks.
//
// Promises: only processes of the same user are answered; after kAgentIdleLockMs without a request
// (ping, status and wait-change don't count) it locks: the engine is closed, the master key wiped;
// SIGTERM, SIGINT and "stop" end it in order, the running operation first; the socket is removed.
//
// Invariants: 1. It holds the profile's lock while it runs. 2. engine->Close() follows every
// successful engine->Open(), on the same thread. 3. No operation of the engine runs while locked.
// Thread safety: Post, PostAfter and NotifyChange from any thread, the rest before Run.
// Ownership: owns what is given to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/agent/agent_protocol.h"
#include "client/profile/profile.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

// One operation: the arguments of the request to the result of the answer. Runs on the engine
// thread; may block on the network, since every other request only waits behind it.
using AgentOperation = std::function<absl::StatusOr<nlohmann::json>(const nlohmann::json& args)>;

// What an engine may ask of the agent that runs it. Any thread; valid from Open to the end of
// Close.
class AgentHost {
 public:
  virtual ~AgentHost() = default;
  // Runs `task` on the engine thread, after what waits. Dropped when the agent locks first.
  virtual void Post(std::function<void()> task) = 0;
  // The same, not before `delay_ms` from now.
  virtual void PostAfter(int64_t delay_ms, std::function<void()> task) = 0;
  // Wakes every "wait-change": something that reading commands show is different.
  virtual void NotifyChange() = 0;
};

// The part that knows what to do with an unlocked vault: rooms, outbox, inbox.
class AgentEngine {
 public:
  virtual ~AgentEngine() = default;
  // The vault is open to us now: load state, connect, post what has to be done. An error refuses
  // the unlock and is what the caller sees.
  virtual absl::Status Open(const Profile& profile, const SecretBytes& master_key,
                            AgentHost& host) = 0;
  // Forget every secret, end streams and threads. Nothing runs afterwards.
  virtual void Close() = 0;
  // Operations by name; asked once, before the first Open.
  virtual std::map<std::string, AgentOperation, std::less<>> Operations() = 0;
};

struct AgentOptions {
  int idle_lock_ms = kAgentIdleLockMs;
};

class Agent {
 public:
  // Takes the profile's lock and listens. VAULT_BUSY when another process owns the profile,
  // NOT_ENROLLED without a vault. `rng` must outlive the agent.
  static absl::StatusOr<std::unique_ptr<Agent>> Create(const Profile& profile,
                                                       std::unique_ptr<AgentEngine> engine,
                                                       crypto::Rng& rng,
                                                       const AgentOptions& options = {});
  virtual ~Agent() = default;

  // Opens the vault's engine with a passphrase or with its master key. PASSPHRASE_WRONG and the
  // engine's errors; OK when it is open already. Before Run.
  virtual absl::Status Unlock(const SecretBytes& passphrase) = 0;
  virtual absl::Status UnlockWithMasterKey(const SecretBytes& master_key) = 0;

  // Serves until Stop, "stop", SIGTERM or SIGINT.
  virtual absl::Status Run() = 0;
  // Ends Run in order. Any thread, and signal handlers.
  virtual void Stop() = 0;
};

// The body of the subcommand `agent`: reads one line from `secret_fd` ("passphrase " or
// "master-key " and its hexadecimal), unlocks, writes one answer of agent_protocol.h to `ready_fd`,
// then serves. The exit code of the process.
struct AgentProcess {
  int secret_fd = 0;
  int ready_fd = 1;
};
absl::Status RunAgentProcess(const Profile& profile, std::unique_ptr<AgentEngine> engine,
                             const AgentProcess& process);

}  // namespace enlace::client
