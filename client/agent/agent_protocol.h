// What commands and the agent say to each other over the profile's Unix socket.
//
// A message is a 4-byte big-endian length and that many bytes of UTF-8 JSON, one answer to each
// request, in order. Request {"op": name, "args": {...}}; answer {"ok": true, "result": {...}} or
// {"ok": false, "error": {"code", "reason", "message", "metadata", "retry_after_ms"}}. Binary
// values are lower-case hexadecimal. The socket is 0600 in a 0700 folder and each end checks the
// other's uid (SO_PEERCRED): whoever is the same user is trusted with the vault, nobody else
// reaches it.
//
// Operations of the agent itself: "ping", "status", "unlock", "lock", "master-key", "wait-change",
// "stop". Others are registered by the engine (agent.h).
//
// Thread safety: free functions on a file descriptor of the caller's.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

inline constexpr size_t kAgentMessageBytesMax = 1 << 20;
inline constexpr int kAgentIdleLockMs = 15 * 60 * 1000;
inline constexpr int kAgentStartTimeoutMs = 20'000;
inline constexpr int kAgentConnectionsMax = 64;
inline constexpr int kAgentQueueMax = 256;

inline constexpr std::string_view kOpPing = "ping";
inline constexpr std::string_view kOpStatus = "status";
inline constexpr std::string_view kOpUnlock = "unlock";
inline constexpr std::string_view kOpLock = "lock";
inline constexpr std::string_view kOpMasterKey = "master-key";
inline constexpr std::string_view kOpWaitChange = "wait-change";
inline constexpr std::string_view kOpStop = "stop";

struct AgentRequest {
  std::string op;
  nlohmann::json args = nlohmann::json::object();
};

std::string EncodeAgentRequest(const AgentRequest& request);
// INVALID_ARGUMENT for anything but a request.
absl::StatusOr<AgentRequest> DecodeAgentRequest(std::string_view text);

// An answer: a result, or an error with its reason, metadata and retry delay.
std::string EncodeAgentAnswer(const absl::StatusOr<nlohmann::json>& answer);
// The same back; INTERNAL for anything but an answer.
absl::StatusOr<nlohmann::json> DecodeAgentAnswer(std::string_view text);

// Blocking read and write of one message; `timeout_ms` < 0 waits for ever. UNAVAILABLE when the
// peer closed, DEADLINE_EXCEEDED, INVALID_ARGUMENT for a message over the limit.
absl::StatusOr<std::string> ReadAgentMessage(int fd, int timeout_ms);
absl::Status WriteAgentMessage(int fd, std::string_view message, int timeout_ms);

// One line from a starting agent (agent_process.cc), without its end.
absl::StatusOr<std::string> ReadAgentLine(int fd, int timeout_ms);

// OK when the other end of the connected socket belongs to this user; PERMISSION_DENIED otherwise.
absl::Status CheckPeerUid(int fd);

// Overwrites a string that carried a secret.
void WipeText(std::string& text);

}  // namespace enlace::client
