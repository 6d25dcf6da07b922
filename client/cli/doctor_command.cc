// doctor: clock, network, server, certificate, vault and disk, one after the other.

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/doctor_view.h"
#include "client/cli_common/exit_code.h"
#include "client/enrolment/device_store.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kConnectTimeoutMs = 5'000;
constexpr int kStateTimeoutMs = 15'000;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// True when the address takes a connection in time.
bool Answers(const addrinfo& address) {
  const Descriptor fd(socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             address.ai_protocol));
  if (fd.get() < 0) return false;
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd wait{fd.get(), POLLOUT, 0};
  if (poll(&wait, 1, kConnectTimeoutMs) != 1) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// A bare connection to host:port. SERVER_UNREACHABLE.
absl::Status ReachPort(const std::string& server) {
  const absl::Status unreachable = MakeError(Reason::kServerUnreachable, {{"server", server}});
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos) return unreachable;
  std::string host = server.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), server.c_str() + colon + 1, &hints, &found) != 0)
    return unreachable;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (Answers(*one)) return absl::OkStatus();
  }
  return unreachable;
}

// What the agent says of its connection.
absl::Status SessionState(App& app, const std::string& server) {
  ENLACE_ASSIGN_OR_RETURN(const nlohmann::json state,
                          app.Call("sync-state", nlohmann::json::object(), kStateTimeoutMs));
  if (state.value("online", false)) return absl::OkStatus();
  const nlohmann::json trouble = state.value("trouble", nlohmann::json::object());
  const std::optional<Reason> reason = ReasonByName(trouble.value("reason", std::string()));
  if (!reason) return MakeError(Reason::kServerUnreachable, {{"server", server}});
  return MakeError(*reason, trouble.value("metadata", ErrorMetadata()));
}

absl::Status Examine(App& app, DoctorView& view) {
  // The network is looked at while the agent, started by Open, still connects.
  ENLACE_ASSIGN_OR_RETURN(const OpenVault open, app.Open());
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(*open.vault));
  view.server = identity.server_address;
  view.network = ReachPort(view.server);
  view.session = SessionState(app, view.server);
  ENLACE_ASSIGN_OR_RETURN(const MachineView machine, open.reader->Machine(app.now_ms()));
  if (machine.freshness.synced_at_ms != 0) view.clock_offset_ms = machine.clock_offset_ms;
  view.round_trip_ms = machine.round_trip_ms;
  view.certificate_until_ms = machine.certificate_until_ms;
  view.queued = machine.freshness.queued;
  ENLACE_ASSIGN_OR_RETURN(const RegistryReplica* replica, open.registry->Replica());
  view.registry = replica->CheckMaySend(app.now_ms());
  view.registry_entries = machine.registry_entries;
  view.registry_seen_at_ms = replica->refreshed_at_ms();
  return absl::OkStatus();
}

}  // namespace

int RunDoctor(App& app) {
  DoctorView view;
  view.now_ms = app.now_ms();
  std::error_code unknown;
  const auto space = std::filesystem::space(app.profile().data_dir(), unknown);
  if (!unknown) view.disk_free_bytes = space.available;
  view.vault = Examine(app, view);
  app.Show("doctor", RenderDoctor(view, app.MakeScreen()), JsonOf(view));
  const absl::Status verdict = DoctorVerdict(view);
  return ExitNumberOf(verdict);
}

}  // namespace enlace::client
