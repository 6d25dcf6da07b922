#include "client/alerts/report.h"

#include <algorithm>
#include <utility>

namespace enlace::alerts {
namespace {

std::string Fill(std::string_view pattern, Values values, std::string Phrase::*language) {
  std::string out;
  while (!pattern.empty()) {
    const size_t open = std::min(pattern.find('{'), pattern.size());
    const size_t close = pattern.find('}', open);
    out += pattern.substr(0, open);
    if (close == std::string_view::npos) return out.append(pattern.substr(open));
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    const auto* value = std::ranges::find(values, name, &Value::name);
    out += value == values.end() ? std::string(pattern.substr(open, close - open + 1))
                                 : value->phrase.*language;
    pattern.remove_prefix(close + 1);
  }
  return out;
}

// Reasons of a value that was written and could not be read.
constexpr std::string_view kUnreadable[] = {"FIELD_TYPE", "TIMESTAMP_NO_OFFSET",
                                            "TIMESTAMP_INVALID", "UNKNOWN_ENUM"};

// True when `violation` stands at or below a field that `cause` says could not be read: what is
// missing there is only missing because of it.
bool FollowsFrom(const Violation& violation, const Violation& cause) {
  const bool unreadable = std::ranges::find(kUnreadable, cause.reason) != std::end(kUnreadable);
  if (!unreadable || cause.severity != Severity::kError || cause.field.empty()) return false;
  if (cause.reason == violation.reason || !violation.field.starts_with(cause.field)) return false;
  const std::string_view rest = std::string_view(violation.field).substr(cause.field.size());
  return rest.empty() || rest.front() == '.' || rest.front() == '[';
}

}  // namespace

Violation MakeViolation(Reason reason, Severity severity, std::string_view field, Values values) {
  const ReasonRow& row = RowOf(reason);
  Violation violation;
  violation.field = field;
  violation.reason = row.name;
  violation.severity = severity;
  violation.message_en = Fill(row.text_en, values, &Phrase::en);
  violation.message_es = Fill(row.text_es, values, &Phrase::es);
  violation.hint_en = Fill(row.hint_en, values, &Phrase::en);
  violation.hint_es = Fill(row.hint_es, values, &Phrase::es);
  return violation;
}

void Report::Error(Reason reason, std::string_view field, Values values) {
  Add(MakeViolation(reason, Severity::kError, field, values));
}

void Report::Warn(Reason reason, std::string_view field, Values values) {
  Add(MakeViolation(reason, Severity::kWarning, field, values));
}

void Report::AddAll(Violations violations) {
  for (Violation& violation : violations) Add(std::move(violation));
}

bool Report::Has(std::string_view reason) const {
  return std::ranges::find(violations_, reason, &Violation::reason) != violations_.end();
}

std::string Indexed(std::string_view list, int index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

std::string Under(std::string_view parent, std::string_view field) {
  return parent.empty() ? std::string(field) : std::string(parent) + "." + std::string(field);
}

bool HasError(const Violations& violations) { return CountErrors(violations) != 0; }

size_t CountErrors(const Violations& violations) {
  return static_cast<size_t>(
      std::ranges::count(violations, Severity::kError, &Violation::severity));
}

void Normalise(Violations& violations) {
  Violations unique;
  for (const Violation& violation : violations) {
    const bool known = std::ranges::any_of(unique, [&](const Violation& other) {
      return other.field == violation.field && other.reason == violation.reason;
    });
    const bool follows = std::ranges::any_of(
        violations, [&](const Violation& other) { return FollowsFrom(violation, other); });
    if (!known && !follows) unique.push_back(violation);
  }
  std::stable_partition(unique.begin(), unique.end(), [](const Violation& violation) {
    return violation.severity == Severity::kError;
  });
  violations = std::move(unique);
}

}  // namespace enlace::alerts
