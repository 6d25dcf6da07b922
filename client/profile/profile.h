// A profile: where one enrolled person on this machine keeps configuration, vault, registry replica
// and socket.
//
// Paths follow the XDG base directory specification; a profile named "default" is used when none is
// given. Precedence of every setting: command-line flag, environment, the profile's config file,
// the system's /etc/enlace/config, built-in value. ENLACE_HOME, when set, replaces all three XDG
// bases at once (tests, demos). Folders are made on demand with mode 0700 and refused when they
// belong to somebody else or can be entered by others.
//
//   config   $XDG_CONFIG_HOME/<program>/<name>/config     or
//   $ENLACE_HOME/config/<program>/<name>/config data     $XDG_DATA_HOME/<program>/<name>/ vault.db,
//   registry.db, lock runtime  $XDG_RUNTIME_DIR/<program>/<name>/           agent.sock (below the
//   data folder where there is no runtime dir)
//
// Program is "enlace" or "enlace-admin": an administrator's CA never stands in an officer's vault.
// Thread safety: const objects may be shared. Ownership: values; ProfileLock owns its file
// descriptor.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace enlace::client {

inline constexpr size_t kProfileNameBytesMax = 32;
inline constexpr size_t kConfigBytesMax = 64 << 10;
inline constexpr std::string_view kDefaultProfile = "default";

// Reads one environment variable; nothing when it is unset or empty.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
// The environment of this process.
Environment ProcessEnvironment();

// Key/value pairs of a config file: lines `key = value`, `#` starts a comment; keys [a-z-]+.
// CONFIG_INVALID names the file and line of the first mistake.
using ConfigValues = std::map<std::string, std::string>;
absl::StatusOr<ConfigValues> ParseConfig(std::string_view text, std::string_view path);

// One owner at a time. Released when destroyed or when the process ends, however it ends.
class ProfileLock {
 public:
  // Takes the lock at `path` without waiting. VAULT_BUSY with the owner's process id when somebody
  // has it.
  static absl::StatusOr<ProfileLock> Acquire(const std::string& path);
  // Process id of the owner; nothing when nobody holds the lock.
  static absl::StatusOr<std::optional<int>> Owner(const std::string& path);

  ProfileLock(ProfileLock&& other) noexcept;
  ProfileLock& operator=(ProfileLock&& other) noexcept;
  ProfileLock(const ProfileLock&) = delete;
  ProfileLock& operator=(const ProfileLock&) = delete;
  ~ProfileLock();

 private:
  explicit ProfileLock(int fd) : fd_(fd) {}

  int fd_ = -1;
};

class Profile {
 public:
  struct Request {
    std::string program = "enlace";  // "enlace" or "enlace-admin".
    std::string name;                // Of --profile; empty asks ENLACE_PROFILE, then "default".
    Environment environment;         // Empty means ProcessEnvironment().
    std::string system_config = "/etc/enlace/config";
  };

  // Finds the profile's paths, makes the data and config folders and reads both config files. USAGE
  // for a bad name, FILE_UNREADABLE for a folder that others can enter or that can't be made,
  // CONFIG_INVALID.
  static absl::StatusOr<Profile> Open(const Request& request);

  const std::string& name() const { return name_; }
  const std::string& program() const { return program_; }
  const std::string& config_dir() const { return config_dir_; }
  const std::string& data_dir() const { return data_dir_; }
  const std::string& runtime_dir() const { return runtime_dir_; }

  std::string config_path() const { return config_dir_ + "/config"; }
  std::string vault_path() const { return data_dir_ + "/vault.db"; }
  std::string registry_path() const { return data_dir_ + "/registry.db"; }
  std::string lock_path() const { return data_dir_ + "/lock"; }
  std::string socket_path() const { return runtime_dir_ + "/agent.sock"; }

  // Makes the runtime folder. FILE_NOT_WRITABLE when that fails; USAGE when the socket's path would
  // exceed the 107 bytes that the kernel allows.
  absl::Status PrepareRuntimeDir() const;

  // A setting by flags > environment > profile > system: `flag` when not empty, then ENLACE_<KEY>
  // (dashes as underscores, capitals), then the profile's file, then the system's. Empty when
  // nobody says anything.
  std::string Setting(std::string_view key, std::string_view flag = {}) const;

  // Writes `values` into the profile's config file, keeping its other keys; atomic (temporary file,
  // fsync, rename).
  absl::Status SaveSettings(const ConfigValues& values);

  absl::StatusOr<ProfileLock> LockOwner() const { return ProfileLock::Acquire(lock_path()); }

 private:
  Profile() = default;

  std::string program_;
  std::string name_;
  std::string config_dir_;
  std::string data_dir_;
  std::string runtime_dir_;
  Environment environment_;
  ConfigValues profile_values_;
  ConfigValues system_values_;
};

}  // namespace enlace::client
