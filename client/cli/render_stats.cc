// stats: counts and times, small cells withheld.

#include "client/cli/render_lists.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "client/texts/durations.h"

namespace enlace::client {
namespace {

using texts::CodeKind;
using texts::Language;

constexpr size_t kKeyColumns = 44;
constexpr size_t kCountColumns = 10;

std::string TitleOf(StatsTable table, const Sheet& sheet) {
  switch (table) {
    case StatsTable::kType:
      return sheet.T("Cases by type");
    case StatsTable::kOrigin:
      return sheet.T("Cases by origin");
    case StatsTable::kDestination:
      return sheet.T("Cases by destination (a case can have several)");
    case StatsTable::kSex:
      return sheet.T("Persons by sex");
    case StatsTable::kAgeBand:
      return sheet.T("Persons by age");
    case StatsTable::kOutcome:
      break;
  }
  return sheet.T("Cases by outcome");
}

std::string KeyText(StatsTable table, const StatsCell& cell, const Sheet& sheet) {
  const Language language = sheet.screen().language();
  if (cell.key == "unknown") return sheet.T("not stated");
  switch (table) {
    case StatsTable::kType:
      return sheet.Safe(texts::CodeName(language, CodeKind::kAlertType, cell.code));
    case StatsTable::kSex:
      return sheet.Safe(texts::CodeName(language, CodeKind::kSex, cell.code));
    case StatsTable::kOutcome:
      if (cell.key == "open") return sheet.T("still open");
      return sheet.Safe(texts::CodeName(language, CodeKind::kOutcome, cell.code));
    case StatsTable::kAgeBand:
      return sheet.T("{range} years", {{"range", cell.key}});
    default:
      return sheet.Safe(cell.key);
  }
}

std::string Number(uint64_t count, bool suppressed, const Sheet& sheet) {
  return suppressed ? "*" : sheet.Safe(texts::Count(sheet.screen().language(), count));
}

void DrawGroup(const StatsGroup& group, Sheet& sheet) {
  sheet.Line();
  sheet.Line(TitleOf(group.table, sheet));
  for (const StatsCell& cell : group.cells) {
    if (cell.count == 0 && !cell.suppressed) continue;
    sheet.Row({{"  " + KeyText(group.table, cell, sheet), kKeyColumns},
               {Number(cell.count, cell.suppressed, sheet), kCountColumns, true}});
  }
  if (!group.additive) return;
  sheet.Row({{"  " + sheet.T("together"), kKeyColumns},
             {Number(group.total, group.total_suppressed, sheet), kCountColumns, true}});
}

std::string MedianText(const StatsMedian& median, const Sheet& sheet) {
  if (median.suppressed) return "*";
  return sheet.T("{span} (median of {count})",
                 {{"span", texts::Span(sheet.screen().language(), median.median_ms)},
                  {"count", texts::Count(sheet.screen().language(), median.count)}});
}

std::string PeriodText(const StatsView& view, const Sheet& sheet) {
  // `to` is exclusive: the last day that counts is the one before.
  const auto day = [&](int64_t at_ms) {
    return texts::IsoDay(at_ms + sheet.screen().zone.OffsetMinutes(at_ms) * kMinuteMs);
  };
  const std::string to = view.to_ms == 0 ? sheet.T("today") : day(view.to_ms - 1);
  if (view.from_ms == 0) return sheet.T("until {to}", {{"to", to}});
  return sheet.T("{from} to {to}", {{"from", day(view.from_ms)}, {"to", to}});
}

// A field of RFC 4180.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string CsvRow(std::string_view table, const std::string& key, uint64_t count,
                   bool suppressed) {
  return std::string(table) + "," + CsvField(key) + "," +
         (suppressed ? "" : std::to_string(count)) + "," + (suppressed ? "true" : "false") + "\r\n";
}

}  // namespace

Page RenderStats(const StatsView& view, const Screen& screen) {
  Sheet sheet(screen);
  sheet.Ends(sheet.T("Statistics of this vault"), PeriodText(view, sheet));
  sheet.Text(sheet.Dotted(
      {sheet.T("cases {count}", {{"count", Number(view.cases, view.cases_suppressed, sheet)}}),
       view.exercises == 0
           ? ""
           : sheet.T("exercises, not counted below {count}",
                     {{"count", Number(view.exercises, view.exercises_suppressed, sheet)}})}));
  for (const StatsGroup& group : view.groups) DrawGroup(group, sheet);
  sheet.Line();
  sheet.Line(sheet.T("Times"));
  sheet.Row({{"  " + sheet.T("until the acknowledgement"), kKeyColumns},
             {MedianText(view.acknowledge, sheet), sheet.Rest(kKeyColumns)}});
  sheet.Row({{"  " + sheet.T("until the answer"), kKeyColumns},
             {MedianText(view.answer, sheet), sheet.Rest(kKeyColumns)}});
  sheet.Line();
  sheet.Text(sheet.T("* withheld: fewer than {limit}, or it would give away one that is.",
                     {{"limit", std::to_string(kSmallCell)}}));
  return sheet.Take();
}

std::string CsvOf(const StatsView& view) {
  std::string out = "table,key,count,suppressed\r\n";
  out += CsvRow("cases", "all", view.cases, view.cases_suppressed);
  out += CsvRow("cases", "exercises", view.exercises, view.exercises_suppressed);
  for (const StatsGroup& group : view.groups) {
    for (const StatsCell& cell : group.cells)
      out += CsvRow(StatsTableName(group.table), cell.key, cell.count, cell.suppressed);
  }
  const auto median = [&](const std::string& key, const StatsMedian& one) {
    out += CsvRow("median_ms", key, static_cast<uint64_t>(one.median_ms), one.suppressed);
  };
  median("acknowledge", view.acknowledge);
  median("answer", view.answer);
  return out;
}

}  // namespace enlace::client
