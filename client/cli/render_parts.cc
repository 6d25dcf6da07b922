#include "client/cli/render_parts.h"

#include <optional>

#include "client/alerts/alert_json.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

std::string ConnectionText(const Freshness& fresh, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const texts::Language language = screen.language();
  if (fresh.online) {
    const std::string age =
        fresh.synced_at_ms == 0
            ? ""
            : sheet.T("up to date {age}",
                      {{"age", texts::Relative(language, fresh.synced_at_ms, screen.now_ms)}});
    return sheet.Dotted({sheet.T("Online"), age});
  }
  const std::string queued =
      fresh.queued == 0
          ? ""
          : sheet.T("{count} queued", {{"count", texts::Count(language, fresh.queued)}});
  const std::string since =
      fresh.offline_since_ms == 0
          ? sheet.T("OFFLINE: there may be newer alerts")
          : sheet.T("OFFLINE since {time} ({span}): there may be newer alerts",
                    {{"time", texts::ClockTime(screen.zone, fresh.offline_since_ms)},
                     {"span", texts::Span(language, screen.now_ms - fresh.offline_since_ms)}});
  return sheet.Dotted({since, queued});
}

void DrawOfficeAndTime(const std::vector<std::string>& office_ids, Sheet& sheet) {
  const Screen& screen = sheet.screen();
  sheet.Ends(sheet.Safe(office_ids.empty() ? "" : office_ids.front()),
             sheet.Safe(texts::LocalThenUtcClock(screen.language(), screen.zone, screen.now_ms,
                                                 screen.now_ms)));
}

std::string LocalMessage(std::string_view reason, std::string_view message, const Screen& screen) {
  constexpr size_t kInstantBytes = std::string_view("2026-11-28T18:14:00Z").size();
  std::string text(message);
  const std::optional<Reason> known = ReasonByName(reason);
  if (!known || RowOf(*known).text_en.find("{time}") == std::string_view::npos) return text;
  for (size_t end = text.find('Z'); end != std::string::npos; end = text.find('Z', end + 1)) {
    if (end + 1 < kInstantBytes) continue;
    const size_t begin = end + 1 - kInstantBytes;
    const auto at_ms = alerts::ParseRfc3339(std::string_view(text).substr(begin, kInstantBytes));
    if (!at_ms) continue;
    const std::string local =
        texts::ShortDay(screen.language(), screen.zone, *at_ms, screen.now_ms) + " " +
        texts::ClockTime(screen.zone, *at_ms) + " (" + texts::OffsetName(screen.zone, *at_ms) + ")";
    return text.replace(begin, kInstantBytes, local);
  }
  return text;
}

std::string MarkWord(int status, const Sheet& sheet) {
  if (status == alert::v1::STATUS_ACTUAL) return "";
  return status == alert::v1::STATUS_TEST ? sheet.T("TEST") : sheet.T("EXERCISE");
}

std::string PriorityWord(int priority, const Sheet& sheet) {
  switch (priority) {
    case alert::v1::PRIORITY_URGENT:
      return sheet.T("URGENT");
    case alert::v1::PRIORITY_HIGH:
      return sheet.T("HIGH");
    default:
      return sheet.T("ROUTINE");
  }
}

std::string DayOf(const Sheet& sheet, int64_t at_ms) {
  const Screen& screen = sheet.screen();
  const std::string day = texts::ShortDay(screen.language(), screen.zone, at_ms, screen.now_ms);
  return sheet.Safe(day.substr(day.find(' ') + 1));
}

std::string OldText(const alerts::FieldChange& change, const Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  if (change.is_date) return sheet.Safe(texts::PartialDateText(language, change.old_date));
  if (change.code_kind < 0 || change.old_code == 0) return sheet.Safe(change.old_value);
  return sheet.Safe(
      texts::CodeName(language, static_cast<texts::CodeKind>(change.code_kind), change.old_code));
}

std::string NewText(const alerts::FieldChange& change, const Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  if (change.is_date) return sheet.Safe(texts::PartialDateText(language, change.new_date));
  if (change.code_kind < 0 || change.new_code == 0) return sheet.Safe(change.new_value);
  return sheet.Safe(
      texts::CodeName(language, static_cast<texts::CodeKind>(change.code_kind), change.new_code));
}

std::string CaseStateWord(alerts::CaseState state, const Sheet& sheet) {
  switch (state) {
    case alerts::CaseState::kOpen:
      return sheet.T("OPEN");
    case alerts::CaseState::kClosed:
      return sheet.T("CLOSED");
    case alerts::CaseState::kWithdrawn:
      break;
  }
  return sheet.T("WITHDRAWN");
}

void DrawMark(int status, Sheet& sheet) {
  const std::string mark = MarkWord(status, sheet);
  if (!mark.empty()) sheet.Line("[" + mark + "] " + sheet.T("This is not a real case."));
}

}  // namespace enlace::client
