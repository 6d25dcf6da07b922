// A real enlace-server process on loopback with a data folder of its own.
//
// Thread safety: one thread. Ownership: owns the process and the folder, both gone with it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/merkle/hash.h"
#include "crypto/primitives/ed25519.h"
#include "tests/integration/support/subprocess.h"

namespace enlace::testing {

struct LiveServerOptions {
  merkle::Hash charter_root{};
  // Takes the place of the log key that init made.
  const crypto::SigningKey* log_key = nullptr;
  // Further lines of the configuration, as "[limits]\nslow_consumer_s = 1\n".
  std::string configuration = {};
  // Another build of the server; empty takes the one of this build.
  std::string program = {};
  // Gives the data folder a disk of its own of this size, where the machine allows to mount one.
  uint64_t disk_bytes = 0;
};

struct LiveRun {
  std::string crash_point = {};
  uint64_t descriptors_max = 0;
  bool declare_loss = false;
  std::map<std::string, std::string> environment = {};
};

class LiveServer {
 public:
  // Makes folder, configuration and keys; runs nothing yet.
  explicit LiveServer(const LiveServerOptions& options);
  ~LiveServer();

  // Starts and waits until it serves. False when it ended instead.
  bool Start(const LiveRun& run = {});
  // Ends it by SIGTERM and gives the exit code; -1 when it was killed or hangs.
  int Stop();
  void Kill();
  // Waits for an end that the server brings upon itself: true when it died of SIGKILL.
  bool DiesOfItself(std::chrono::milliseconds timeout);

  // Of the running process.
  int port() const { return port_; }
  int enrolment_port() const { return enrolment_port_; }
  const std::string& certificate_pem() const { return certificate_pem_; }
  std::filesystem::path folder() const { return root_ / "data"; }
  std::filesystem::path root() const { return root_; }
  // True when the data folder has the disk that was asked for.
  bool has_own_disk() const { return mounted_; }
  pid_t pid() const { return process_->pid(); }
  // Runs another command of enlace-server on the same configuration.
  RunResult Command(std::vector<std::string> arguments) const;
  // What it wrote to standard error so far.
  std::string Log() const;

 private:
  void WriteConfiguration() const;
  std::vector<std::string> CommandLine(std::vector<std::string> arguments) const;

  void MountDisk(uint64_t disk_bytes);

  std::filesystem::path root_;
  std::string program_;
  bool mounted_ = false;
  std::string charter_root_;
  std::string configuration_;
  std::string certificate_pem_;
  std::optional<Subprocess> process_;
  int port_ = 0;
  int enrolment_port_ = 0;
};

std::string ReadText(const std::filesystem::path& path);

}  // namespace enlace::testing
