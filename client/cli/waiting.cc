#include "client/cli/waiting.h"

#include <filesystem>
#include <thread>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kPollMs = 100;

// The phases of an outbox item (enlace.vault.v1.OutboxPhase).
constexpr int kPhaseAccepted = 3;
constexpr int kPhaseFailed = 4;

// An item of the outbox as the agent tells it.
absl::StatusOr<nlohmann::json> ItemState(App& app, const std::string& item_id) {
  return app.Call("outbox-item", {{"item_id", item_id}}, kSendTimeoutMs);
}

absl::Status FailureOf(const nlohmann::json& item, const std::string& case_ref) {
  const std::optional<Reason> reason = ReasonByName(item.value("reason", std::string()));
  const absl::Status known = reason ? MakeError(*reason) : absl::OkStatus();
  if (!known.ok() && InfoOf(known).metadata.empty() &&
      item.value("message_en", std::string()) == MessageOf(known)) {
    return known;
  }
  return MakeError(Reason::kSendFailed,
                   {{"what", item.value("message_en", std::string())}, {"case", case_ref}});
}

}  // namespace

absl::StatusOr<int64_t> WaitAccepted(App& app, const std::vector<std::string>& item_ids,
                                     int wait_s) {
  const int64_t until = app.now_ms() + wait_s * 1000LL;
  int64_t accepted_at_ms = 0;
  for (size_t i = 0; i < item_ids.size();) {
    ENLACE_ASSIGN_OR_RETURN(const nlohmann::json item, ItemState(app, item_ids[i]));
    const int phase = item.at("phase");
    if (phase == kPhaseFailed) return FailureOf(item, item.value("case", std::string()));
    if (phase == kPhaseAccepted) {
      accepted_at_ms = item.at("accepted_at_ms");
      ++i;
      continue;
    }
    if (app.now_ms() >= until) return MakeError(Reason::kNotSentYet);
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
  return accepted_at_ms;
}

absl::Status AwaitItems(App& app, const std::vector<std::string>& item_ids, int wait_s,
                        int64_t& accepted_at_ms) {
  const absl::StatusOr<int64_t> accepted = WaitAccepted(app, item_ids, wait_s);
  if (accepted.ok()) accepted_at_ms = *accepted;
  const bool queued = HasReason(accepted.status(), Reason::kNotSentYet);
  return queued && wait_s == 0 ? absl::OkStatus() : accepted.status();
}

std::vector<std::string> AbsolutePaths(const std::vector<std::string>& paths) {
  std::vector<std::string> absolute;
  absolute.reserve(paths.size());
  for (const std::string& path : paths)
    absolute.push_back(std::filesystem::absolute(path).string());
  return absolute;
}

}  // namespace enlace::client
