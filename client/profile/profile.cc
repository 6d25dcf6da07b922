#include "client/profile/profile.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "client/profile/config_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

struct Bases {
  std::string config;
  std::string data;
  std::string runtime;
};

absl::Status Usage(std::string what) {
  return MakeError(Reason::kUsage, {{"what", std::move(what)}, {"program", "enlace"}});
}

// Lower-case letters, digits and dashes: it becomes a folder and is shown as it is.
bool IsProfileName(std::string_view name) {
  return !name.empty() && name.size() <= kProfileNameBytesMax && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// XDG base directory specification: a relative path in one of the variables is ignored.
std::string AbsoluteOr(const std::optional<std::string>& value, const std::string& otherwise) {
  return value.has_value() && value->starts_with("/") ? *value : otherwise;
}

absl::StatusOr<Bases> BasesOf(const Environment& environment) {
  if (const auto home = environment("ENLACE_HOME"); home.has_value()) {
    if (!home->starts_with("/")) return Usage("ENLACE_HOME=" + *home + ": /…");
    return Bases{*home + "/config", *home + "/data", *home + "/run"};
  }
  const std::string home = environment("HOME").value_or("");
  const auto runtime = environment("XDG_RUNTIME_DIR");
  Bases bases;
  bases.config = AbsoluteOr(environment("XDG_CONFIG_HOME"), home + "/.config");
  bases.data = AbsoluteOr(environment("XDG_DATA_HOME"), home + "/.local/share");
  bases.runtime = AbsoluteOr(runtime, "");
  if (!bases.config.starts_with("/") || !bases.data.starts_with("/")) return Usage("HOME: /…");
  return bases;
}

absl::Status MakeFolders(const std::string& path, size_t from) {
  for (size_t slash = path.find('/', from + 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return MakeError(Reason::kFileNotWritable, {{"path", part}, {"what", std::strerror(errno)}});
    }
    if (slash == std::string::npos) return absl::OkStatus();
  }
}

// Makes `path` with all its parents; the last one has to be ours alone.
absl::Status MakePrivateFolder(const std::string& path) {
  ENLACE_RETURN_IF_ERROR(MakeFolders(path, 0));
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(ENOTDIR)}});
  }
  if (info.st_uid != geteuid() || (info.st_mode & 077) != 0) {
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", "0700"}});
  }
  return absl::OkStatus();
}

std::string VariableOf(std::string_view key) {
  std::string name = "ENLACE_";
  for (const char c : key) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

absl::StatusOr<Profile> Profile::Open(const Request& request) {
  Profile profile;
  profile.program_ = request.program;
  profile.environment_ = request.environment ? request.environment : ProcessEnvironment();
  profile.name_ = request.name;
  if (profile.name_.empty()) {
    profile.name_ = profile.environment_("ENLACE_PROFILE").value_or(std::string(kDefaultProfile));
  }
  if (!IsProfileName(profile.name_)) return Usage("--profile " + profile.name_ + ": [a-z0-9-]+");
  ENLACE_ASSIGN_OR_RETURN(const Bases bases, BasesOf(profile.environment_));
  const std::string tail = "/" + profile.program_ + "/" + profile.name_;
  profile.config_dir_ = bases.config + tail;
  profile.data_dir_ = bases.data + tail;
  profile.runtime_dir_ = bases.runtime.empty() ? profile.data_dir_ + "/run" : bases.runtime + tail;
  ENLACE_RETURN_IF_ERROR(MakePrivateFolder(profile.config_dir_));
  ENLACE_RETURN_IF_ERROR(MakePrivateFolder(profile.data_dir_));
  ENLACE_ASSIGN_OR_RETURN(profile.profile_values_, ReadConfigFile(profile.config_path()));
  ENLACE_ASSIGN_OR_RETURN(profile.system_values_, ReadConfigFile(request.system_config));
  return profile;
}

absl::Status Profile::PrepareRuntimeDir() const {
  if (socket_path().size() >= sizeof(sockaddr_un{}.sun_path)) {
    return Usage(socket_path() + ": > " + std::to_string(sizeof(sockaddr_un{}.sun_path) - 1));
  }
  return MakePrivateFolder(runtime_dir_);
}

std::string Profile::Setting(std::string_view key, std::string_view flag) const {
  if (!flag.empty()) return std::string(flag);
  if (auto value = environment_(VariableOf(key)); value.has_value()) return *value;
  for (const ConfigValues* values : {&profile_values_, &system_values_}) {
    if (const auto it = values->find(std::string(key)); it != values->end()) return it->second;
  }
  return {};
}

absl::Status Profile::SaveSettings(const ConfigValues& values) {
  ConfigValues all = profile_values_;
  for (const auto& [key, value] : values) all[key] = value;
  ENLACE_RETURN_IF_ERROR(WriteConfigFile(config_path(), all));
  profile_values_ = std::move(all);
  return absl::OkStatus();
}

}  // namespace enlace::client
