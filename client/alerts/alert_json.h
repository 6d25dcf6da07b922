// JSON of alerts: the files that officers write and national systems exchange.
//
// Protobuf JSON with the names of alert.proto (snake_case). Comments (// and /* */) are allowed, so
// that templates can explain themselves. Everything wrong is reported at once with its path: syntax
// with line and column, a field that does not exist (with the nearest that does), a code that does
// not exist, a wrong kind of value, a time without offset. Numbers of enums that this version does
// not know are kept. A field that the JSON names twice is an error.
//
// Limits: kAlertJsonSizeBytesMax, kAlertJsonDepthMax. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/alerts/violation.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

inline constexpr size_t kAlertJsonSizeBytesMax = 256 * 1024;
inline constexpr int kAlertJsonDepthMax = 16;

struct ParsedAlert {
  // Absent when the text is no JSON object or breaks a limit; else everything that could be read.
  std::optional<alert::v1::CaseAlert> alert;
  // What is wrong with the text. What is wrong with the alert: validation.h.
  Violations violations;
};

ParsedAlert ParseAlertJson(std::string_view json);

// Indented, in the order of the model; unknown enum numbers as numbers. INTERNAL when a string is
// not UTF-8.
absl::StatusOr<std::string> AlertToJson(const alert::v1::CaseAlert& alert);
absl::StatusOr<std::string> ActionToJson(const alert::v1::CaseAction& action);

// Milliseconds since 1970 of an RFC 3339 time with offset; nothing for anything else (also for one
// without offset).
std::optional<int64_t> ParseRfc3339(std::string_view text);

}  // namespace enlace::alerts
