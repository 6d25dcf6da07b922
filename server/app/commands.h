// The commands of enlace-server. Each gives the exit code: 0 done, 1 failed, 3 no server answers, 5
// the data does not verify.
//
// Data goes to standard output, talk and errors to standard error, in English or Spanish by the
// locale.
//
// Thread safety: the main thread.
#pragma once

#include <filesystem>
#include <string>

namespace enlace::server {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoServer = 3;
inline constexpr int kExitNotVerified = 5;

struct CommandOptions {
  std::filesystem::path config;
  // backup, restore, verify: the folder named on the command line.
  std::filesystem::path folder;
  // run: where to write the ports besides the data folder.
  std::filesystem::path ports_file;
  bool declare_loss = false;
  bool json = false;
};

int InitCommand(const CommandOptions& options);
int RunCommand(const CommandOptions& options);
int CheckCommand(const CommandOptions& options);
int StatusCommand(const CommandOptions& options);
int BackupCommand(const CommandOptions& options);
int RestoreCommand(const CommandOptions& options);
int CompactCommand(const CommandOptions& options);
int VerifyCommand(const CommandOptions& options);

}  // namespace enlace::server
