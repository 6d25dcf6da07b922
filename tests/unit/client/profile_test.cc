#include "client/profile/profile.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "proto/errors/reasons.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using testing::TempFolder;

Environment EnvironmentOf(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto it = values.find(name);
    if (it == values.end()) return std::nullopt;
    return it->second;
  };
}

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

Profile::Request RequestIn(const TempFolder& folder) {
  Profile::Request request;
  request.environment = EnvironmentOf({{"ENLACE_HOME", folder.path()}});
  request.system_config = folder.File("system-config");
  return request;
}

TEST(Profile, EnlaceHome_ReplacesEveryBase) {
  const TempFolder folder;
  auto request = RequestIn(folder);
  request.name = "hn";
  const auto profile = Profile::Open(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->config_dir(), folder.File("config/enlace/hn"));
  EXPECT_EQ(profile->vault_path(), folder.File("data/enlace/hn/vault.db"));
  EXPECT_EQ(profile->socket_path(), folder.File("run/enlace/hn/agent.sock"));
  ASSERT_TRUE(profile->PrepareRuntimeDir().ok());
  for (const auto& dir : {profile->config_dir(), profile->data_dir(), profile->runtime_dir()}) {
    EXPECT_EQ(ModeOf(dir), 0700u) << dir;
  }
}

TEST(Profile, XdgVariables_AreUsed_AndRelativeOnesIgnored) {
  const TempFolder folder;
  Profile::Request request;
  request.system_config = folder.File("none");
  request.environment = EnvironmentOf({{"HOME", folder.path()},
                                       {"XDG_DATA_HOME", folder.File("d")},
                                       {"XDG_CONFIG_HOME", "relative"}});
  const auto profile = Profile::Open(request);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->data_dir(), folder.File("d/enlace/default"));
  EXPECT_EQ(profile->config_dir(), folder.File(".config/enlace/default"));
  EXPECT_EQ(profile->runtime_dir(), folder.File("d/enlace/default/run"));
}

TEST(Profile, FolderThatOthersCanEnter_IsRefused) {
  const TempFolder folder;
  ASSERT_TRUE(Profile::Open(RequestIn(folder)).ok());
  ASSERT_EQ(chmod(folder.File("data/enlace/default").c_str(), 0755), 0);
  EXPECT_TRUE(HasReason(Profile::Open(RequestIn(folder)).status(), Reason::kFileUnreadable));
}

TEST(Profile, BadName_IsUsage) {
  const TempFolder folder;
  for (const char* name : {"../x", "A", "a b", "-a", "123456789012345678901234567890123"}) {
    auto request = RequestIn(folder);
    request.name = name;
    EXPECT_TRUE(HasReason(Profile::Open(request).status(), Reason::kUsage)) << name;
  }
}

TEST(Profile, Settings_FlagThenEnvironmentThenProfileThenSystem) {
  const TempFolder folder;
  std::ofstream(folder.File("system-config")) << "time-zone = system\nserver = system\n# x\n";
  auto opened = Profile::Open(RequestIn(folder));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Setting("server"), "system");
  ASSERT_TRUE(opened->SaveSettings({{"server", "profile"}}).ok());
  EXPECT_EQ(ModeOf(opened->config_path()), 0600u);
  auto request = RequestIn(folder);
  request.environment =
      EnvironmentOf({{"ENLACE_HOME", folder.path()}, {"ENLACE_TIME_ZONE", "environment"}});
  const auto profile = Profile::Open(request);
  ASSERT_TRUE(profile.ok());
  EXPECT_EQ(profile->Setting("server"), "profile");
  EXPECT_EQ(profile->Setting("server", "flag"), "flag");
  EXPECT_EQ(profile->Setting("time-zone"), "environment");
  EXPECT_EQ(profile->Setting("unknown"), "");
}

TEST(Profile, BrokenConfig_NamesFileAndLine) {
  const TempFolder folder;
  std::ofstream(folder.File("system-config")) << "a = b\n\nnonsense\n";
  const auto profile = Profile::Open(RequestIn(folder));
  ASSERT_TRUE(HasReason(profile.status(), Reason::kConfigInvalid));
  EXPECT_EQ(InfoOf(profile.status()).metadata["path"], folder.File("system-config") + ":3");
  EXPECT_FALSE(ParseConfig("a = 1\na = 2\n", "x").ok());
  EXPECT_FALSE(ParseConfig("A = 1\n", "x").ok());
}

TEST(Profile, SocketPathTooLongForTheKernel_IsUsage) {
  const TempFolder folder;
  auto request = RequestIn(folder);
  request.environment = EnvironmentOf({{"ENLACE_HOME", folder.File(std::string(90, 'x'))}});
  const auto profile = Profile::Open(request);
  ASSERT_TRUE(profile.ok());
  EXPECT_TRUE(HasReason(profile->PrepareRuntimeDir(), Reason::kUsage));
}

TEST(ProfileLock, SecondOwner_IsToldWhoHasIt) {
  const TempFolder folder;
  const std::string path = folder.File("lock");
  EXPECT_EQ(*ProfileLock::Owner(path), std::nullopt);
  auto lock = ProfileLock::Acquire(path);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(*ProfileLock::Owner(path), getpid());
  const auto second = ProfileLock::Acquire(path);
  ASSERT_TRUE(HasReason(second.status(), Reason::kVaultBusy));
  EXPECT_EQ(InfoOf(second.status()).metadata["pid"], std::to_string(getpid()));
  { const ProfileLock released = std::move(*lock); }
  EXPECT_EQ(*ProfileLock::Owner(path), std::nullopt);
  EXPECT_TRUE(ProfileLock::Acquire(path).ok());
}

TEST(ProfileLock, KilledOwner_LeavesNoLock) {
  const TempFolder folder;
  const std::string path = folder.File("lock");
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = ProfileLock::Acquire(path);
    const char mark = lock.ok() ? '1' : '0';
    if (write(ready[1], &mark, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char mark = 0;
  ASSERT_EQ(read(ready[0], &mark, 1), 1);
  ASSERT_EQ(mark, '1');
  EXPECT_EQ(*ProfileLock::Owner(path), child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(ProfileLock::Acquire(path).ok());
}

}  // namespace
}  // namespace enlace::client
