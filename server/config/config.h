// The server's configuration: one file, read once at the start.
//
// Promises that a Config that was read is whole: every key known, every value in its range; the
// first error names key and line. What each key means stands in the sample, deploy/server.toml.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"

namespace enlace::server {

inline constexpr std::string_view kConfigPathDefault = "/etc/enlace/server.toml";
inline constexpr uint16_t kPortDefault = 7443;
inline constexpr uint16_t kEnrolmentPortDefault = 7444;

struct ListenConfig {
  std::vector<std::string> addresses = {"::"};
  uint16_t port = kPortDefault;
  uint16_t enrolment_port = kEnrolmentPortDefault;
};

struct LimitsConfig {
  size_t connections;
  size_t connections_per_address;
  size_t enrolment_connections;
  size_t enrolment_connections_per_address;
  // Calls of one address on the enrolment listener.
  uint32_t enrolment_calls_per_minute = 600;
  uint64_t office_quota_bytes;
  // A stream that takes nothing for so long is ended.
  int64_t slow_consumer_ms = 60'000;

  LimitsConfig();
};

struct Config {
  std::filesystem::path data_folder;
  // What clients call the server, and further names in its certificate.
  std::string public_name;
  std::vector<std::string> further_names;
  // The only charter root that this server follows; absent until the operator has pinned it.
  std::optional<merkle::Hash> charter_root;
  ListenConfig listen;
  LimitsConfig limits;
  // Called with office and urgency; empty for none.
  std::string wake_program;
  // "127.0.0.1:9464"; empty for none.
  std::string metrics_address;
  std::string log_level = "info";
};

// INVALID_ARGUMENT "line 3: unknown key ...", from the text of a file.
absl::StatusOr<Config> ParseConfig(std::string_view text);
// The same from a file: NOT_FOUND or PERMISSION_DENIED when it can't be read; messages begin with
// the path.
absl::StatusOr<Config> ReadConfig(const std::filesystem::path& path);

}  // namespace enlace::server
