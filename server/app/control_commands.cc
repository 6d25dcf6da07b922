#include "server/app/control_commands.h"

#include <nlohmann/json.hpp>

#include "crypto/primitives/status.h"
#include "server/app/backup.h"

namespace enlace::server {
namespace {

constexpr std::string_view kBackupWord = "backup ";

std::string ErrorJson(const absl::Status& status) {
  const nlohmann::ordered_json json = {
      {"error", std::string(MessageOf(status))},
      {"code", absl::StatusCodeToString(status.code())},
  };
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string AnswerBackup(const ControlTargets& targets, const std::filesystem::path& path) {
  const absl::Status made = MakeBackup(*targets.engine, targets.folder, path);
  if (!made.ok()) return ErrorJson(made);
  nlohmann::ordered_json json = {{"folder", path.string()}};
  const auto head = targets.durable_head();
  json["log_head"] = head ? storage::Describe(*head) : "";
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string AnswerCompact(const ControlTargets& targets) {
  const auto report = targets.engine->Compact({});
  if (!report.ok()) return ErrorJson(report.status());
  const nlohmann::ordered_json json = {{"bytes_before", report->bytes_before},
                                       {"bytes_after", report->bytes_after},
                                       {"bytes_freed", report->bytes_freed()}};
  return json.dump();
}

}  // namespace

std::string AnswerControl(const ControlTargets& targets, std::string_view line) {
  if (line == "status") return targets.status();
  if (line == "compact") return AnswerCompact(targets);
  if (line.starts_with(kBackupWord)) return AnswerBackup(targets, line.substr(kBackupWord.size()));
  return ErrorJson(InvalidArgument("unknown command"));
}

}  // namespace enlace::server
