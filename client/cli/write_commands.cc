// send, check.

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
#include "client/cli/waiting.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/text_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

int ShowSent(App& app, const SendOutcome& outcome) {
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
                                                          {"attach", AbsolutePaths(options.attach)},
                                                          {"new", options.fill},
                                                          {"office", options.office}},
                                                         kSendTimeoutMs);
  if (!answer.ok()) return app.Fail(answer.status(), options.file);
  absl::StatusOr<SendOutcome> outcome = SendOutcomeFromJson(answer->at("outcome"));
  if (!outcome.ok()) return app.Fail(outcome.status());
  const std::string item_id = answer->value("item_id", std::string());
  if (!item_id.empty()) {
    const absl::Status awaited =
        AwaitItems(app, {item_id}, options.wait_s, outcome->accepted_at_ms);
    // Queued is not lost: the case has its number, and it is told.
    if (HasReason(awaited, Reason::kNotSentYet)) ShowSent(app, *outcome);
    if (!awaited.ok()) return app.Fail(awaited);
    if (outcome->accepted_at_ms != 0) outcome->state = alerts::RowState::kSent;
  }
  return ShowSent(app, *std::move(outcome));
}

}  // namespace enlace::client
