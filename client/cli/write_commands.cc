// send, check, ack.

#include <filesystem>
#include <thread>

#include "client/alerts/alert_json.h"
#include "client/alerts/attachments_check.h"
#include "client/alerts/guard.h"
#include "client/alerts/report.h"
#include "client/alerts/validation.h"
#include "client/cases/outcome_json.h"
#include "client/cases/registry_directory.h"
#include "client/cli/commands.h"
#include "client/cli/registry_copy.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/text_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kSendTimeoutMs = 120'000;
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

// Waits until all items are accepted, one failed, or the time is over. The time of the last
// acceptance.
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

std::vector<std::string> Absolute(const std::vector<std::string>& paths) {
  std::vector<std::string> absolute;
  for (const std::string& path : paths)
    absolute.push_back(std::filesystem::absolute(path).string());
  return absolute;
}

int ShowSent(App& app, SendOutcome outcome) {
  app.Show("send", RenderSend(outcome, app.MakeScreen()),
           JsonOf(outcome, app.console().language()));
  return outcome.offices_without_devices.empty() ? 0 : static_cast<int>(ExitCode::kPartial);
}

}  // namespace

int RunSend(App& app, const SendOptions& options) {
  const absl::StatusOr<std::string> json = ReadWholeFile(options.file);
  if (!json.ok()) return app.Fail(json.status());
  // What is no alert at all is told without troubling the agent.
  const alerts::ParsedAlert parsed = alerts::ParseAlertJson(*json);
  if (!parsed.alert) return app.Fail(AlertRefusedError(parsed.violations), options.file);
  const absl::StatusOr<nlohmann::json> answer = app.Call("send",
                                                         {{"json", *json},
                                                          {"attach", Absolute(options.attach)},
                                                          {"new", options.fill},
                                                          {"office", options.office}},
                                                         kSendTimeoutMs);
  if (!answer.ok()) return app.Fail(answer.status(), options.file);
  absl::StatusOr<SendOutcome> outcome = SendOutcomeFromJson(answer->at("outcome"));
  if (!outcome.ok()) return app.Fail(outcome.status());
  const std::string item_id = answer->value("item_id", std::string());
  if (!item_id.empty()) {
    const absl::StatusOr<int64_t> accepted = WaitAccepted(app, {item_id}, options.wait_s);
    const bool queued = HasReason(accepted.status(), Reason::kNotSentYet);
    if (!accepted.ok() && (!queued || options.wait_s > 0)) return app.Fail(accepted.status());
    if (accepted.ok()) {
      outcome->state = alerts::RowState::kSent;
      outcome->accepted_at_ms = *accepted;
    }
  }
  return ShowSent(app, *std::move(outcome));
}

int RunAck(App& app, const AckOptions& options) {
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref =
      open->reader->Resolve(options.case_text, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<nlohmann::json> answer =
      app.Call("ack", {{"case", *case_ref}, {"office", options.office}}, kSendTimeoutMs);
  if (!answer.ok()) return app.Fail(answer.status());
  absl::StatusOr<ActionOutcome> outcome = ActionOutcomeFromJson(answer->at("outcome"));
  if (!outcome.ok()) return app.Fail(outcome.status());
  const auto item_ids = answer->value("item_ids", std::vector<std::string>());
  if (!item_ids.empty()) {
    const absl::StatusOr<int64_t> accepted = WaitAccepted(app, item_ids, options.wait_s);
    const bool queued = HasReason(accepted.status(), Reason::kNotSentYet);
    if (!accepted.ok() && (!queued || options.wait_s > 0)) return app.Fail(accepted.status());
    if (accepted.ok()) {
      outcome->state = alerts::RowState::kSent;
      outcome->at_ms = *accepted;
    }
  }
  app.Show("ack", RenderAcknowledge(*outcome, app.MakeScreen()), JsonOf(*outcome));
  return 0;
}

int RunCheck(App& app, const std::string& file) {
  const absl::StatusOr<std::string> json = ReadWholeFile(file);
  if (!json.ok()) return app.Fail(json.status());
  alerts::ParsedAlert parsed = alerts::ParseAlertJson(*json);
  alerts::Violations violations = std::move(parsed.violations);
  std::unique_ptr<RegistryReplica> replica;
  if (parsed.alert) {
    // `check` needs neither vault nor network: offices are judged where the profile has a registry.
    absl::StatusOr<std::unique_ptr<RegistryReplica>> opened = OpenReplicaOf(app.profile());
    if (opened.ok()) replica = *std::move(opened);
    std::optional<RegistryDirectory> directory;
    if (replica) directory.emplace(replica->registry());
    alerts::ValidationContext context;
    if (directory) context.directory = &*directory;
    for (alerts::Violation& one : alerts::ValidateAlert(*parsed.alert, context))
      violations.push_back(std::move(one));
    for (alerts::Violation& one : alerts::CheckRecipients(*parsed.alert))
      violations.push_back(std::move(one));
  }
  alerts::Normalise(violations);
  const bool ok = !alerts::HasError(violations);
  app.Show("check", RenderViolations(file, violations, app.MakeScreen()),
           {{"ok", ok}, {"violations", JsonOf(violations, app.console().language())}});
  return ok ? 0 : static_cast<int>(ExitCode::kRefused);
}

}  // namespace enlace::client
