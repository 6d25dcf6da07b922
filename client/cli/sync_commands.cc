// sync, unlock, lock, watch, and the agent itself.

#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <thread>

#include "client/agent/agent.h"
#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "client/delivery/engine.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

extern char** environ;

namespace enlace::client {
namespace {

constexpr int kAgentTimeoutMs = 60'000;
constexpr int kPollMs = 50;
// A server that does not answer within this time is reported as out of reach.
constexpr int64_t kConnectMs = 10'000;
constexpr int kWatchWaitMs = 5'000;

volatile std::sig_atomic_t interrupted = 0;

void NoteInterrupt(int) { interrupted = 1; }

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

// Runs the hook with case reference and kind of news only: no name, no subject, no text.
absl::Status RunHook(const std::string& hook, const InboxRow& row) {
  std::string arguments[] = {hook, row.case_ref, std::to_string(row.priority),
                             row.late ? "late" : "waiting"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                  arguments[3].data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, hook.c_str(), nullptr, nullptr, argv, environ);
  if (error != 0)
    return MakeError(Reason::kFileUnreadable, {{"path", hook}, {"what", std::strerror(error)}});
  int status = 0;
  if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return absl::OkStatus();
  return MakeError(Reason::kFileUnreadable, {{"path", hook}, {"what", "it failed"}});
}

}  // namespace

int RunSync(App& app, int timeout_s) {
  const int64_t begun = app.now_ms();
  absl::StatusOr<nlohmann::json> state =
      app.Call("sync", nlohmann::json::object(), kAgentTimeoutMs);
  const auto time_left = [&] {
    const bool online = state->value("online", false);
    const int64_t limit_ms =
        online ? timeout_s * 1000LL : std::min<int64_t>(timeout_s * 1000LL, kConnectMs);
    return app.now_ms() - begun < limit_ms;
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

int RunWatch(App& app, const WatchOptions& options) {
  std::signal(SIGINT, NoteInterrupt);
  std::signal(SIGTERM, NoteInterrupt);
  const int64_t until = options.for_s == 0 ? INT64_MAX : app.now_ms() + options.for_s * 1000LL;
  absl::StatusOr<AgentClient> agent = app.Agent();
  if (!agent.ok()) return app.Fail(agent.status());
  std::map<std::string, std::pair<std::string, bool>> seen;
  uint64_t change = 0;
  while (interrupted == 0 && app.now_ms() < until) {
    absl::StatusOr<OpenVault> open = app.Open();
    if (!open.ok()) return app.Fail(open.status());
    const absl::StatusOr<InboxView> view = open->reader->Inbox(app.now_ms());
    if (!view.ok()) return app.Fail(view.status());
    for (const InboxRow& row : view->rows) {
      const std::pair<std::string, bool> news{row.alert_id, row.late};
      if (seen[row.case_ref] == news) continue;
      seen[row.case_ref] = news;
      app.console().Line(RenderWatchLine(row, app.MakeScreen()));
      app.console().Json("watch", JsonOf(row));
      const absl::Status hooked =
          options.hook.empty() ? absl::OkStatus() : RunHook(options.hook, row);
      if (!hooked.ok()) app.console().Error(hooked);
    }
    const int64_t left = std::min<int64_t>(kWatchWaitMs, until - app.now_ms());
    const absl::StatusOr<uint64_t> newer =
        agent->WaitChange(change, static_cast<int>(std::max<int64_t>(left, 1)));
    if (!newer.ok() && interrupted == 0) return app.Fail(newer.status());
    if (newer.ok()) change = *newer;
  }
  return interrupted != 0 ? static_cast<int>(ExitCode::kInterrupted) : 0;
}

int RunAgent(App& app) {
  const absl::Status served = RunAgentProcess(app.profile(), MakeDeliveryEngine(), AgentProcess{});
  return ExitNumberOf(served);
}

}  // namespace enlace::client
