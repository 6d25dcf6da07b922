#include <unistd.h>

#include <iostream>
#include <vector>

#include "crypto/primitives/status.h"
#include "server/app/commands.h"
#include "server/app/control.h"
#include "server/app/identity_files.h"
#include "server/app/server.h"
#include "server/app/talk.h"
#include "server/config/config.h"
#include "server/listener/accept_loop.h"
#include "server/listener/limits.h"
#include "storage/limits.h"

namespace enlace::server {
namespace {

constexpr std::chrono::milliseconds kAskTimeout{3000};
constexpr uint64_t kMib = 1u << 20;

// One line of the report.
struct Check {
  std::string_view name;
  absl::Status outcome;
  std::string detail;
};

Check CheckKey(const Config& config) {
  const auto files = LoadIdentity(DataFolder(config.data_folder));
  Check check{Text("key", "clave"), files.status(), {}};
  if (!files.ok()) return check;
  const identity::Certificate& certificate = files->certificate;
  check.detail = identity::ShortFingerprint(certificate.fingerprint());
  if (!certificate.ValidAt(SystemNowMs())) {
    check.outcome = FailedPrecondition(
        Text("the certificate is not valid today", "el certificado no es válido hoy"));
  }
  const auto& names = certificate.server_names();
  if (std::find(names.begin(), names.end(), config.public_name) == names.end()) {
    check.outcome = FailedPrecondition(
        Text("the certificate does not hold public_name", "el certificado no lleva public_name"));
  }
  return check;
}

Check CheckCharterRoot(const Config& config) {
  Check check{Text("charter", "acta"), absl::OkStatus(), {}};
  if (config.charter_root) {
    check.detail = identity::ShortFingerprint(*config.charter_root);
  } else {
    check.outcome = FailedPrecondition(
        Text("charter_root is not pinned yet", "charter_root aún no está fijada"));
  }
  return check;
}

Check CheckPort(const Config& config, uint16_t port, bool running) {
  Check check{Text("port", "puerto"), absl::OkStatus(),
              port == 0 ? std::string(Text("0: the kernel chooses", "0: lo elige el núcleo"))
                        : std::to_string(port)};
  if (running) return check;
  AcceptOptions options;
  options.addresses = config.listen.addresses;
  options.port = port;
  check.outcome = AcceptLoop::Listen(std::move(options)).status();
  return check;
}

Check CheckDisk(const Config& config) {
  Check check{Text("disk", "disco"), absl::OkStatus(), {}};
  std::error_code error;
  const auto space = std::filesystem::space(config.data_folder, error);
  if (error || access(config.data_folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    check.outcome = MakeStatus(
        absl::StatusCode::kPermissionDenied,
        config.data_folder.string() + std::string(Text(" can't be used", " no se puede usar")));
    return check;
  }
  check.detail = std::to_string(space.available / kMib) + " MiB";
  if (space.available <= storage::kReserveBytesDefault) {
    check.outcome = MakeStatus(absl::StatusCode::kResourceExhausted,
                               Text("too little space is left", "queda muy poco espacio"));
  }
  return check;
}

}  // namespace

int CheckCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const DataFolder folder(config->data_folder);
  const bool running = AskServer(folder.control(), "status", kAskTimeout).ok();
  const std::vector<Check> checks = {
      {Text("configuration", "configuración"), absl::OkStatus(), options.config.string()},
      CheckKey(*config),
      CheckCharterRoot(*config),
      CheckPort(*config, config->listen.port, running),
      CheckPort(*config, config->listen.enrolment_port, running),
      CheckDisk(*config),
  };
  bool all_well = true;
  for (const Check& check : checks) {
    const bool well = check.outcome.ok();
    all_well = all_well && well;
    std::cout << (well ? Text("ok    ", "bien  ") : Text("FAIL  ", "FALLA ")) << check.name << "  "
              << (well ? check.detail : std::string(MessageOf(check.outcome))) << '\n';
  }
  Say(running ? Text("The server is running.", "El servidor está en marcha.")
              : Text("The server is not running.", "El servidor no está en marcha."));
  return all_well ? kExitDone : kExitFailed;
}

}  // namespace enlace::server
