#include "server/app/wake_hook.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "server/app/log.h"

namespace enlace::server {
namespace {

constexpr char kPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Signals as a fresh program expects them: the server blocks those that it waits for.
void ClearSignals(posix_spawnattr_t* attributes) {
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(attributes, &none);
  posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

}  // namespace

std::string UrgencyWord(v1::Urgency urgency) {
  switch (urgency) {
    case v1::URGENCY_URGENT:
      return "urgent";
    case v1::URGENCY_HIGH:
      return "high";
    default:
      return "routine";
  }
}

WakeHook::~WakeHook() {
  for (const Running& program : running_) {
    kill(-program.pid, SIGKILL);
    waitpid(program.pid, nullptr, 0);
  }
}

void WakeHook::Queue(std::vector<WakeCall> calls) {
  if (program_.empty()) return;
  for (WakeCall& call : calls) {
    if (queue_.size() >= kWakeCallsQueuedMax) {
      LogWarning("wake: too many calls wait; the rest is dropped and comes again in an hour");
      return;
    }
    queue_.push_back(std::move(call));
  }
}

void WakeHook::Work() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(running_, [now](const Running& program) {
    int status = 0;
    if (waitpid(program.pid, &status, WNOHANG) != 0) {
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) LogWarning("wake: the program failed");
      return true;
    }
    if (now - program.started >= kWakeProgramTimeout) kill(-program.pid, SIGKILL);
    return false;
  });
  while (!queue_.empty() && running_.size() < kWakeProgramsMax) {
    StartOne(queue_.front());
    queue_.pop_front();
  }
}

void WakeHook::StartOne(const WakeCall& call) {
  std::string program = program_;
  std::string office = call.office_id;
  std::string urgency = UrgencyWord(call.urgency);
  char* const arguments[] = {program.data(), office.data(), urgency.data(), nullptr};
  std::string path = kPath;
  char* const environment[] = {path.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  ClearSignals(&attributes);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, program_.c_str(), &files, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    LogError("wake: the program can't be started: " + std::string(std::strerror(error)));
    return;
  }
  running_.push_back({pid, std::chrono::steady_clock::now()});
}

}  // namespace enlace::server
