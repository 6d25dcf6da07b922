#include "server/config/config.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "crypto/primitives/status.h"
#include "server/config/toml.h"
#include "server/core/limits.h"
#include "server/listener/limits.h"

namespace enlace::server {
namespace {

constexpr int64_t kPortMax = 65535;
constexpr int64_t kConnectionsMax = 1'000'000;
constexpr int64_t kMinuteCallsMax = 1'000'000;
constexpr int64_t kSlowConsumerSecondsMax = 600;
constexpr int64_t kQuotaMibMax = int64_t{1} << 24;
constexpr uint64_t kMib = 1u << 20;

absl::Status WrongType(std::string_view wanted) {
  return InvalidArgument("must be " + std::string(wanted));
}

absl::Status SetText(const TomlValue& value, std::string& out) {
  const auto* text = std::get_if<std::string>(&value.value);
  if (text == nullptr) return WrongType("a string");
  out = *text;
  return absl::OkStatus();
}

absl::Status SetTexts(const TomlValue& value, std::vector<std::string>& out) {
  const auto* texts = std::get_if<std::vector<std::string>>(&value.value);
  if (texts == nullptr) return WrongType("an array of strings");
  out = *texts;
  return absl::OkStatus();
}

struct Range {
  int64_t lowest;
  int64_t highest;
};

absl::StatusOr<int64_t> NumberIn(const TomlValue& value, Range range) {
  const auto* number = std::get_if<int64_t>(&value.value);
  if (number == nullptr || *number < range.lowest || *number > range.highest) {
    return WrongType("a whole number from " + std::to_string(range.lowest) + " to " +
                     std::to_string(range.highest));
  }
  return *number;
}

template <typename Number>
absl::Status SetNumber(const TomlValue& value, Range range, Number& out) {
  ENLACE_ASSIGN_OR_RETURN(const int64_t number, NumberIn(value, range));
  out = static_cast<Number>(number);
  return absl::OkStatus();
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status SetHash(const TomlValue& value, std::optional<merkle::Hash>& out) {
  std::string text;
  ENLACE_RETURN_IF_ERROR(SetText(value, text));
  merkle::Hash hash{};
  if (text.size() != 2 * hash.size()) return WrongType("64 hexadecimal digits");
  for (size_t i = 0; i < hash.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return WrongType("64 hexadecimal digits");
    hash[i] = static_cast<uint8_t>(high * 16 + low);
  }
  out = hash;
  return absl::OkStatus();
}

absl::Status SetQuota(const TomlValue& value, uint64_t& bytes) {
  ENLACE_RETURN_IF_ERROR(SetNumber(value, {1, kQuotaMibMax}, bytes));
  bytes *= kMib;
  return absl::OkStatus();
}

absl::Status SetSlowConsumer(const TomlValue& value, int64_t& wait_ms) {
  ENLACE_RETURN_IF_ERROR(SetNumber(value, {1, kSlowConsumerSecondsMax}, wait_ms));
  wait_ms *= kSecondMs;
  return absl::OkStatus();
}

// The metrics page says who is connected and how much is sent: it stays on the machine.
absl::Status SetLoopback(const TomlValue& value, std::string& out) {
  ENLACE_RETURN_IF_ERROR(SetText(value, out));
  if (out.empty() || out.starts_with("127.") || out.starts_with("[::1]:")) return absl::OkStatus();
  return WrongType("a loopback address with port, as 127.0.0.1:9464");
}

absl::Status SetLogLevel(const TomlValue& value, std::string& out) {
  ENLACE_RETURN_IF_ERROR(SetText(value, out));
  for (const char* level : {"debug", "info", "warning", "error"}) {
    if (out == level) return absl::OkStatus();
  }
  return WrongType("debug, info, warning or error");
}

using Setter = std::function<absl::Status(const TomlValue&, Config&)>;

template <typename Number>
Setter Connections(Number LimitsConfig::*field) {
  return [field](const TomlValue& value, Config& config) {
    return SetNumber(value, {1, kConnectionsMax}, config.limits.*field);
  };
}

const std::map<std::string, Setter>& Setters() {
  static const std::map<std::string, Setter> setters{
      {"data_folder",
       [](const TomlValue& value, Config& config) {
         std::string text;
         ENLACE_RETURN_IF_ERROR(SetText(value, text));
         config.data_folder = text;
         return absl::OkStatus();
       }},
      {"public_name", [](const auto& value, auto& c) { return SetText(value, c.public_name); }},
      {"further_names",
       [](const auto& value, auto& c) { return SetTexts(value, c.further_names); }},
      {"charter_root", [](const auto& value, auto& c) { return SetHash(value, c.charter_root); }},
      {"listen.addresses",
       [](const auto& value, auto& c) { return SetTexts(value, c.listen.addresses); }},
      {"listen.port",
       [](const auto& value, auto& c) {
         return SetNumber(value, {0, kPortMax}, c.listen.port);
       }},
      {"listen.enrolment_port",
       [](const auto& value, auto& c) {
         return SetNumber(value, {0, kPortMax}, c.listen.enrolment_port);
       }},
      {"limits.connections", Connections(&LimitsConfig::connections)},
      {"limits.connections_per_address", Connections(&LimitsConfig::connections_per_address)},
      {"limits.enrolment_connections", Connections(&LimitsConfig::enrolment_connections)},
      {"limits.enrolment_connections_per_address",
       Connections(&LimitsConfig::enrolment_connections_per_address)},
      {"limits.enrolment_calls_per_minute",
       [](const auto& value, auto& c) {
         return SetNumber(value, {1, kMinuteCallsMax}, c.limits.enrolment_calls_per_minute);
       }},
      {"limits.office_quota_mib",
       [](const auto& value, auto& c) { return SetQuota(value, c.limits.office_quota_bytes); }},
      {"limits.slow_consumer_s",
       [](const auto& value, auto& c) {
         return SetSlowConsumer(value, c.limits.slow_consumer_ms);
       }},
      {"wake.program", [](const auto& value, auto& c) { return SetText(value, c.wake_program); }},
      {"metrics.address",
       [](const auto& value, auto& c) { return SetLoopback(value, c.metrics_address); }},
      {"log.level", [](const auto& value, auto& c) { return SetLogLevel(value, c.log_level); }},
  };
  return setters;
}

absl::Status AtLine(int line, const std::string& what) {
  return InvalidArgument("line " + std::to_string(line) + ": " + what);
}

absl::Status CheckWhole(const Config& config) {
  if (config.data_folder.empty() || !config.data_folder.is_absolute()) {
    return InvalidArgument("data_folder is missing or not an absolute path");
  }
  if (config.public_name.empty()) return InvalidArgument("public_name is missing");
  if (config.listen.addresses.empty()) return InvalidArgument("listen.addresses is empty");
  return absl::OkStatus();
}

}  // namespace

LimitsConfig::LimitsConfig()
    : connections(kConnectionsInAll),
      connections_per_address(kConnectionsPerAddress),
      enrolment_connections(kEnrolmentConnectionsInAll),
      enrolment_connections_per_address(kEnrolmentConnectionsPerAddress),
      office_quota_bytes(kOfficeQuotaBytesDefault) {}

absl::StatusOr<Config> ParseConfig(std::string_view text) {
  ENLACE_ASSIGN_OR_RETURN(const TomlDocument document, ParseToml(text));
  Config config;
  for (const auto& [key, value] : document) {
    const auto setter = Setters().find(key);
    if (setter == Setters().end()) return AtLine(value.line, "unknown key " + key);
    const absl::Status status = setter->second(value, config);
    if (!status.ok()) return AtLine(value.line, key + " " + std::string(MessageOf(status)));
  }
  ENLACE_RETURN_IF_ERROR(CheckWhole(config));
  return config;
}

absl::StatusOr<Config> ReadConfig(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const auto code =
        errno == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kPermissionDenied;
    return MakeStatus(code, path.string() + ": " + std::strerror(errno));
  }
  std::stringstream text;
  text << in.rdbuf();
  absl::StatusOr<Config> config = ParseConfig(text.str());
  if (config.ok()) return config;
  return MakeStatus(config.status().code(),
                    path.string() + ": " + std::string(MessageOf(config.status())));
}

}  // namespace enlace::server
