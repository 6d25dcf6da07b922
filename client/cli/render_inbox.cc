// inbox and watch.

#include <algorithm>

#include "client/cli/render.h"
#include "client/cli/render_parts.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using texts::CodeKind;

constexpr size_t kMarkColumns = 5;
constexpr size_t kCaseColumns = 16;
constexpr size_t kStateColumns = 9;
constexpr size_t kTypeColumns = 21;
constexpr size_t kFromColumns = 15;

std::string FreshnessLine(const InboxView& view, const Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  std::string waiting =
      sheet.T("{count} to attend", {{"count", texts::Count(language, view.waiting)}});
  if (view.late != 0)
    waiting += ", " + texts::Plural(language, "{count} is late", "{count} are late", view.late);
  const std::string exercises =
      view.exercises == 0
          ? ""
          : texts::Plural(language, "{count} exercise", "{count} exercises", view.exercises);
  if (!view.freshness.online) return ConnectionText(view.freshness, sheet);
  return sheet.Dotted(
      {ConnectionText(view.freshness, sheet), sheet.Safe(waiting), sheet.Safe(exercises)});
}

std::string StateWord(const InboxRow& row, const Sheet& sheet) {
  const bool unread =
      row.state == alerts::RowState::kDelivered || row.state == alerts::RowState::kSent;
  if (unread) return sheet.T("NEW");
  if (row.updated_unread) return sheet.T("UPDATED");
  if (row.state == alerts::RowState::kRead) return sheet.T("READ");
  return sheet.Safe(
      texts::CodeName(sheet.screen().language(), CodeKind::kRowState, static_cast<int>(row.state)));
}

std::string DueWord(const InboxRow& row, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  if (row.role == alert::v1::ROLE_INFO) return sheet.T("information only");
  if (row.ack_due_ms == 0) return std::string(screen.glyphs().dash);
  if (row.late) {
    return sheet.T("LATE {span}",
                   {{"span", texts::Span(screen.language(), screen.now_ms - row.ack_due_ms)}});
  }
  return sheet.Safe(texts::Relative(screen.language(), row.ack_due_ms, screen.now_ms));
}

void DrawRow(const InboxRow& row, Sheet& sheet) {
  const std::string mark = row.late ? "!!" : row.priority == alert::v1::PRIORITY_URGENT ? "!" : "";
  const std::string type =
      sheet.Safe(texts::CodeName(sheet.screen().language(), CodeKind::kAlertType, row.alert_type));
  // One column stays free between two cells, whatever is in them.
  const auto cell = [&](const std::string& text, size_t columns) {
    return Sheet::Cell{texts::Truncate(text, columns - 1, sheet.screen().glyphs().ellipsis),
                       columns};
  };
  sheet.Row({{mark, kMarkColumns},
             cell(sheet.Safe(row.case_ref), kCaseColumns),
             cell(StateWord(row, sheet), kStateColumns),
             cell(type, kTypeColumns),
             cell(sheet.Safe(row.from_office_id), kFromColumns),
             {DueWord(row, sheet), sheet.Rest(kMarkColumns + kCaseColumns + kStateColumns +
                                              kTypeColumns + kFromColumns)}});
  sheet.Line(std::string(kMarkColumns, ' ') + sheet.Safe(row.subject));
}

bool IsExercise(const InboxRow& row) { return row.status != alert::v1::STATUS_ACTUAL; }

std::string ExerciseWord(const InboxRow& row, const Sheet& sheet) {
  return MarkWord(row.status, sheet);
}

// What an officer does next: the first alert that nobody of the office has opened, else the first
// that asks for an acknowledgement.
const InboxRow* NextRow(const InboxView& view) {
  const auto asks = [](const InboxRow& row) {
    return row.role == alert::v1::ROLE_ACTION && row.ack_due_ms != 0 && !IsExercise(row);
  };
  const auto is_new = [&](const InboxRow& row) {
    return asks(row) && row.state < alerts::RowState::kRead;
  };
  auto found = std::find_if(view.rows.begin(), view.rows.end(), is_new);
  if (found == view.rows.end()) found = std::find_if(view.rows.begin(), view.rows.end(), asks);
  return found == view.rows.end() ? nullptr : &*found;
}

void DrawNext(const InboxView& view, Sheet& sheet) {
  if (const InboxRow* row = NextRow(view)) {
    sheet.Next(sheet.T("Next: enlace show {case} · enlace ack {case}", {{"case", row->case_ref}}));
  } else if (!view.rows.empty()) {
    sheet.Next(sheet.T("Next: enlace show {case}", {{"case", view.rows.front().case_ref}}));
  }
}

}  // namespace

Page RenderInbox(const InboxView& view, const Screen& screen) {
  Sheet sheet(screen);
  DrawOfficeAndTime(view.office_ids, sheet);
  sheet.Text(FreshnessLine(view, sheet));
  sheet.Line();
  if (view.rows.empty()) {
    const std::string last =
        view.freshness.synced_at_ms == 0
            ? sheet.T("The server has not been reached yet.")
            : sheet.T("Last contact with the server {age}.",
                      {{"age", texts::Relative(screen.language(), view.freshness.synced_at_ms,
                                               screen.now_ms)}});
    sheet.Text(sheet.T("Nothing waits.") + " " + last);
  } else {
    sheet.Row({{"", kMarkColumns},
               {sheet.T("CASE"), kCaseColumns},
               {sheet.T("STATE"), kStateColumns},
               {sheet.T("TYPE"), kTypeColumns},
               {sheet.T("FROM"), kFromColumns},
               {sheet.T("ACKNOWLEDGE BY"), sheet.Rest(kMarkColumns + kCaseColumns + kStateColumns +
                                                      kTypeColumns + kFromColumns)}});
  }
  bool in_exercises = false;
  for (const InboxRow& row : view.rows) {
    if (IsExercise(row) && !in_exercises) sheet.Line("  [" + ExerciseWord(row, sheet) + "]");
    in_exercises = in_exercises || IsExercise(row);
    DrawRow(row, sheet);
  }
  if (view.other_open != 0) {
    sheet.Line();
    sheet.Text(texts::Plural(
        screen.language(), "{count} other open case with nothing waiting: enlace cases --open",
        "{count} other open cases with nothing waiting: enlace cases --open", view.other_open));
    sheet.NextClose();
  }
  DrawNext(view, sheet);
  return sheet.Take();
}

namespace {

// A case's reference in a line of its own: a peer's long one leaves the rest of the line to be
// read.
std::string CaseOf(const std::string& case_ref, const Sheet& sheet) {
  return texts::Truncate(sheet.Safe(case_ref), kCaseColumns, sheet.screen().glyphs().ellipsis);
}

}  // namespace

std::string RenderWatchLine(const InboxRow& row, const Screen& screen) {
  const Sheet sheet(screen);
  const std::string line = sheet.Dotted(
      {texts::ClockTime(screen.zone, screen.now_ms), CaseOf(row.case_ref, sheet),
       IsExercise(row) ? ExerciseWord(row, sheet) : std::string(),
       sheet.Safe(texts::CodeName(screen.language(), CodeKind::kAlertType, row.alert_type)),
       sheet.Safe(texts::CodeName(screen.language(), CodeKind::kPriority, row.priority)),
       StateWord(row, sheet), DueWord(row, sheet)});
  return texts::Truncate(line, screen.columns, screen.glyphs().ellipsis);
}

std::string RenderDeadlineLine(const DeadlineNews& news, const Screen& screen) {
  const Sheet sheet(screen);
  const std::string late = news.percent >= 200 ? sheet.T("{office} is past twice its deadline",
                                                         {{"office", sheet.Safe(news.office_id)}})
                                               : sheet.T("{office} has not acknowledged in time",
                                                         {{"office", sheet.Safe(news.office_id)}});
  const std::string line = sheet.Dotted(
      {texts::ClockTime(screen.zone, news.noticed_at_ms), CaseOf(news.case_ref, sheet), late,
       sheet.Safe(texts::CodeName(screen.language(), CodeKind::kPriority, news.urgency))});
  return texts::Truncate(line, screen.columns, screen.glyphs().ellipsis);
}

}  // namespace enlace::client
