#include "client/agent/agent_server.h"

#include <poll.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

constexpr int kReadIdleMs = 10 * 60 * 1000;
constexpr int kWriteTimeoutMs = 10'000;
constexpr int kBacklog = 16;
constexpr int kWaitChangeMsMax = 60'000;

// The one descriptor that signal handlers may write to.
std::atomic<int> signal_fd{-1};

void OnSignal(int) {
  const uint64_t one = 1;
  const int fd = signal_fd.load();
  // Nothing can be done about a failure inside a handler; the next signal tries again.
  if (fd >= 0 && write(fd, &one, sizeof(one)) < 0) return;
}

absl::StatusOr<int> Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return MakeError(Reason::kUsage, {{"what", path}, {"program", "enlace"}});
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
  // The profile's lock is ours, so a socket that stands here is a dead one.
  unlink(path.c_str());
  const mode_t before = umask(0177);
  const int bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  umask(before);
  if (bound == 0 && listen(fd, kBacklog) == 0) return fd;
  const absl::Status failed =
      MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
  close(fd);
  return failed;
}

// A value of the wrong kind in the arguments is the other process's mistake. Needed on both
// threads: an exception that left the engine's would end the agent.
template <typename Handler>
absl::StatusOr<json> RefuseMalformed(const Handler& handler) {
  try {
    return handler();
  } catch (const json::exception& wrong) {
    return MakeError(Reason::kMalformedRequest, {{"what", wrong.what()}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Agent>> Agent::Create(const Profile& profile,
                                                     std::unique_ptr<AgentEngine> engine,
                                                     crypto::Rng& rng,
                                                     const AgentOptions& options) {
  if (!Vault::Exists(profile.vault_path())) return MakeError(Reason::kNotEnrolled);
  ENLACE_ASSIGN_OR_RETURN(ProfileLock lock, profile.LockOwner());
  ENLACE_RETURN_IF_ERROR(profile.PrepareRuntimeDir());
  ENLACE_ASSIGN_OR_RETURN(const int listening, Listen(profile.socket_path()));
  const int stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<Agent>(std::make_unique<AgentServer>(
      AgentServer::Ground{profile, std::move(lock), std::move(engine), listening, stop_fd, options},
      rng));
}

AgentServer::AgentServer(Ground ground, crypto::Rng& rng)
    : ground_(std::move(ground)),
      rng_(rng),
      operations_(ground_.engine->Operations()),
      last_use_(std::chrono::steady_clock::now()) {}

AgentServer::~AgentServer() {
  LockNow();
  close(ground_.listening_fd);
  close(ground_.stop_fd);
  unlink(ground_.profile.socket_path().c_str());
}

absl::Status AgentServer::Unlock(const SecretBytes& passphrase) {
  ENLACE_ASSIGN_OR_RETURN(
      const std::unique_ptr<Vault> vault,
      Vault::Open({ground_.profile.vault_path(), VaultMode::kReader}, passphrase, rng_));
  return UnlockWithMasterKey(vault->master_key());
}

absl::Status AgentServer::UnlockWithMasterKey(const SecretBytes& master_key) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!master_key_.empty()) return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(ground_.engine->Open(ground_.profile, master_key, *this));
  const std::lock_guard<std::mutex> lock(mutex_);
  master_key_ = master_key.Clone();
  last_use_ = std::chrono::steady_clock::now();
  return absl::OkStatus();
}

void AgentServer::LockNow() {
  bool open = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    open = !master_key_.empty();
    master_key_.Wipe();
  }
  if (!open) return;
  ground_.engine->Close();
  queue_.DropEngineTasks();
  NotifyChange();
}

absl::Status AgentServer::Run() {
  signal_fd = ground_.stop_fd;
  std::signal(SIGTERM, OnSignal);
  std::signal(SIGINT, OnSignal);
  std::signal(SIGPIPE, SIG_IGN);
  accepting_ = std::thread([this] { Accept(); });
  while (!queue_.closed()) {
    std::optional<std::function<void()>> task = queue_.Next(IdleDeadline());
    if (task) {
      (*task)();
    } else if (!queue_.closed() && std::chrono::steady_clock::now() >= IdleDeadline()) {
      LockNow();
      TouchIdle();
    }
  }
  LockNow();
  accepting_.join();
  Reap(/*all=*/true);
  signal_fd = -1;
  return absl::OkStatus();
}

void AgentServer::Stop() {
  const uint64_t one = 1;
  if (write(ground_.stop_fd, &one, sizeof(one)) < 0) queue_.Close();
}

void AgentServer::Post(std::function<void()> task) {
  queue_.Push(WorkQueue::Kind::kEngineTask, std::chrono::steady_clock::now(), std::move(task));
}

void AgentServer::PostAfter(int64_t delay_ms, std::function<void()> task) {
  queue_.Push(WorkQueue::Kind::kEngineTask,
              std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms),
              std::move(task));
}

void AgentServer::NotifyChange() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

WorkQueue::Time AgentServer::IdleDeadline() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_use_ + std::chrono::milliseconds(ground_.options.idle_lock_ms);
}

void AgentServer::TouchIdle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  last_use_ = std::chrono::steady_clock::now();
}

void AgentServer::Accept() {
  while (true) {
    pollfd fds[] = {{ground_.listening_fd, POLLIN, 0}, {ground_.stop_fd, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
    if ((fds[1].revents & POLLIN) != 0) break;
    if ((fds[0].revents & POLLIN) == 0) continue;
    const int fd = accept4(ground_.listening_fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) Admit(fd);
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    // Readers wake up and end.
    for (Connection& connection : connections_) shutdown(connection.fd, SHUT_RD);
    changed_.notify_all();
  }
  queue_.Close();
}

void AgentServer::Admit(int fd) {
  Reap(/*all=*/false);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!CheckPeerUid(fd).ok() || connections_.size() >= static_cast<size_t>(kAgentConnectionsMax)) {
    close(fd);
    return;
  }
  Connection& connection = connections_.emplace_back();
  connection.fd = fd;
  connection.thread = std::thread([this, &connection] {
    Serve(connection);
    connection.done = true;
  });
}

void AgentServer::Reap(bool all) {
  std::list<Connection> ended;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto connection = connections_.begin(); connection != connections_.end();) {
      const auto next = std::next(connection);
      if (all || connection->done) ended.splice(ended.end(), connections_, connection);
      connection = next;
    }
  }
  for (Connection& connection : ended) {
    connection.thread.join();
    close(connection.fd);
  }
}

void AgentServer::Serve(Connection& connection) {
  while (true) {
    absl::StatusOr<std::string> message = ReadAgentMessage(connection.fd, kReadIdleMs);
    if (!message.ok()) break;
    const absl::StatusOr<AgentRequest> request = DecodeAgentRequest(*message);
    std::string answer = request.ok() ? Answer(*request) : EncodeAgentAnswer(request.status());
    WipeText(*message);
    const absl::Status written = WriteAgentMessage(connection.fd, answer, kWriteTimeoutMs);
    WipeText(answer);
    if (!written.ok()) break;
    if (request.ok() && request->op == kOpStop) Stop();
  }
  shutdown(connection.fd, SHUT_RDWR);
}

std::string AgentServer::Answer(const AgentRequest& request) {
  const bool counts_as_use =
      request.op != kOpPing && request.op != kOpStatus && request.op != kOpWaitChange;
  if (counts_as_use) TouchIdle();
  return EncodeAgentAnswer(RefuseMalformed([&] { return Handle(request); }));
}

absl::StatusOr<json> AgentServer::Handle(const AgentRequest& request) {
  if (request.op == kOpPing || request.op == kOpStop) return json::object();
  if (request.op == kOpStatus) return StatusJson();
  if (request.op == kOpWaitChange) return WaitChange(request.args);
  if (request.op == kOpMasterKey) return MasterKeyJson();
  if (request.op == kOpUnlock) return HandUnlock(request.args);
  if (request.op == kOpLock) {
    return OnEngine([this]() -> absl::StatusOr<json> {
      LockNow();
      return json::object();
    });
  }
  return Operate(request);
}

absl::StatusOr<json> AgentServer::OnEngine(std::function<absl::StatusOr<json>()> operation) {
  if (queue_.requests() >= static_cast<size_t>(kAgentQueueMax)) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "agent"}, {"limit", std::to_string(kAgentQueueMax)}});
  }
  const auto promise = std::make_shared<std::promise<absl::StatusOr<json>>>();
  std::future<absl::StatusOr<json>> answer = promise->get_future();
  queue_.Push(WorkQueue::Kind::kRequest, std::chrono::steady_clock::now(),
              [promise, operation = std::move(operation)] { promise->set_value(operation()); });
  // The queue drops what it holds when the agent ends: look up from time to time.
  while (answer.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) {
    if (queue_.closed()) return MakeError(Reason::kVaultLocked);
  }
  return answer.get();
}

absl::StatusOr<json> AgentServer::Operate(const AgentRequest& request) {
  const auto operation = operations_.find(request.op);
  if (operation == operations_.end()) {
    return MakeError(Reason::kMalformedRequest, {{"what", "no operation " + request.op}});
  }
  return OnEngine([this, operation, args = request.args]() -> absl::StatusOr<json> {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (master_key_.empty()) return MakeError(Reason::kVaultLocked);
    }
    return RefuseMalformed([&] { return operation->second(args); });
  });
}

absl::StatusOr<json> AgentServer::HandUnlock(const json& args) {
  std::string text = args.at("passphrase").get<std::string>();
  const auto passphrase = std::make_shared<SecretBytes>(SecretBytes::CopyOf(AsBytes(text)));
  WipeText(text);
  return OnEngine([this, passphrase]() -> absl::StatusOr<json> {
    ENLACE_RETURN_IF_ERROR(Unlock(*passphrase));
    return json::object();
  });
}

absl::StatusOr<json> AgentServer::MasterKeyJson() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (master_key_.empty()) return MakeError(Reason::kVaultLocked);
  return json{{"master_key", ToHex(master_key_.view())}};
}

absl::StatusOr<json> AgentServer::StatusJson() {
  const WorkQueue::Time deadline = IdleDeadline();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool unlocked = !master_key_.empty();
  return json{
      {"unlocked", unlocked}, {"pid", getpid()}, {"locks_in_ms", unlocked ? left.count() : 0}};
}

absl::StatusOr<json> AgentServer::WaitChange(const json& args) {
  const uint64_t seen = args.at("seen");
  const int timeout_ms = std::min(args.at("timeout_ms").get<int>(), kWaitChangeMsMax);
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [&] { return stopping_ || changes_ > seen; });
  return json{{"change", changes_}};
}

}  // namespace enlace::client
