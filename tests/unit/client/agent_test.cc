// The agent over its real socket, with an engine that records what is asked of it.
#include "client/agent/agent.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <thread>

#include "client/agent/agent_client.h"
#include "client/vault/vault.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using nlohmann::json;
using testing::TempFolder;

constexpr int kWaitMs = 10'000;
constexpr std::string_view kPhrase = "puente maíz lunes tambor";

SecretBytes Phrase(std::string_view text = kPhrase) { return SecretBytes::CopyOf(AsBytes(text)); }

// What the engine was asked to do; outlives it.
struct EngineLog {
  std::atomic<int> opened = 0;
  std::atomic<int> closed = 0;
  std::atomic<int> posted = 0;
  absl::Status open_answer;
};

class RecordingEngine final : public AgentEngine {
 public:
  explicit RecordingEngine(EngineLog& log) : log_(log) {}

  absl::Status Open(const Profile&, const SecretBytes&, AgentHost& host) override {
    if (!log_.open_answer.ok()) return log_.open_answer;
    ++log_.opened;
    host_ = &host;
    return absl::OkStatus();
  }
  void Close() override { ++log_.closed; }
  std::map<std::string, AgentOperation, std::less<>> Operations() override {
    return {
        {"double",
         [](const json& args) -> absl::StatusOr<json> {
           return json{{"value", 2 * args.at("value").get<int>()}};
         }},
        {"refuse",
         [](const json&) -> absl::StatusOr<json> {
           return MakeRetryableError(Reason::kLimitExceeded, 1500, {{"what", "x"}, {"limit", "1"}});
         }},
        {"post", [this](const json&) -> absl::StatusOr<json> {
           host_->Post([this] {
             ++log_.posted;
             host_->NotifyChange();
           });
           return json::object();
         }}};
  }

 private:
  EngineLog& log_;
  AgentHost* host_ = nullptr;
};

class AgentTest : public ::testing::Test {
 protected:
  AgentTest() : profile_(OpenProfile()) {
    auto vault = Vault::Create(profile_.vault_path(), Phrase(), rng_, {8192, 1});
    EXPECT_TRUE(vault.ok()) << vault.status();
    master_ = (*vault)->master_key().Clone();
  }
  ~AgentTest() override { StopAgent(); }

  Profile OpenProfile() {
    Profile::Request request;
    request.system_config = folder_.File("none");
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "ENLACE_HOME") return folder_.path();
      return std::nullopt;
    };
    auto profile = Profile::Open(request);
    EXPECT_TRUE(profile.ok()) << profile.status();
    return *profile;
  }

  void StartLocked(const AgentOptions& options = {}) {
    auto agent = Agent::Create(profile_, std::make_unique<RecordingEngine>(log_), rng_, options);
    ASSERT_TRUE(agent.ok()) << agent.status();
    agent_ = std::move(*agent);
    thread_ = std::thread([this] { EXPECT_TRUE(agent_->Run().ok()); });
  }
  void StartUnlocked(const AgentOptions& options = {}) {
    StartLocked(options);
    ASSERT_TRUE(Connect().Unlock(Phrase()).ok());
  }
  void StopAgent() {
    if (!thread_.joinable()) return;
    agent_->Stop();
    thread_.join();
    agent_.reset();
  }

  AgentClient Connect() {
    auto client = AgentClient::Connect(profile_);
    EXPECT_TRUE(client.ok() && client->has_value()) << client.status();
    return std::move(**client);
  }

  // A socket without the client's manners.
  int RawConnect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, profile_.socket_path().c_str(), sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  crypto::SystemRng rng_;
  TempFolder folder_;
  Profile profile_;
  SecretBytes master_;
  EngineLog log_;
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
};

TEST_F(AgentTest, NoAgent_IsNoError) {
  const auto client = AgentClient::Connect(profile_);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_FALSE(client->has_value());
}

TEST_F(AgentTest, Socket_IsForItsOwnerOnly_AndGoneAfterwards) {
  StartLocked();
  struct stat info {};
  ASSERT_EQ(stat(profile_.socket_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(profile_.runtime_dir().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  StopAgent();
  EXPECT_NE(stat(profile_.socket_path().c_str(), &info), 0);
}

TEST_F(AgentTest, LockedAgent_DoesNothing_AndGivesNoKey) {
  StartLocked();
  AgentClient client = Connect();
  EXPECT_FALSE(*client.Unlocked());
  EXPECT_TRUE(HasReason(client.MasterKey().status(), Reason::kVaultLocked));
  EXPECT_TRUE(
      HasReason(client.Call("double", {{"value", 2}}, kWaitMs).status(), Reason::kVaultLocked));
  EXPECT_TRUE(HasReason(client.Unlock(Phrase("otra frase de paso")), Reason::kPassphraseWrong));
  EXPECT_EQ(log_.opened, 0);
}

TEST_F(AgentTest, UnlockedAgent_GivesTheKeyThatOpensTheVault) {
  StartUnlocked();
  AgentClient client = Connect();
  const auto key = client.MasterKey();
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_TRUE(key->ConstantTimeEquals(master_.view()));
  EXPECT_TRUE(
      Vault::OpenWithMasterKey({profile_.vault_path(), VaultMode::kReader}, *key, rng_).ok());
}

TEST_F(AgentTest, Lock_ClosesTheEngine_AndUnlockOpensItAgain) {
  StartUnlocked();
  AgentClient client = Connect();
  ASSERT_TRUE(client.Lock().ok());
  EXPECT_EQ(log_.closed, 1);
  EXPECT_FALSE(*client.Unlocked());
  ASSERT_TRUE(client.Unlock(Phrase()).ok());
  EXPECT_EQ(log_.opened, 2);
  StopAgent();
  EXPECT_EQ(log_.closed, 2);
}

TEST_F(AgentTest, IdleAgent_LocksItself) {
  StartUnlocked({50});
  AgentClient client = Connect();
  // Asking for the state and waiting for changes is no use: it must lock all the same.
  uint64_t seen = 0;
  for (int i = 0; i < 100 && *client.Unlocked(); ++i) seen = *client.WaitChange(seen, 100);
  EXPECT_FALSE(*client.Unlocked());
  EXPECT_EQ(log_.closed, 1);
}

TEST_F(AgentTest, EngineThatRefusesToOpen_KeepsTheAgentLocked) {
  log_.open_answer = MakeError(Reason::kVaultDamaged, {{"what", "x"}});
  StartLocked();
  AgentClient client = Connect();
  EXPECT_TRUE(HasReason(client.Unlock(Phrase()), Reason::kVaultDamaged));
  EXPECT_FALSE(*client.Unlocked());
}

TEST_F(AgentTest, Operations_AnswerWithResultsAndReasons) {
  StartUnlocked();
  AgentClient client = Connect();
  const auto doubled = client.Call("double", {{"value", 21}}, kWaitMs);
  ASSERT_TRUE(doubled.ok()) << doubled.status();
  EXPECT_EQ(doubled->at("value"), 42);
  const auto refused = client.Call("refuse", json::object(), kWaitMs);
  ASSERT_TRUE(HasReason(refused.status(), Reason::kLimitExceeded));
  EXPECT_EQ(InfoOf(refused.status()).retry_after_ms, 1500);
  EXPECT_EQ(InfoOf(refused.status()).metadata["limit"], "1");
  EXPECT_FALSE(client.Call("unknown", json::object(), kWaitMs).ok());
}

TEST_F(AgentTest, MalformedArguments_AreRefused_AndTheAgentGoesOn) {
  StartUnlocked();
  AgentClient client = Connect();
  for (const json& args : {json::object(), json{{"value", "x"}}}) {
    EXPECT_TRUE(HasReason(client.Call("double", args, kWaitMs).status(), Reason::kMalformedRequest))
        << args;
  }
  EXPECT_FALSE(client.Call(kOpUnlock, json::object(), kWaitMs).ok());
  EXPECT_FALSE(client.Call(kOpWaitChange, {{"seen", "x"}}, kWaitMs).ok());
  EXPECT_TRUE(client.Call("double", {{"value", 1}}, kWaitMs).ok());
}

TEST_F(AgentTest, PostedTask_Runs_AndItsChangeWakesWhoWaits) {
  StartUnlocked();
  AgentClient client = Connect();
  const uint64_t seen = *client.WaitChange(0, 0);
  auto waiter = std::async(std::launch::async, [&] { return Connect().WaitChange(seen, kWaitMs); });
  ASSERT_TRUE(client.Call("post", json::object(), kWaitMs).ok());
  const auto newer = waiter.get();
  ASSERT_TRUE(newer.ok()) << newer.status();
  EXPECT_GT(*newer, seen);
  EXPECT_EQ(log_.posted, 1);
}

TEST_F(AgentTest, GarbageOnTheSocket_EndsThatConnectionOnly) {
  StartUnlocked();
  const int fd = RawConnect();
  const unsigned char oversized[] = {0x7f, 0xff, 0xff, 0xff, 'x'};
  ASSERT_EQ(send(fd, oversized, sizeof(oversized), MSG_NOSIGNAL), 5);
  char byte = 0;
  EXPECT_LE(recv(fd, &byte, 1, 0), 0);
  close(fd);
  const int half = RawConnect();
  ASSERT_EQ(send(half, oversized, 2, MSG_NOSIGNAL), 2);
  close(half);
  const int text = RawConnect();
  ASSERT_TRUE(WriteAgentMessage(text, "no json", kWaitMs).ok());
  const auto answer = ReadAgentMessage(text, kWaitMs);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(DecodeAgentAnswer(*answer).ok());
  close(text);
  EXPECT_TRUE(Connect().Call("double", {{"value", 1}}, kWaitMs).ok());
}

TEST_F(AgentTest, SecondAgent_IsRefused) {
  StartLocked();
  const auto second = Agent::Create(profile_, std::make_unique<RecordingEngine>(log_), rng_);
  EXPECT_TRUE(HasReason(second.status(), Reason::kVaultBusy));
}

TEST_F(AgentTest, Stop_EndsTheAgentInOrder_AndReleasesTheProfile) {
  StartUnlocked();
  std::thread owner([this] {
    thread_.join();
    agent_.reset();
  });
  AgentClient client = Connect();
  EXPECT_TRUE(client.Stop(profile_).ok());
  owner.join();
  EXPECT_EQ(log_.closed, 1);
  EXPECT_TRUE(profile_.LockOwner().ok());
}

// The process of `enlace agent`, without the program around it.
struct ChildAgent {
  pid_t pid = -1;
  absl::StatusOr<json> answer = json::object();
};
ChildAgent ForkAgent(const Profile& profile, const std::string& line) {
  int secret[2];
  int ready[2];
  EXPECT_EQ(pipe(secret), 0);
  EXPECT_EQ(pipe(ready), 0);
  ChildAgent child;
  child.pid = fork();
  if (child.pid == 0) {
    close(secret[1]);
    close(ready[0]);
    static EngineLog log;
    const absl::Status ended =
        RunAgentProcess(profile, std::make_unique<RecordingEngine>(log), {secret[0], ready[1]});
    _exit(ended.ok() && log.opened == 1 && log.closed == 1 ? 0 : 1);
  }
  close(secret[0]);
  close(ready[1]);
  EXPECT_EQ(write(secret[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  close(secret[1]);
  std::string answer;
  char byte = 0;
  while (read(ready[0], &byte, 1) == 1 && byte != '\n') answer += byte;
  close(ready[0]);
  child.answer = DecodeAgentAnswer(answer);
  return child;
}

int ExitOf(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(AgentTest, Process_TakesItsSecretFromThePipe_AndEndsCleanlyOnSigterm) {
  for (const std::string& line : {"passphrase " + ToHex(AsBytes(kPhrase)) + "\n",
                                  "master-key " + ToHex(master_.view()) + "\n"}) {
    const ChildAgent child = ForkAgent(profile_, line);
    ASSERT_TRUE(child.answer.ok()) << child.answer.status();
    EXPECT_TRUE(*Connect().Unlocked());
    ASSERT_EQ(kill(child.pid, SIGTERM), 0);
    EXPECT_EQ(ExitOf(child.pid), 0);
    EXPECT_NE(access(profile_.socket_path().c_str(), F_OK), 0);
  }
}

TEST_F(AgentTest, ProcessWithAWrongSecret_SaysSo_AndLeavesNothing) {
  const ChildAgent child =
      ForkAgent(profile_, "passphrase " + ToHex(AsBytes("otra frase de paso")) + "\n");
  EXPECT_TRUE(HasReason(child.answer.status(), Reason::kPassphraseWrong)) << child.answer.status();
  EXPECT_EQ(ExitOf(child.pid), 1);
  EXPECT_NE(access(profile_.socket_path().c_str(), F_OK), 0);
  const ChildAgent nonsense = ForkAgent(profile_, "nonsense\n");
  EXPECT_FALSE(nonsense.answer.ok());
  EXPECT_EQ(ExitOf(nonsense.pid), 1);
}

TEST_F(AgentTest, KilledAgent_IsReplacedByTheNextOne) {
  const std::string line = "passphrase " + ToHex(AsBytes(kPhrase)) + "\n";
  const ChildAgent killed = ForkAgent(profile_, line);
  ASSERT_TRUE(killed.answer.ok());
  ASSERT_EQ(kill(killed.pid, SIGKILL), 0);
  waitpid(killed.pid, nullptr, 0);
  const auto client = AgentClient::Connect(profile_);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_FALSE(client->has_value()) << "a dead socket is no agent";
  StartUnlocked();
  EXPECT_TRUE(*Connect().Unlocked());
}

}  // namespace
}  // namespace enlace::client
