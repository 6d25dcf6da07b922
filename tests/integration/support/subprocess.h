// A child process of a test: its output as text, its end, its signals.
//
// Promises that the child is gone when the object is. Thread safety: one thread. Ownership: owns
// the process and its pipe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace enlace::testing {

struct SubprocessOptions {
  std::vector<std::string> command = {};
  std::map<std::string, std::string> environment = {};  // beside the test's own
  // RLIMIT_NOFILE of the child; 0 leaves it.
  uint64_t descriptors_max = 0;
  // Where standard error goes; empty leaves it with the test's.
  std::string stderr_path = {};
};

struct ExitState {
  bool signalled = false;
  // Exit code, or number of the signal.
  int code = 0;
};

class Subprocess {
 public:
  static absl::StatusOr<Subprocess> Start(const SubprocessOptions& options);
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&& other) noexcept;
  // Kills it.
  ~Subprocess();

  pid_t pid() const { return pid_; }
  // The next line of standard output, without its end; nothing at its end or after `timeout`.
  std::optional<std::string> ReadLine(std::chrono::milliseconds timeout);
  void Signal(int number) const;
  // Waits for the end; nothing when it still runs after `timeout`.
  std::optional<ExitState> Wait(std::chrono::milliseconds timeout);
  // What it wrote to standard output that was not read by line.
  std::string ReadRest();

 private:
  Subprocess(pid_t pid, int output_fd) : pid_(pid), output_fd_(output_fd) {}

  pid_t pid_ = -1;
  int output_fd_ = -1;
  std::string buffered_;
};

// Runs to the end and gives the exit code and all of standard output; killed after `timeout`.
struct RunResult {
  ExitState exit;
  std::string output;
};
absl::StatusOr<RunResult> RunToEnd(const SubprocessOptions& options,
                                   std::chrono::milliseconds timeout);

}  // namespace enlace::testing
