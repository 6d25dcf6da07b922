// cases, review, search, document: one case in two lines, facts and then the subject.

#include "client/cli/render_lists.h"

#include <algorithm>

#include "client/cli/render_parts.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using texts::CodeKind;

constexpr size_t kMarkColumns = 5;
constexpr size_t kCaseColumns = 16;
constexpr size_t kStateColumns = 12;
constexpr size_t kTypeColumns = 20;
constexpr size_t kFromColumns = 15;
constexpr size_t kUsedColumns =
    kMarkColumns + kCaseColumns + kStateColumns + kTypeColumns + kFromColumns;

// One column stays free between two cells, whatever is in them.
Sheet::Cell Cell(const std::string& text, size_t columns, const Sheet& sheet) {
  return {texts::Truncate(text, columns - 1, sheet.screen().glyphs().ellipsis), columns};
}

std::string TypeWord(int alert_type, const Sheet& sheet) {
  return sheet.Safe(texts::CodeName(sheet.screen().language(), CodeKind::kAlertType, alert_type));
}

// My office's state while the case is open, else how it ended.
std::string StateWord(const CaseRow& row, const Sheet& sheet) {
  if (row.state != alerts::CaseState::kOpen) return CaseStateWord(row.state, sheet);
  if (row.updated_unread) return sheet.T("UPDATED");
  if (row.my_state == 0) return sheet.T("OPEN");
  return sheet.Safe(texts::CodeName(sheet.screen().language(), CodeKind::kRowState, row.my_state));
}

std::string DayWord(int64_t at_ms, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  if (at_ms == 0) return std::string(screen.glyphs().dash);
  return sheet.Safe(texts::DayMonthYear(screen.language(), screen.zone, at_ms));
}

void DrawCase(const CaseRow& row, const std::string& last, Sheet& sheet) {
  const bool urgent =
      row.state == alerts::CaseState::kOpen && row.priority == alert::v1::PRIORITY_URGENT;
  const std::string mark = row.overdue_since_ms != 0 ? "!!" : urgent ? "!" : "";
  sheet.Row({{mark, kMarkColumns},
             Cell(sheet.Safe(row.case_ref), kCaseColumns, sheet),
             Cell(StateWord(row, sheet), kStateColumns, sheet),
             Cell(TypeWord(row.alert_type, sheet), kTypeColumns, sheet),
             Cell(sheet.Safe(row.from_office_id), kFromColumns, sheet),
             {last, sheet.Rest(kUsedColumns)}});
  const std::string exercise = MarkWord(row.status, sheet);
  const std::string subject = exercise.empty() ? "" : "[" + exercise + "] ";
  sheet.Line(std::string(kMarkColumns, ' ') + subject + sheet.Safe(row.subject));
}

void DrawHead(const std::string& last, Sheet& sheet) {
  sheet.Row({{"", kMarkColumns},
             {sheet.T("CASE"), kCaseColumns},
             {sheet.T("STATE"), kStateColumns},
             {sheet.T("TYPE"), kTypeColumns},
             {sheet.T("FROM"), kFromColumns},
             {last, sheet.Rest(kUsedColumns)}});
}

void DrawMore(size_t shown, size_t matching, Sheet& sheet) {
  if (matching <= shown) return;
  sheet.Line();
  sheet.Text(sheet.T("{shown} of {all} are shown; more with --limit NUMBER",
                     {{"shown", texts::Count(sheet.screen().language(), shown)},
                      {"all", texts::Count(sheet.screen().language(), matching)}}));
}

std::string MatchWord(Match match, const Sheet& sheet) {
  switch (match) {
    case Match::kDocument:
      return sheet.T("document");
    case Match::kBirthDate:
      return sheet.T("birth date");
    case Match::kPhone:
      return sheet.T("telephone");
    case Match::kWords:
      break;
  }
  return sheet.T("words");
}

std::string NumberText(const DocumentReport& report, const Sheet& sheet) {
  if (report.number_to.empty()) return sheet.Safe(report.number);
  return sheet.T("{from} to {to}", {{"from", report.number}, {"to", report.number_to}});
}

void DrawReport(const DocumentReport& report, Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  const std::string mark = MarkWord(report.status, sheet);
  sheet.Ends(sheet.Dotted({sheet.Safe(report.case_ref), TypeWord(report.alert_type, sheet)}) +
                 (mark.empty() ? "" : " [" + mark + "]"),
             CaseStateWord(report.state, sheet));
  const std::string finding =
      report.finding == 0
          ? ""
          : sheet.Safe(texts::CodeName(language, CodeKind::kDocumentFinding, report.finding));
  sheet.Text(
      sheet.Dotted({sheet.Safe(texts::CodeName(language, CodeKind::kDocumentType, report.type)),
                    NumberText(report, sheet), sheet.Safe(report.issuing_state), finding}),
      2);
  if (report.in_range) sheet.Text(sheet.T("The number lies in this reported range."), 2);
  sheet.Text(sheet.T("reported by {office}, {day}",
                     {{"office", report.by_office_id}, {"day", DayWord(report.at_ms, sheet)}}),
             2);
}

}  // namespace

Page RenderCases(const CasesView& view, const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  DrawOfficeAndTime(view.office_ids, sheet);
  const std::string overdue = view.overdue == 0 ? ""
                                                : texts::Plural(language, "{count} is late",
                                                                "{count} are late", view.overdue);
  sheet.Parts({ConnectionText(view.freshness, sheet),
               sheet.Safe(texts::Plural(language, "{count} case", "{count} cases", view.matching)),
               sheet.Safe(texts::Plural(language, "{count} open", "{count} open", view.open)),
               sheet.Safe(overdue)});
  sheet.Line();
  if (view.rows.empty()) {
    sheet.Line(sheet.T("No case fits."));
    return sheet.Take();
  }
  DrawHead(sheet.T("LAST NEWS"), sheet);
  for (const CaseRow& row : view.rows) DrawCase(row, DayWord(row.newest_at_ms, sheet), sheet);
  DrawMore(view.rows.size(), view.matching, sheet);
  sheet.Next(sheet.T("Next: enlace show {case}", {{"case", view.rows.front().case_ref}}));
  return sheet.Take();
}

Page RenderReview(const ReviewView& view, const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  DrawOfficeAndTime(view.office_ids, sheet);
  sheet.Parts(
      {ConnectionText(view.freshness, sheet),
       sheet.Safe(texts::Plural(language, "{count} to review", "{count} to review", view.due)),
       sheet.T("looked for until {day}", {{"day", DayWord(view.until_ms, sheet)}})});
  sheet.Line();
  if (view.rows.empty()) {
    sheet.Text(sheet.T("No open case has its review date until then."));
    return sheet.Take();
  }
  DrawHead(sheet.T("REVIEW"), sheet);
  for (const ReviewRow& row : view.rows) {
    DrawCase(row.the_case, DayWord(row.review_at_ms, sheet), sheet);
    const std::string review = row.review_at_ms > screen.now_ms ? "" : sheet.T("review is due");
    const std::string deleted =
        row.delete_after_ms == 0
            ? ""
            : sheet.T("deletes itself on {day}", {{"day", DayWord(row.delete_after_ms, sheet)}});
    sheet.Text(sheet.Dotted({review, deleted}), kMarkColumns);
  }
  DrawMore(view.rows.size(), view.matching, sheet);
  sheet.Line();
  sheet.Text(
      sheet.T("Is it still needed? If not, close it, or withdraw what you sent: less is kept of "
              "the persons."));
  sheet.Next(sheet.T("Next: enlace show {case} · enlace close {case} OUTCOME",
                     {{"case", view.rows.front().the_case.case_ref}}));
  return sheet.Take();
}

Page RenderSearch(const SearchView& view, const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  sheet.Text(sheet.Dotted(
      {sheet.Safe(texts::Plural(language, "{count} case", "{count} cases", view.matching)),
       sheet.T("searched for: {words}", {{"words", view.query}})}));
  sheet.Text(ConnectionText(view.freshness, sheet));
  sheet.Line();
  if (view.rows.empty()) {
    sheet.Text(
        sheet.T("No case of this vault holds that. Whole words only; accents and capitals "
                "do not matter."));
    return sheet.Take();
  }
  DrawHead(sheet.T("FOUND BY"), sheet);
  for (const SearchRow& row : view.rows)
    DrawCase(row.the_case, MatchWord(row.matches.front(), sheet), sheet);
  DrawMore(view.rows.size(), view.matching, sheet);
  sheet.Next(sheet.T("Next: enlace show {case}", {{"case", view.rows.front().the_case.case_ref}}));
  return sheet.Take();
}

Page RenderDocuments(const DocumentsView& view, const Screen& screen) {
  Sheet sheet(screen);
  sheet.Ends(sheet.Dotted({sheet.T("Document {number}", {{"number", view.number}}),
                           sheet.Safe(view.issuing_state)}),
             sheet.Safe(texts::Plural(screen.language(), "{count} report", "{count} reports",
                                      view.reports.size())));
  sheet.Text(ConnectionText(view.freshness, sheet));
  if (view.zone_fails) {
    sheet.Text(std::string(screen.glyphs().cross) + " " +
               sheet.T("A check digit of the zone is wrong: a reading error, or the document is "
                       "suspect. The number was searched for as it was read."));
  }
  sheet.Line();
  if (view.reports.empty()) {
    sheet.Text(
        sheet.T("No office has reported this document in a case that this machine holds. That "
                "says nothing of cases that were not addressed to you."));
    return sheet.Take();
  }
  for (const DocumentReport& report : view.reports) DrawReport(report, sheet);
  sheet.Next(sheet.T("Next: enlace show {case}", {{"case", view.reports.front().case_ref}}));
  return sheet.Take();
}

}  // namespace enlace::client
