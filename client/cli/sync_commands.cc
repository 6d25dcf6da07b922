// sync, unlock, lock, and the agent itself.

#include <thread>

#include "client/agent/agent.h"
#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "client/delivery/engine.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kAgentTimeoutMs = 60'000;
constexpr int kPollMs = 50;
// A server that does not answer within this time is reported as out of reach.
constexpr int64_t kConnectMs = 10'000;

bool IsIdle(const nlohmann::json& state) {
  return state.value("online", false) && state.value("replayed", false) &&
         state.value("caught_up", false) && state.value("queued", 0) == 0 &&
         state.value("housekeeping", 0) == 0 && state.value("uploads", 0) == 0;
}

absl::Status TroubleOf(const nlohmann::json& state) {
  if (state.value("online", false)) return MakeError(Reason::kNotSentYet);
  const nlohmann::json trouble = state.value("trouble", nlohmann::json::object());
  const std::optional<Reason> reason = ReasonByName(trouble.value("reason", std::string()));
  return MakeError(reason.value_or(Reason::kServerUnreachable),
                   trouble.value("metadata", ErrorMetadata()));
}

}  // namespace

int RunSync(App& app, int timeout_s) {
  const int64_t begun = app.now_ms();
  absl::StatusOr<nlohmann::json> state =
      app.Call("sync", nlohmann::json::object(), kAgentTimeoutMs);
  // A line that broke in the middle gets as long to come back as one that was not there; so does
  // one that broke while the agent was at work and did not answer.
  int64_t last_online_ms = app.now_ms();
  const auto time_left = [&] {
    const int64_t now = app.now_ms();
    if (state->value("online", false)) last_online_ms = now;
    return now - begun < timeout_s * 1000LL && now - last_online_ms < kConnectMs;
  };
  while (state.ok() && !IsIdle(*state) && time_left()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
    state = app.Call("sync-state", nlohmann::json::object(), kAgentTimeoutMs);
  }
  if (!state.ok()) return app.Fail(state.status());
  if (!IsIdle(*state)) return app.Fail(TroubleOf(*state));
  const Console& console = app.console();
  console.Line(console.T(ENLACE_TEXT("{tick} up to date; nothing is queued"),
                         {{"tick", console.glyphs().tick}}));
  console.Json("sync", *state);
  return 0;
}

int RunUnlock(App& app) {
  const absl::StatusOr<AgentClient> agent = app.Agent();
  if (!agent.ok()) return app.Fail(agent.status());
  const Console& console = app.console();
  console.Line(console.T(
      ENLACE_TEXT("The vault is open. It closes after 15 minutes without use, or: enlace lock")));
  console.Json("unlock", {{"unlocked", true}});
  return 0;
}

int RunLock(App& app) {
  absl::StatusOr<std::optional<AgentClient>> agent = AgentClient::Connect(app.profile());
  if (!agent.ok()) return app.Fail(agent.status());
  if (agent->has_value()) {
    const absl::Status stopped = (*agent)->Stop(app.profile());
    if (!stopped.ok()) return app.Fail(stopped);
  }
  const Console& console = app.console();
  console.Line(console.T(ENLACE_TEXT("The vault is closed.")));
  console.Json("lock", {{"unlocked", false}});
  return 0;
}

int RunAgent(App& app) {
  const absl::Status served = RunAgentProcess(app.profile(), MakeDeliveryEngine(), AgentProcess{});
  return ExitNumberOf(served);
}

}  // namespace enlace::client
