#include "tests/integration/support/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace enlace::testing {
namespace {

using Clock = std::chrono::steady_clock;

int MillisecondsUntil(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

// Everything between fork and exec: only what is safe after a fork of a process with threads.
[[noreturn]] void BecomeCommand(const SubprocessOptions& options, int output_fd, int error_fd,
                                char* const* arguments, char* const* environment) {
  dup2(output_fd, STDOUT_FILENO);
  if (error_fd >= 0) dup2(error_fd, STDERR_FILENO);
  if (options.descriptors_max > 0) {
    const rlimit limit{options.descriptors_max, options.descriptors_max};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  execve(arguments[0], arguments, environment);
  _exit(127);
}

std::vector<std::string> MergedEnvironment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) merged.emplace_back(*entry);
  for (const auto& [name, value] : extra) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<Subprocess> Subprocess::Start(const SubprocessOptions& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return absl::UnavailableError("pipe");
  int error_fd = -1;
  if (!options.stderr_path.empty()) {
    error_fd = open(options.stderr_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  std::vector<std::string> command = options.command;
  std::vector<std::string> environment = MergedEnvironment(options.environment);
  const std::vector<char*> arguments = PointersTo(command);
  const std::vector<char*> variables = PointersTo(environment);
  const pid_t pid = fork();
  if (pid == 0) BecomeCommand(options, ends[1], error_fd, arguments.data(), variables.data());
  close(ends[1]);
  if (error_fd >= 0) close(error_fd);
  if (pid < 0) return absl::UnavailableError("fork");
  return Subprocess(pid, ends[0]);
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      buffered_(std::move(other.buffered_)) {}

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_fd_, other.output_fd_);
  std::swap(buffered_, other.buffered_);
  return *this;
}

Subprocess::~Subprocess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_fd_ >= 0) close(output_fd_);
}

std::optional<std::string> Subprocess::ReadLine(std::chrono::milliseconds timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  while (true) {
    if (const size_t at = buffered_.find('\n'); at != std::string::npos) {
      std::string line = buffered_.substr(0, at);
      buffered_.erase(0, at + 1);
      return line;
    }
    pollfd ready{output_fd_, POLLIN, 0};
    if (poll(&ready, 1, MillisecondsUntil(end)) <= 0) return std::nullopt;
    std::array<char, 4096> chunk{};
    const ssize_t got = read(output_fd_, chunk.data(), chunk.size());
    if (got <= 0) return std::nullopt;
    buffered_.append(chunk.data(), static_cast<size_t>(got));
  }
}

void Subprocess::Signal(int number) const { kill(pid_, number); }

std::optional<ExitState> Subprocess::Wait(std::chrono::milliseconds timeout) {
  // glibc declares pidfd_open without C linkage for C++.
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd ready{process, POLLIN, 0};
  const int ended = poll(&ready, 1, static_cast<int>(timeout.count()));
  close(process);
  if (ended <= 0) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  pid_ = -1;
  if (WIFSIGNALED(status)) return ExitState{true, WTERMSIG(status)};
  return ExitState{false, WEXITSTATUS(status)};
}

std::string Subprocess::ReadRest() {
  std::string rest = std::move(buffered_);
  buffered_.clear();
  std::array<char, 4096> chunk{};
  for (ssize_t got = 1; got > 0;) {
    got = read(output_fd_, chunk.data(), chunk.size());
    if (got > 0) rest.append(chunk.data(), static_cast<size_t>(got));
  }
  return rest;
}

absl::StatusOr<RunResult> RunToEnd(const SubprocessOptions& options,
                                   std::chrono::milliseconds timeout) {
  absl::StatusOr<Subprocess> child = Subprocess::Start(options);
  if (!child.ok()) return child.status();
  const Clock::time_point end = Clock::now() + timeout;
  std::string output;
  while (const auto line = child->ReadLine(std::chrono::milliseconds(MillisecondsUntil(end)))) {
    output += *line + "\n";
  }
  const auto exit =
      child->Wait(std::chrono::milliseconds(MillisecondsUntil(end)) + std::chrono::seconds(1));
  if (!exit) return absl::DeadlineExceededError("the program did not end");
  return RunResult{*exit, output + child->ReadRest()};
}

}  // namespace enlace::testing
