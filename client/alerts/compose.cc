#include "client/alerts/compose.h"

#include <algorithm>

#include "client/texts/durations.h"

namespace enlace::alerts {
namespace {

using alert::v1::AlertType;
using alert::v1::CaseAlert;
using alert::v1::Priority;
using google::protobuf::Timestamp;

constexpr int64_t kReviewAfterMs = 90 * kDayMs;
constexpr int64_t kDeleteAfterMs = 3 * 365 * kDayMs;
constexpr uint32_t kSchemaVersion = 1;

void SetIfEmpty(std::string* field, const std::string& value) {
  if (field->empty()) *field = value;
}

Windows WindowsFor(const CaseAlert& alert, const FillInputs& inputs) {
  Windows windows = inputs.windows;
  const Windows defaults = DefaultWindows(alert.priority());
  if (windows.ack_ms == 0) windows.ack_ms = defaults.ack_ms;
  if (windows.response_ms == 0) windows.response_ms = defaults.response_ms;
  return windows;
}

void FillSender(alert::v1::Party& sender, const FillInputs& inputs) {
  SetIfEmpty(sender.mutable_office_id(), inputs.office_id);
  SetIfEmpty(sender.mutable_country(), inputs.country);
  SetIfEmpty(sender.mutable_unit(), inputs.unit);
  SetIfEmpty(sender.mutable_officer_id(), inputs.officer_id);
  SetIfEmpty(sender.mutable_duty_phone(), inputs.duty_phone);
}

void FillTimes(CaseAlert& alert, const FillInputs& inputs) {
  if (!alert.has_created_at()) *alert.mutable_created_at() = FromMs(inputs.now_ms);
  const int64_t created_ms = ToMs(alert.created_at());
  const Windows windows = WindowsFor(alert, inputs);
  if (!alert.has_ack_due_at()) *alert.mutable_ack_due_at() = FromMs(created_ms + windows.ack_ms);
  if (!alert.has_response_due_at()) {
    *alert.mutable_response_due_at() = FromMs(created_ms + windows.response_ms);
  }
  auto& handling = *alert.mutable_handling();
  const int64_t review_ms = inputs.review_after_ms == 0 ? kReviewAfterMs : inputs.review_after_ms;
  const int64_t delete_ms = inputs.delete_after_ms == 0 ? kDeleteAfterMs : inputs.delete_after_ms;
  if (!handling.has_delete_after())
    *handling.mutable_delete_after() = FromMs(created_ms + delete_ms);
  if (!handling.has_review_at()) {
    *handling.mutable_review_at() =
        FromMs(std::min(created_ms + review_ms, ToMs(handling.delete_after())));
  }
}

// A person without any name is pseudonymous (rule 2). In an update what is absent is unchanged, so
// nothing is filled in.
void FillPersons(CaseAlert& alert) {
  if (alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT) return;
  int index = 0;
  for (auto& person : *alert.mutable_persons()) {
    ++index;
    if (person.local_id().empty()) person.set_local_id("p" + std::to_string(index));
    const bool nameless = person.given_names().empty() && person.family_names().empty();
    const bool undocumented = person.documents().empty() && person.phones().empty();
    if (nameless && undocumented) person.set_pseudonym(true);
  }
}

}  // namespace

int64_t ToMs(const Timestamp& time) { return time.seconds() * 1000 + time.nanos() / 1'000'000; }

Timestamp FromMs(int64_t time_ms) {
  Timestamp time;
  int64_t millis = time_ms % 1000;
  if (millis < 0) millis += 1000;
  time.set_seconds((time_ms - millis) / 1000);
  time.set_nanos(static_cast<int32_t>(millis * 1'000'000));
  return time;
}

Windows DefaultWindows(Priority priority) {
  switch (priority) {
    case alert::v1::PRIORITY_URGENT:
      return {30 * kMinuteMs, 8 * kHourMs};
    case alert::v1::PRIORITY_HIGH:
      return {4 * kHourMs, 72 * kHourMs};
    default:
      return {24 * kHourMs, 7 * kDayMs};
  }
}

Priority DefaultPriority(AlertType type) {
  switch (type) {
    case alert::v1::ALERT_TYPE_DETAINED_NATIONAL:
    case alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD:
    case alert::v1::ALERT_TYPE_SEPARATED_CHILD:
    case alert::v1::ALERT_TYPE_LIFE_AT_RISK:
    case alert::v1::ALERT_TYPE_MASS_EVENT:
      return alert::v1::PRIORITY_URGENT;
    case alert::v1::ALERT_TYPE_DEATH_OR_REMAINS:
    case alert::v1::ALERT_TYPE_MISSING_MIGRANT:
    case alert::v1::ALERT_TYPE_TRAFFICKING_VICTIM:
    case alert::v1::ALERT_TYPE_SMUGGLING_INTELLIGENCE:
    case alert::v1::ALERT_TYPE_DOCUMENT_FRAUD:
    case alert::v1::ALERT_TYPE_STRANDED_MIGRANTS:
      return alert::v1::PRIORITY_HIGH;
    default:
      return alert::v1::PRIORITY_ROUTINE;
  }
}

void FillDefaults(CaseAlert& alert, const FillInputs& inputs) {
  if (alert.schema_version() == 0) alert.set_schema_version(kSchemaVersion);
  SetIfEmpty(alert.mutable_alert_id(), MakeUuidV7(inputs.now_ms, inputs.random));
  SetIfEmpty(alert.mutable_case_ref(), inputs.case_ref);
  SetIfEmpty(alert.mutable_language(), inputs.language);
  if (alert.message_type() == 0) alert.set_message_type(alert::v1::MESSAGE_TYPE_ALERT);
  if (alert.status() == 0) alert.set_status(alert::v1::STATUS_ACTUAL);
  if (alert.priority() == 0) alert.set_priority(DefaultPriority(alert.alert_type()));
  FillSender(*alert.mutable_sender(), inputs);
  FillTimes(alert, inputs);
  FillPersons(alert);
}

void Retime(CaseAlert& alert, const FillInputs& inputs) {
  const int64_t shift_ms = alert.has_created_at() ? inputs.now_ms - ToMs(alert.created_at()) : 0;
  const auto move = [shift_ms](Timestamp* time) { *time = FromMs(ToMs(*time) + shift_ms); };
  if (alert.has_ack_due_at()) move(alert.mutable_ack_due_at());
  if (alert.has_response_due_at()) move(alert.mutable_response_due_at());
  if (alert.handling().has_review_at()) move(alert.mutable_handling()->mutable_review_at());
  if (alert.handling().has_delete_after()) move(alert.mutable_handling()->mutable_delete_after());
  *alert.mutable_created_at() = FromMs(inputs.now_ms);
  alert.set_alert_id(MakeUuidV7(inputs.now_ms, inputs.random));
  if (!inputs.case_ref.empty()) alert.set_case_ref(inputs.case_ref);
  FillDefaults(alert, inputs);
}

std::string MakeUuidV7(int64_t now_ms, const std::array<uint8_t, 10>& random) {
  // RFC 9562, section 5.7: 48 bits of time, version, 12 random bits, variant, 62 random bits.
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(now_ms) >> (8 * (5 - i)));
  }
  std::ranges::copy(random, bytes.begin() + 6);
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x70);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 0x0f];
  }
  return text;
}

bool IsUuidV7(std::string_view text) {
  if (text.size() != 36 || text[14] != '7') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return std::string_view("89ab").find(text[19]) != std::string_view::npos;
}

}  // namespace enlace::alerts
