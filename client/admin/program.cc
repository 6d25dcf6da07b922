#include "client/admin/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr std::streamoff kLastWordsBytes = 2000;

std::string LastWords(const std::string& log) {
  std::ifstream in(log, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  in.seekg(size > kLastWordsBytes ? size - kLastWordsBytes : 0);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentOf(const ProgramRun& run) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!run.environment.contains(text.substr(0, text.find('=')))) out.push_back(text);
  }
  for (const auto& [name, value] : run.environment)
    out.emplace_back(name).append("=").append(value);
  return out;
}

absl::StatusOr<pid_t> Spawn(const ProgramRun& run, short flags) {
  std::vector<std::string> arguments = {run.program};
  arguments.insert(arguments.end(), run.arguments.begin(), run.arguments.end());
  std::vector<std::string> environment = EnvironmentOf(run);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, run.log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, flags);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, run.program.c_str(), &actions, &attributes,
                                Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return MakeError(Reason::kFileUnreadable,
                     {{"path", run.program}, {"what", std::strerror(error)}});
  return pid;
}

}  // namespace

absl::Status RunProgram(const ProgramRun& run) {
  ENLACE_ASSIGN_OR_RETURN(const pid_t pid, Spawn(run, 0));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  const std::string name = std::filesystem::path(run.program).filename();
  return FailedPrecondition(name + (run.arguments.empty() ? "" : " " + run.arguments.front()) +
                            ":\n" + LastWords(run.log));
}

absl::StatusOr<int> StartProgram(const ProgramRun& run) {
  ENLACE_ASSIGN_OR_RETURN(const pid_t pid, Spawn(run, POSIX_SPAWN_SETSID));
  return static_cast<int>(pid);
}

absl::StatusOr<std::string> SiblingProgram(std::string_view name) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path sibling = self.parent_path() / name;
  if (error || !std::filesystem::exists(sibling))
    return MakeError(Reason::kFileNotFound, {{"path", sibling.string()}});
  return sibling.string();
}

}  // namespace enlace::client::admin
