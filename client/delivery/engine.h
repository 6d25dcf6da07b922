// The delivery engine: what the agent runs while the vault is open.
//
// One thread (the agent's) does all the work: it applies what the inbox brings, offers what waits
// in the outbox, tends the rooms, moves attachments; the session's reader thread only hands
// responses over and waits when too many are not applied yet. Promises that losing the connection,
// the server or the process at any point loses nothing that was acknowledged to an officer; that it
// connects again by itself, with a growing delay; and that it stops sending, saying why, when the
// registry does not verify or the server is behind what this device has seen.
//
// Operations for commands (agent_protocol.h): "send", "act", "draft-save", "draft-drop",
// "mark-read", "sync", "sync-state", "outbox-item", "attachment", "receipts".
//
// Thread safety: as AgentEngine. Ownership: owns vault, replica, session and everything on them
// while open.
#pragma once

#include <memory>

#include "client/agent/agent.h"
#include "client/delivery/services.h"
#include "crypto/primitives/rng.h"

namespace enlace::client {

// Makes the session to the server; tests put another one here.
using SessionFactory = std::function<absl::StatusOr<std::unique_ptr<SessionInterface>>(
    const ServerEndpoint& endpoint, const ClientIdentity& identity)>;

struct EngineSeams {
  std::unique_ptr<crypto::Rng> rng;
  Clock now_ms;
  SessionFactory connect;
};

// With the system's randomness and clock and gRPC sessions.
std::unique_ptr<AgentEngine> MakeDeliveryEngine();
std::unique_ptr<AgentEngine> MakeDeliveryEngine(EngineSeams seams);

}  // namespace enlace::client
