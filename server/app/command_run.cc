#include <signal.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "crypto/primitives/status.h"
#include "server/app/commands.h"
#include "server/app/log.h"
#include "server/app/server.h"
#include "server/app/talk.h"
#include "server/listener/tls_policy.h"
#include "storage/crash_point.h"
#include "storage/durable_file.h"

namespace enlace::server {
namespace {

constexpr const char* kCrashPointVariable = "ENLACE_CRASH_POINT";

// ENLACE_CRASH_POINT=name or name:n, for tests that kill the server at a named place.
absl::Status ArmFromEnvironment() {
  const char* value = std::getenv(kCrashPointVariable);
  if (value == nullptr || *value == '\0') return absl::OkStatus();
  const std::string_view text = value;
  const size_t colon = text.rfind(':');
  uint64_t passes = 1;
  if (colon != std::string_view::npos) {
    passes = std::strtoull(text.data() + colon + 1, nullptr, 10);
    if (passes == 0) return InvalidArgument("ENLACE_CRASH_POINT must be NAME or NAME:COUNT");
  }
  LogWarning("this process will kill itself at " + std::string(text));
  storage::ArmCrashPoint(text.substr(0, colon), passes);
  return absl::OkStatus();
}

// Blocks the signals that end the server in this and all later threads.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

absl::Status CopyPorts(const DataFolder& folder, const std::filesystem::path& target) {
  if (target.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const Bytes ports, storage::ReadWholeFile(folder.ports()));
  return storage::ReplaceFile(target, ports);
}

absl::Status Serve(const CommandOptions& options, const Config& config, const sigset_t& signals) {
  ENLACE_ASSIGN_OR_RETURN(const auto server,
                          Server::Open({config, options.declare_loss, &SystemNowMs}));
  ENLACE_RETURN_IF_ERROR(server->Start());
  ENLACE_RETURN_IF_ERROR(CopyPorts(DataFolder(config.data_folder), options.ports_file));
  const ServerPorts ports = server->ports();
  LogInfo("serving on port " + std::to_string(ports.main) + ", enrolment on port " +
          std::to_string(ports.enrolment));
  sd_notify(0, "READY=1");
  int received = 0;
  sigwait(&signals, &received);
  sd_notify(0, "STOPPING=1");
  LogInfo("stopping");
  server->Stop();
  LogInfo("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunCommand(const CommandOptions& options) {
  // Debian builds Abseil with the search for deadlocks among its mutexes, which are gRPC's; it
  // costs every lock of every call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const absl::Status tls = RequireTls13();
  if (!tls.ok()) return Complain(tls);
  const sigset_t signals = BlockEndSignals();
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  InitLog(config->log_level);
  absl::Status outcome = ArmFromEnvironment();
  if (outcome.ok()) outcome = Serve(options, *config, signals);
  if (outcome.ok()) return kExitDone;
  const int code = Complain(outcome);
  if (outcome.code() == absl::StatusCode::kDataLoss) {
    Say(Text(
        "Bring back the newest whole data folder, or a backup (enlace-server restore).\n"
        "What it lacks is lost: start once with enlace-server run --declare-loss",
        "Recupere la carpeta de datos íntegra más nueva, o una copia (enlace-server restore).\n"
        "Lo que le falte se perdió: arranque una vez con enlace-server run --declare-loss"));
  }
  return code;
}

}  // namespace enlace::server
