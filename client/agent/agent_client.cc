#include "client/agent/agent_client.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

constexpr int kShortCallMs = 10'000;
// Argon2id on a busy machine.
constexpr int kUnlockCallMs = 60'000;
constexpr int kStopWaitMs = 30'000;
constexpr int kPollMs = 20;

absl::StatusOr<SecretBytes> SecretFromHex(std::string_view hex) {
  SecretBytes out(hex.size() / 2);
  if (!DecodeHex(hex, out.mutable_view())) return MakeError(Reason::kInternal);
  return out;
}

// A pipe whose ends close by themselves.
struct Pipe {
  int read_end = -1;
  int write_end = -1;
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  void CloseRead() {
    if (read_end >= 0) close(std::exchange(read_end, -1));
  }
  void CloseWrite() {
    if (write_end >= 0) close(std::exchange(write_end, -1));
  }
};

}  // namespace

absl::StatusOr<std::optional<AgentClient>> AgentClient::Connect(const Profile& profile) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = profile.socket_path();
  if (path.size() >= sizeof(address.sun_path))
    return MakeError(Reason::kUsage, {{"what", path}, {"program", "enlace"}});
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return MakeError(Reason::kInternal);
  AgentClient client(fd);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const bool none = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
    if (none) return std::optional<AgentClient>();
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  ENLACE_RETURN_IF_ERROR(CheckPeerUid(fd));
  return std::make_optional(std::move(client));
}

AgentClient::AgentClient(AgentClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

AgentClient& AgentClient::operator=(AgentClient&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

AgentClient::~AgentClient() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<json> AgentClient::Call(std::string_view op, const json& args, int timeout_ms) {
  std::string request = EncodeAgentRequest({std::string(op), args});
  const absl::Status sent = WriteAgentMessage(fd_, request, timeout_ms);
  WipeText(request);
  ENLACE_RETURN_IF_ERROR(sent);
  ENLACE_ASSIGN_OR_RETURN(std::string answer, ReadAgentMessage(fd_, timeout_ms));
  absl::StatusOr<json> decoded = DecodeAgentAnswer(answer);
  WipeText(answer);
  return decoded;
}

absl::StatusOr<bool> AgentClient::Unlocked() {
  ENLACE_ASSIGN_OR_RETURN(const json status, Call(kOpStatus, json::object(), kShortCallMs));
  return status.value("unlocked", false);
}

absl::StatusOr<SecretBytes> AgentClient::MasterKey() {
  ENLACE_ASSIGN_OR_RETURN(json answer, Call(kOpMasterKey, json::object(), kShortCallMs));
  std::string hex = answer.value("master_key", std::string());
  absl::StatusOr<SecretBytes> key = SecretFromHex(hex);
  WipeText(hex);
  WipeText(answer["master_key"].get_ref<std::string&>());
  return key;
}

absl::Status AgentClient::Unlock(const SecretBytes& passphrase) {
  json args{{"passphrase", std::string(AsText(passphrase.view()))}};
  absl::Status unlocked = Call(kOpUnlock, args, kUnlockCallMs).status();
  WipeText(args["passphrase"].get_ref<std::string&>());
  return unlocked;
}

absl::Status AgentClient::Lock() { return Call(kOpLock, json::object(), kShortCallMs).status(); }

absl::Status AgentClient::Stop(const Profile& profile) {
  ENLACE_RETURN_IF_ERROR(Call(kOpStop, json::object(), kShortCallMs).status());
  for (int waited = 0; waited < kStopWaitMs; waited += kPollMs) {
    ENLACE_ASSIGN_OR_RETURN(const std::optional<int> owner,
                            ProfileLock::Owner(profile.lock_path()));
    if (!owner) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
  return MakeStatus(absl::StatusCode::kDeadlineExceeded, "the agent did not end");
}

absl::StatusOr<uint64_t> AgentClient::WaitChange(uint64_t seen, int timeout_ms) {
  ENLACE_ASSIGN_OR_RETURN(
      const json answer,
      Call(kOpWaitChange, {{"seen", seen}, {"timeout_ms", timeout_ms}}, timeout_ms + kShortCallMs));
  return answer.value("change", seen);
}

absl::StatusOr<AgentClient> AgentClient::StartAgent(const Profile& profile, const Start& start) {
  Pipe secret;
  Pipe ready;
  if (!secret.Open() || !ready.Open()) return MakeError(Reason::kInternal);
  const std::string program = start.program.empty() ? "/proc/self/exe" : start.program;
  std::string name = program;
  std::string option = "--profile";
  std::string profile_name = profile.name();
  std::string command = "agent";
  char* argv[] = {name.data(), option.data(), profile_name.data(), command.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, secret.read_end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ready.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return MakeError(Reason::kFileUnreadable, {{"path", program}, {"what", std::strerror(error)}});
  secret.CloseRead();
  ready.CloseWrite();

  const bool by_key = start.master_key != nullptr;
  const SecretBytes& bytes = by_key ? *start.master_key : *start.passphrase;
  std::string line = (by_key ? "master-key " : "passphrase ") + ToHex(bytes.view()) + "\n";
  const bool written =
      write(secret.write_end, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  WipeText(line);
  secret.CloseWrite();
  if (!written) return MakeError(Reason::kInternal);
  ENLACE_ASSIGN_OR_RETURN(const std::string answer, ReadAgentLine(ready.read_end, kUnlockCallMs));
  const absl::StatusOr<json> decoded = DecodeAgentAnswer(answer);
  if (!decoded.ok()) {
    waitpid(pid, nullptr, 0);
    return decoded.status();
  }
  ENLACE_ASSIGN_OR_RETURN(std::optional<AgentClient> client, Connect(profile));
  if (!client) return MakeStatus(absl::StatusCode::kUnavailable, "the agent went away");
  return *std::move(client);
}

}  // namespace enlace::client
