// The body of the subcommand `agent`, and how its parent hears from it.

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "client/agent/agent.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kSecretLineBytesMax = 4096;
constexpr size_t kAnswerLineBytesMax = 64 << 10;

struct Secret {
  bool is_master_key = false;
  SecretBytes bytes;
};

absl::StatusOr<Secret> ReadSecret(int fd) {
  SecretBytes line(kSecretLineBytesMax);
  size_t size = 0;
  while (size < line.size()) {
    const ssize_t got = read(fd, line.mutable_view().data() + size, line.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  std::string_view text = AsText(line.view().first(size));
  Secret secret;
  secret.is_master_key = text.starts_with("master-key ");
  if (!secret.is_master_key && !text.starts_with("passphrase "))
    return MakeError(Reason::kVaultLocked);
  text.remove_prefix(text.find(' ') + 1);
  text = text.substr(0, text.find('\n'));
  secret.bytes = SecretBytes(text.size() / 2);
  if (!DecodeHex(text, secret.bytes.mutable_view())) return MakeError(Reason::kVaultLocked);
  return secret;
}

// The agent holds keys: its memory is not for core files or for other processes of the user.
absl::Status ForbidCoreFiles() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return MakeError(Reason::kInternal);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Agent>> Prepare(const Profile& profile,
                                               std::unique_ptr<AgentEngine> engine,
                                               const AgentProcess& process, crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(ForbidCoreFiles());
  ENLACE_ASSIGN_OR_RETURN(const Secret secret, ReadSecret(process.secret_fd));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Agent> agent,
                          Agent::Create(profile, std::move(engine), rng));
  ENLACE_RETURN_IF_ERROR(secret.is_master_key ? agent->UnlockWithMasterKey(secret.bytes)
                                              : agent->Unlock(secret.bytes));
  return agent;
}

}  // namespace

absl::StatusOr<std::string> ReadAgentLine(int fd, int timeout_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  std::string line;
  while (line.size() < kAnswerLineBytesMax) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd one{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&one, 1, static_cast<int>(left.count())) == 0) {
      return MakeStatus(absl::StatusCode::kDeadlineExceeded, "the agent did not start in time");
    }
    char part[512];
    const ssize_t got = read(fd, part, sizeof(part));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return MakeStatus(absl::StatusCode::kUnavailable, "the agent went away");
    line.append(part, static_cast<size_t>(got));
    if (line.back() == '\n') return line.substr(0, line.size() - 1);
  }
  return MakeError(Reason::kInternal);
}

absl::Status RunAgentProcess(const Profile& profile, std::unique_ptr<AgentEngine> engine,
                             const AgentProcess& process) {
  crypto::SystemRng rng;
  const absl::StatusOr<std::unique_ptr<Agent>> agent =
      Prepare(profile, std::move(engine), process, rng);
  const std::string answer =
      EncodeAgentAnswer(agent.ok() ? absl::StatusOr<nlohmann::json>(nlohmann::json::object())
                                   : agent.status()) +
      "\n";
  const bool told =
      write(process.ready_fd, answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
  // The parent's pipe ends here, so that whoever reads the parent's output is not kept waiting by
  // the agent.
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    dup2(nowhere, process.secret_fd);
    dup2(nowhere, process.ready_fd);
    close(nowhere);
  }
  ENLACE_RETURN_IF_ERROR(agent.status());
  if (!told) return MakeStatus(absl::StatusCode::kUnavailable, "nobody waits for the agent");
  return (*agent)->Run();
}

}  // namespace enlace::client
