// check: all that is wrong with an alert, without sending it. Needs neither vault nor network.

#include <filesystem>

#include "client/alerts/alert_json.h"
#include "client/alerts/report.h"
#include "client/alerts/validation.h"
#include "client/cases/registry_facts.h"
#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/text_file.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// The library's answer for the text; a file past every limit is one more wrong alert, no failure of
// the program.
absl::StatusOr<alerts::Violations> CheckFile(const std::string& file,
                                             const alerts::ValidationContext& context) {
  const absl::StatusOr<std::string> json = ReadWholeFile(file);
  if (json.ok()) return alerts::CheckAlertJson(*json, context).violations;
  if (!HasReason(json.status(), Reason::kBodyTooLarge)) return json.status();
  alerts::Report report;
  report.Error(Reason::kJsonTooLarge, "",
               {alerts::Same("size", InfoOf(json.status()).metadata["size_bytes"]),
                alerts::Same("limit", std::to_string(alerts::kAlertJsonSizeBytesMax))});
  return std::move(report).Take();
}

}  // namespace

int RunCheck(App& app, const CheckOptions& options) {
  alerts::ValidationContext context;
  if (!options.at.empty()) {
    context.server_time_ms = alerts::ParseRfc3339(options.at);
    if (!context.server_time_ms) {
      return app.Fail(MakeError(
          Reason::kUsage, {{"what", "--at 2026-11-18T04:40:30Z"}, {"program", "enlace check"}}));
    }
  }
  // Offices are judged where the profile has a registry.
  const absl::StatusOr<PublicRegistry> registry = app.ReadRegistry();
  std::optional<FactsDirectory> directory;
  if (registry.ok()) directory.emplace(registry->facts);
  if (directory) context.directory = &*directory;

  const absl::StatusOr<alerts::Violations> violations = CheckFile(options.file, context);
  if (!violations.ok()) return app.Fail(violations.status());
  const bool ok = !alerts::HasError(*violations);
  app.Show("check", RenderViolations(options.file, *violations, app.MakeScreen()),
           {{"ok", ok}, {"violations", JsonOf(*violations, app.console().language())}});
  return ok ? 0 : static_cast<int>(ExitCode::kRefused);
}

}  // namespace enlace::client
