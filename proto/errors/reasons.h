// The one table of public error reasons: code, texts in English and Spanish, hint.
//
// Promises that every error which an officer, an administrator or a peer can cause has a stable
// UPPER_SNAKE name, a canonical gRPC code and both languages. Texts hold {placeholders} that
// metadata of the same name fills.
//
// Thread safety: immutable. Source: STYLE "errors"; the wire form is google.rpc.ErrorInfo with
// domain "enlace".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace enlace {

inline constexpr std::string_view kErrorDomain = "enlace";

#define ENLACE_REASON(id, name, code, en, es, hint_en, hint_es) id,
enum class Reason : uint16_t {
#include "proto/errors/reasons_alert.inc"
#include "proto/errors/reasons_client.inc"
#include "proto/errors/reasons_wire.inc"
};
#undef ENLACE_REASON

enum class ErrorLanguage { kEnglish, kSpanish };

// A row of the table.
struct ReasonRow {
  Reason reason;
  std::string_view name;
  absl::StatusCode code;
  std::string_view text_en;
  std::string_view text_es;
  std::string_view hint_en;
  std::string_view hint_es;
};

// Named values of one error: limits, ids, counts. Never a secret or a person's name.
using ErrorMetadata = std::map<std::string, std::string>;

// A value that reads otherwise in Spanish stands a second time, under its name with this suffix.
inline constexpr std::string_view kSpanishSuffix = ".es";

// The whole table, in the order of the enum.
std::span<const ReasonRow> ReasonTable();
const ReasonRow& RowOf(Reason reason);
// The reason of that name; nothing for one from a newer version.
std::optional<Reason> ReasonByName(std::string_view name);

// A status with the reason's code and English text, carrying reason and metadata.
[[nodiscard]] absl::Status MakeError(Reason reason, const ErrorMetadata& metadata = {});
// The same with a delay after which a retry makes sense.
[[nodiscard]] absl::Status MakeRetryableError(Reason reason, int64_t retry_after_ms,
                                              const ErrorMetadata& metadata = {});

// MALFORMED_REQUEST about the part of a request that `what` names.
[[nodiscard]] absl::Status Malformed(std::string_view what);

// What an error says of itself. `name` is empty for a status that was made without a reason.
struct ErrorInfo {
  std::string name;
  ErrorMetadata metadata;
  std::optional<int64_t> retry_after_ms;
};
ErrorInfo InfoOf(const absl::Status& status);
// Attaches `info` to a status that was rebuilt from the wire.
void AttachInfo(const ErrorInfo& info, absl::Status& status);
// True when `status` carries exactly this reason.
bool HasReason(const absl::Status& status, Reason reason);

// Text and hint with the placeholders filled; a status without a known reason gives its own message
// and no hint.
std::string ErrorText(const absl::Status& status, ErrorLanguage language);
std::string ErrorHint(const absl::Status& status, ErrorLanguage language);

}  // namespace enlace
