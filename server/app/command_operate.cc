#include <iostream>
#include <nlohmann/json.hpp>

#include "crypto/primitives/status.h"
#include "server/app/backup.h"
#include "server/app/commands.h"
#include "server/app/control.h"
#include "server/app/descriptor_budget.h"
#include "server/app/store_folder.h"
#include "server/app/talk.h"
#include "server/config/config.h"
#include "server/core/server_log.h"
#include "server/core/verify.h"

namespace enlace::server {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds kStatusTimeout{5000};
// Copying or rewriting everything takes as long as the disk needs.
constexpr std::chrono::hours kWorkTimeout{24};

absl::Status StatusOfJson(const ordered_json& error) {
  return MakeStatus(absl::StatusCode::kUnavailable,
                    error.value("code", "") + ": " + error.value("error", ""));
}

// The running server's answer; an error that it reports is an error here.
absl::StatusOr<ordered_json> Ask(const Config& config, const std::string& line,
                                 std::chrono::milliseconds timeout) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text,
                          AskServer(DataFolder(config.data_folder).control(), line, timeout));
  ordered_json answer = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return MakeStatus(absl::StatusCode::kInternal, "no JSON: " + text);
  if (answer.contains("error")) return StatusOfJson(answer);
  return answer;
}

int ComplainNoServer(const absl::Status& status) {
  Complain(status);
  Say(Text("Is the server running? systemctl status enlace-server",
           "¿Está en marcha el servidor? systemctl status enlace-server"));
  return kExitNoServer;
}

// Lines "name: value" of an object of scalars and objects.
void PrintLines(const ordered_json& object, const std::string& prefix) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object()) {
      PrintLines(value, prefix + name + ".");
    } else {
      std::cout << prefix << name << ": "
                << (value.is_string() ? value.get<std::string>() : value.dump()) << '\n';
    }
  }
}

int Print(const CommandOptions& options, const ordered_json& answer) {
  if (options.json) {
    std::cout << answer.dump() << '\n';
  } else {
    PrintLines(answer, "");
  }
  return kExitDone;
}

absl::StatusOr<StoreFolder> OpenForWork(const Config& config) {
  const DescriptorBudget budget = ShareOut(RaiseDescriptorLimit(), {});
  return OpenStoreFolder(DataFolder(config.data_folder),
                         {budget.engine_files, /*declare_loss=*/false});
}

ordered_json ReportJson(const VerifyReport& report) {
  ordered_json json = {{"schema", "enlace.server.v1/verify"},
                       {"registry_entries", report.registry_entries},
                       {"rooms", report.rooms},
                       {"log_entries", report.log_entries},
                       {"inbox_items", report.inbox_items},
                       {"blobs", report.blobs},
                       {"server_sequence", report.server_sequence},
                       {"findings_total", report.findings_total}};
  for (const Finding& finding : report.findings) {
    json["findings"].push_back({{"where", finding.where}, {"what", finding.what}});
  }
  return json;
}

}  // namespace

int StatusCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const auto answer = Ask(*config, "status", kStatusTimeout);
  return answer.ok() ? Print(options, *answer) : ComplainNoServer(answer.status());
}

int BackupCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const std::filesystem::path target = std::filesystem::absolute(options.folder);
  const auto answer = Ask(*config, "backup " + target.string(), kWorkTimeout);
  return answer.ok() ? Print(options, *answer) : ComplainNoServer(answer.status());
}

int RestoreCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const absl::Status restored = RestoreBackup(options.folder, DataFolder(config->data_folder));
  if (!restored.ok()) return Complain(restored);
  Say(
      Text("Restored. What came after the backup is lost: start once with\n"
           "  enlace-server run --declare-loss\n"
           "and tell the authorities, whose programs then offer again what is missing.",
           "Restaurado. Lo posterior a la copia se perdió: arranque una vez con\n"
           "  enlace-server run --declare-loss\n"
           "y avise a las autoridades; sus programas volverán a ofrecer lo que falta."));
  return kExitDone;
}

int CompactCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const auto answer = Ask(*config, "compact", kWorkTimeout);
  if (answer.ok()) return Print(options, *answer);
  // Without a running server the folder is free for this process.
  const auto store = OpenForWork(*config);
  if (!store.ok()) return Complain(store.status());
  const auto report = store->engine->Compact({});
  if (!report.ok()) return Complain(report.status());
  return Print(options, {{"bytes_before", report->bytes_before},
                         {"bytes_after", report->bytes_after},
                         {"bytes_freed", report->bytes_freed()}});
}

int VerifyCommand(const CommandOptions& options) {
  absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  if (!options.folder.empty()) config->data_folder = std::filesystem::absolute(options.folder);
  if (!config->charter_root) return Complain(FailedPrecondition("charter_root is not pinned"));
  const auto store = OpenForWork(*config);
  if (!store.ok()) return Complain(store.status());
  auto report = VerifyStore(*store->engine, *config->charter_root);
  if (!report.ok()) return Complain(report.status());
  // A backup comes without a mark; the server's own folder never does.
  if (options.folder.empty() || store->mark.mark()) {
    const absl::Status marked = CheckMark(*store->engine, store->mark.mark());
    if (!marked.ok()) AddFinding(*report, {"high-water mark", std::string(MessageOf(marked))});
  }
  Print(options, ReportJson(*report));
  if (report->clean()) return kExitDone;
  Say(Text("The store is damaged or lost a part of its log: docs/operations.md says what to do.",
           "El almacén está dañado o perdió parte de su registro: vea docs/operations.md."));
  return kExitNotVerified;
}

}  // namespace enlace::server
