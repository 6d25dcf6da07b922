#include "tests/integration/support/live_server.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/identity/keys.h"
#include "tests/unit/storage/small_disk.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kStartTimeout{60};
constexpr seconds kStopTimeout{30};
constexpr milliseconds kPoll{20};

void Must(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "the test server can't be set up: %s\n", what);
  std::abort();
}

}  // namespace

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

LiveServer::LiveServer(const LiveServerOptions& options)
    : program_(options.program.empty() ? ENLACE_SERVER_PROGRAM : options.program) {
  static std::atomic<int> count{0};
  root_ = fs::temp_directory_path() /
          ("enlace-live-" + std::to_string(getpid()) + "-" + std::to_string(count++));
  fs::remove_all(root_);
  fs::create_directories(root_);
  if (options.disk_bytes > 0) MountDisk(options.disk_bytes);
  charter_root_ = ToHex(options.charter_root);
  configuration_ = options.configuration;
  WriteConfiguration();
  Must(Command({"init"}).exit.code == 0, "init");
  certificate_pem_ = ReadText(folder() / "keys" / "tls.crt");
  if (options.log_key == nullptr) return;
  const auto key = identity::PrivateKey::FromEd25519Seed(options.log_key->seed());
  Must(key.ok(), "log key");
  const std::string der = ToText(key->pkcs8().view());
  std::ofstream(folder() / "keys" / "log.p8", std::ios::binary) << der;
}

// The ports are the kernel's at the first start and the same ever after: clients keep their
// addresses.
void LiveServer::WriteConfiguration() const {
  std::ofstream(root_ / "server.toml")
      << "data_folder = \"" << folder().string() << "\"\npublic_name = \"localhost\"\n"
      << "charter_root = \"" << charter_root_ << "\"\n"
      << "[listen]\naddresses = [\"127.0.0.1\"]\nport = " << port_
      << "\nenrolment_port = " << enrolment_port_ << "\n"
      << configuration_;
}

LiveServer::~LiveServer() {
  process_.reset();
  std::error_code ignored;
  if (mounted_) UnmountSmallDisk(folder());
  fs::remove_all(root_, ignored);
}

void LiveServer::MountDisk(uint64_t disk_bytes) {
  fs::create_directories(folder());
  mounted_ = MountSmallDisk(folder(), disk_bytes);
}

std::vector<std::string> LiveServer::CommandLine(std::vector<std::string> arguments) const {
  std::vector<std::string> line = {program_};
  line.insert(line.end(), arguments.begin(), arguments.end());
  line.push_back("--config");
  line.push_back((root_ / "server.toml").string());
  return line;
}

RunResult LiveServer::Command(std::vector<std::string> arguments) const {
  const auto result =
      RunToEnd({.command = CommandLine(std::move(arguments)), .environment = {{"LC_ALL", "C"}}},
               kStartTimeout);
  Must(result.ok(), "a command of enlace-server");
  return *result;
}

bool LiveServer::Start(const LiveRun& run) {
  fs::remove(folder() / "ports.json");
  SubprocessOptions options;
  options.command = CommandLine({"run"});
  if (run.declare_loss) options.command.push_back("--declare-loss");
  options.environment = run.environment;
  if (!run.crash_point.empty()) options.environment["ENLACE_CRASH_POINT"] = run.crash_point;
  options.descriptors_max = run.descriptors_max;
  options.stderr_path = (root_ / "log").string();
  auto process = Subprocess::Start(options);
  Must(process.ok(), "the process");
  process_.emplace(*std::move(process));
  const auto end = std::chrono::steady_clock::now() + kStartTimeout;
  while (std::chrono::steady_clock::now() < end) {
    const auto ports = nlohmann::json::parse(ReadText(folder() / "ports.json"), nullptr, false);
    if (ports.is_object()) {
      port_ = ports["main"];
      enrolment_port_ = ports["enrolment"];
      WriteConfiguration();
      return true;
    }
    if (process_->Wait(kPoll)) break;
  }
  process_.reset();
  return false;
}

int LiveServer::Stop() {
  process_->Signal(SIGTERM);
  const auto exit = process_->Wait(kStopTimeout);
  process_.reset();
  return exit && !exit->signalled ? exit->code : -1;
}

void LiveServer::Kill() { process_.reset(); }

bool LiveServer::DiesOfItself(milliseconds timeout) {
  const auto exit = process_->Wait(timeout);
  process_.reset();
  return exit && exit->signalled && exit->code == SIGKILL;
}

std::string LiveServer::Log() const { return ReadText(root_ / "log"); }

}  // namespace enlace::testing
