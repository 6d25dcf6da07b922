// watch: follows the inbox and the deadlines, and calls a program for each piece of news.

#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <map>
#include <set>

#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

extern char** environ;

namespace enlace::client {
namespace {

constexpr int kWatchWaitMs = 5'000;
constexpr int kReminderPercent = 50;
constexpr int kLatePercent = 100;

volatile std::sig_atomic_t interrupted = 0;

void NoteInterrupt(int) { interrupted = 1; }

// What the hook is told; fixed words, the same in both languages.
std::string WordOf(int percent) {
  if (percent >= 2 * kLatePercent) return "escalated";
  if (percent >= kLatePercent) return "late";
  return percent >= kReminderPercent ? "reminder" : "waiting";
}

// Runs the hook with a case reference or an office, a priority and the kind of news: no name, no
// subject, no text.
absl::Status RunHook(const std::string& hook, const std::string& about, int priority,
                     const std::string& word) {
  std::string arguments[] = {hook, about, std::to_string(priority), word};
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

class Watcher {
 public:
  Watcher(App& app, const WatchOptions& options) : app_(app), options_(options) {}

  // Tells what is new since the last call. The deadlines that passed before the watch began are
  // history.
  absl::Status Look() {
    ENLACE_ASSIGN_OR_RETURN(const OpenVault open, app_.Open());
    ENLACE_ASSIGN_OR_RETURN(const InboxView view, open.reader->Inbox(app_.now_ms()));
    for (const InboxRow& row : view.rows) TellRow(row);
    ENLACE_ASSIGN_OR_RETURN(const std::vector<DeadlineNews> deadlines, open.reader->Deadlines());
    for (const DeadlineNews& news : deadlines) TellDeadline(news);
    first_ = false;
    return absl::OkStatus();
  }

 private:
  void TellRow(const InboxRow& row) {
    const std::pair<std::string, int> news{row.alert_id, row.escalation_percent};
    const auto [seen, fresh] = rows_.try_emplace(row.case_ref, news);
    if (!fresh && seen->second == news) return;
    seen->second = news;
    app_.console().Line(RenderWatchLine(row, app_.MakeScreen()));
    app_.console().Json("watch", JsonOf(row));
    Hook(row.case_ref, row.priority, WordOf(row.escalation_percent));
  }

  // Of other offices: this one's own rows tell themselves.
  void TellDeadline(const DeadlineNews& news) {
    const bool fresh =
        deadlines_.insert({news.case_ref, news.office_id, news.percent, news.noticed_at_ms}).second;
    const bool own = rows_.contains(news.case_ref);
    if (!fresh || first_ || own || news.percent < kLatePercent) return;
    app_.console().Line(RenderDeadlineLine(news, app_.MakeScreen()));
    app_.console().Json("watch", JsonOf(news));
    Hook(news.case_ref.empty() ? news.office_id : news.case_ref, news.urgency,
         WordOf(news.percent));
  }

  void Hook(const std::string& about, int priority, const std::string& word) {
    if (options_.hook.empty()) return;
    const absl::Status hooked = RunHook(options_.hook, about, priority, word);
    if (!hooked.ok()) app_.console().Error(hooked);
  }

  App& app_;
  const WatchOptions& options_;
  std::map<std::string, std::pair<std::string, int>> rows_;
  std::set<std::tuple<std::string, std::string, int, int64_t>> deadlines_;
  bool first_ = true;
};

}  // namespace

int RunWatch(App& app, const WatchOptions& options) {
  std::signal(SIGINT, NoteInterrupt);
  std::signal(SIGTERM, NoteInterrupt);
  const int64_t until = options.for_s == 0 ? INT64_MAX : app.now_ms() + options.for_s * 1000LL;
  absl::StatusOr<AgentClient> agent = app.Agent();
  if (!agent.ok()) return app.Fail(agent.status());
  Watcher watcher(app, options);
  uint64_t change = 0;
  while (interrupted == 0 && app.now_ms() < until) {
    const absl::Status looked = watcher.Look();
    if (!looked.ok()) return app.Fail(looked);
    const int64_t left = std::min<int64_t>(kWatchWaitMs, until - app.now_ms());
    const absl::StatusOr<uint64_t> newer =
        agent->WaitChange(change, static_cast<int>(std::max<int64_t>(left, 1)));
    if (!newer.ok() && interrupted == 0) return app.Fail(newer.status());
    if (newer.ok()) change = *newer;
  }
  return interrupted != 0 ? static_cast<int>(ExitCode::kInterrupted) : 0;
}

}  // namespace enlace::client
