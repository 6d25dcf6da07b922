#include "proto/errors/reasons.h"

#include <charconv>
#include <cstdlib>
#include <iterator>

#include "absl/strings/cord.h"

namespace enlace {
namespace {

constexpr char kPayloadUrl[] = "enlace/ErrorInfo";
constexpr std::string_view kRetryKey = "\x01retry_after_ms";

#define ENLACE_REASON(id, name, code, en, es, hint_en, hint_es) \
  {Reason::id, name, absl::StatusCode::code, en, es, hint_en, hint_es},
constexpr ReasonRow kTable[] = {
#include "proto/errors/reasons_alert.inc"
#include "proto/errors/reasons_client.inc"
#include "proto/errors/reasons_wire.inc"
};
#undef ENLACE_REASON

// Fields separated by a zero byte: name, then key and value by turns.
std::string EncodeInfo(const ErrorInfo& info) {
  std::string out = info.name;
  const auto add = [&out](std::string_view key, std::string_view value) {
    out.push_back('\0');
    out.append(key);
    out.push_back('\0');
    out.append(value);
  };
  for (const auto& [key, value] : info.metadata) add(key, value);
  if (info.retry_after_ms) add(kRetryKey, std::to_string(*info.retry_after_ms));
  return out;
}

std::string_view NextField(std::string_view& rest) {
  const size_t end = rest.find('\0');
  const std::string_view field = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return field;
}

ErrorInfo DecodeInfo(std::string_view raw) {
  ErrorInfo info;
  info.name = std::string(NextField(raw));
  while (!raw.empty()) {
    const std::string key(NextField(raw));
    const std::string value(NextField(raw));
    if (key != kRetryKey) {
      info.metadata[key] = value;
      continue;
    }
    int64_t delay_ms = 0;
    std::from_chars(value.data(), value.data() + value.size(), delay_ms);
    info.retry_after_ms = delay_ms;
  }
  return info;
}

// The value of a placeholder: its own form in the language (kSpanishSuffix) before the common one.
std::string_view ValueOf(const std::string& name, const ErrorMetadata& metadata, bool spanish) {
  auto found = spanish ? metadata.find(name + std::string(kSpanishSuffix)) : metadata.end();
  if (found == metadata.end()) found = metadata.find(name);
  return found == metadata.end() ? std::string_view("?") : std::string_view(found->second);
}

std::string Fill(std::string_view text, const ErrorMetadata& metadata, bool spanish = false) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('{');
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) return out.append(text.substr(open));
    out.append(ValueOf(std::string(text.substr(open + 1, close - open - 1)), metadata, spanish));
    text = text.substr(close + 1);
  }
  return out;
}

absl::Status Make(const ErrorInfo& info, const ReasonRow& row) {
  absl::Status status(row.code, Fill(row.text_en, info.metadata));
  AttachInfo(info, status);
  return status;
}

}  // namespace

std::span<const ReasonRow> ReasonTable() { return kTable; }

const ReasonRow& RowOf(Reason reason) {
  const auto index = static_cast<size_t>(reason);
  if (index >= std::size(kTable)) std::abort();
  return kTable[index];
}

std::optional<Reason> ReasonByName(std::string_view name) {
  for (const ReasonRow& row : kTable) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

absl::Status MakeError(Reason reason, const ErrorMetadata& metadata) {
  const ReasonRow& row = RowOf(reason);
  return Make({std::string(row.name), metadata, std::nullopt}, row);
}

absl::Status MakeRetryableError(Reason reason, int64_t retry_after_ms,
                                const ErrorMetadata& metadata) {
  const ReasonRow& row = RowOf(reason);
  return Make({std::string(row.name), metadata, retry_after_ms}, row);
}

absl::Status Malformed(std::string_view what) {
  return MakeError(Reason::kMalformedRequest, {{"what", std::string(what)}});
}

ErrorInfo InfoOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  return payload ? DecodeInfo(std::string(*payload)) : ErrorInfo{};
}

void AttachInfo(const ErrorInfo& info, absl::Status& status) {
  status.SetPayload(kPayloadUrl, absl::Cord(EncodeInfo(info)));
}

bool HasReason(const absl::Status& status, Reason reason) {
  return !status.ok() && InfoOf(status).name == RowOf(reason).name;
}

std::string ErrorText(const absl::Status& status, ErrorLanguage language) {
  const ErrorInfo info = InfoOf(status);
  const auto reason = ReasonByName(info.name);
  if (!reason) return std::string(status.message());
  const ReasonRow& row = RowOf(*reason);
  const bool spanish = language == ErrorLanguage::kSpanish;
  return Fill(spanish ? row.text_es : row.text_en, info.metadata, spanish);
}

std::string ErrorHint(const absl::Status& status, ErrorLanguage language) {
  const ErrorInfo info = InfoOf(status);
  const auto reason = ReasonByName(info.name);
  if (!reason) return "";
  const ReasonRow& row = RowOf(*reason);
  const bool spanish = language == ErrorLanguage::kSpanish;
  return Fill(spanish ? row.hint_es : row.hint_en, info.metadata, spanish);
}

}  // namespace enlace
