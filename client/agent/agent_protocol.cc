#include "client/agent/agent_protocol.h"

#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

constexpr size_t kLengthBytes = 4;

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Waits until `fd` is ready for `events` or the time is over.
absl::Status WaitReady(int fd, short events, int64_t until_ms) {
  while (true) {
    const int64_t left = until_ms < 0 ? -1 : until_ms - SteadyMs();
    if (until_ms >= 0 && left <= 0)
      return MakeStatus(absl::StatusCode::kDeadlineExceeded, "no answer in time");
    pollfd one{fd, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(left));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR)
      return MakeStatus(absl::StatusCode::kUnavailable, "the connection is broken");
  }
}

absl::Status Closed() {
  return MakeStatus(absl::StatusCode::kUnavailable, "the other end closed the connection");
}

absl::Status ReadExactly(int fd, std::span<char> out, int64_t until_ms) {
  while (!out.empty()) {
    ENLACE_RETURN_IF_ERROR(WaitReady(fd, POLLIN, until_ms));
    const ssize_t got = recv(fd, out.data(), out.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return Closed();
    out = out.subspan(static_cast<size_t>(got));
  }
  return absl::OkStatus();
}

json ErrorJson(const absl::Status& status) {
  const ErrorInfo info = InfoOf(status);
  json error{{"code", static_cast<int>(status.code())},
             {"reason", info.name},
             {"message", std::string(MessageOf(status))},
             {"metadata", info.metadata}};
  if (info.retry_after_ms) error["retry_after_ms"] = *info.retry_after_ms;
  return error;
}

absl::Status ErrorFromJson(const json& error) {
  const int code = error.at("code");
  absl::Status status =
      MakeStatus(static_cast<absl::StatusCode>(code), error.at("message").get<std::string>());
  if (status.ok()) return MakeError(Reason::kInternal);
  ErrorInfo info;
  info.name = error.at("reason");
  info.metadata = error.at("metadata").get<ErrorMetadata>();
  if (error.contains("retry_after_ms"))
    info.retry_after_ms = error.at("retry_after_ms").get<int64_t>();
  if (!info.name.empty()) AttachInfo(info, status);
  return status;
}

}  // namespace

std::string EncodeAgentRequest(const AgentRequest& request) {
  return json{{"op", request.op}, {"args", request.args}}.dump(-1, ' ', false,
                                                               json::error_handler_t::replace);
}

absl::StatusOr<AgentRequest> DecodeAgentRequest(std::string_view text) {
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool whole = parsed.is_object() && parsed.contains("op") && parsed["op"].is_string() &&
                     parsed.contains("args") && parsed["args"].is_object();
  if (!whole) return MakeError(Reason::kMalformedRequest, {{"what", "not a request"}});
  return AgentRequest{parsed["op"].get<std::string>(), parsed["args"]};
}

std::string EncodeAgentAnswer(const absl::StatusOr<json>& answer) {
  const json encoded = answer.ok() ? json{{"ok", true}, {"result", *answer}}
                                   : json{{"ok", false}, {"error", ErrorJson(answer.status())}};
  return encoded.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<json> DecodeAgentAnswer(std::string_view text) {
  // A wrong kind of value inside throws; it is the agent's mistake either way.
  try {
    const json parsed = json::parse(text);
    if (parsed.at("ok").get<bool>()) return parsed.at("result");
    return ErrorFromJson(parsed.at("error"));
  } catch (const json::exception&) {
    return MakeError(Reason::kInternal);
  }
}

absl::StatusOr<std::string> ReadAgentMessage(int fd, int timeout_ms) {
  const int64_t until_ms = timeout_ms < 0 ? -1 : SteadyMs() + timeout_ms;
  char prefix[kLengthBytes];
  ENLACE_RETURN_IF_ERROR(ReadExactly(fd, prefix, until_ms));
  size_t length = 0;
  for (const char byte : prefix) length = length << 8 | static_cast<uint8_t>(byte);
  if (length > kAgentMessageBytesMax) return InvalidArgument("a message over the limit");
  std::string message(length, '\0');
  ENLACE_RETURN_IF_ERROR(ReadExactly(fd, message, until_ms));
  return message;
}

absl::Status WriteAgentMessage(int fd, std::string_view message, int timeout_ms) {
  if (message.size() > kAgentMessageBytesMax) return InvalidArgument("a message over the limit");
  const int64_t until_ms = timeout_ms < 0 ? -1 : SteadyMs() + timeout_ms;
  std::string framed;
  for (int shift = 24; shift >= 0; shift -= 8)
    framed.push_back(static_cast<char>(message.size() >> shift));
  framed.append(message);
  std::string_view rest = framed;
  absl::Status status;
  while (status.ok() && !rest.empty()) {
    status = WaitReady(fd, POLLOUT, until_ms);
    if (!status.ok()) break;
    const ssize_t sent = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) rest.remove_prefix(static_cast<size_t>(sent));
    if (sent < 0 && errno != EINTR && errno != EAGAIN) status = Closed();
  }
  // A message may carry the master key.
  WipeText(framed);
  return status;
}

absl::Status CheckPeerUid(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
    return PermissionDenied("the other end of the socket belongs to another user");
  }
  return absl::OkStatus();
}

void WipeText(std::string& text) {
  if (!text.empty()) sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace enlace::client
