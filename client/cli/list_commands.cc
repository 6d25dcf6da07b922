// cases, review, search, document, directory, stats.

#include <charconv>
#include <functional>
#include <iostream>

#include "client/cases/case_finder.h"
#include "client/cases/office_directory.h"
#include "client/cases/statistics.h"
#include "client/cli/commands.h"
#include "client/cli/render_lists.h"
#include "client/texts/calendar.h"
#include "client/texts/code_names.h"
#include "client/texts/durations.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kStdinLinesMax = 8;

absl::Status BadOption(std::string_view option, std::string_view program) {
  return MakeError(Reason::kUsage,
                   {{"what", std::string(option)}, {"program", std::string(program)}});
}

// The start of a day of the machine's zone, "2026-11-01".
std::optional<int64_t> DayStart(std::string_view text, const texts::Zone& zone) {
  const auto midnight_ms = texts::ParseDay(text);
  if (!midnight_ms) return std::nullopt;
  return *midnight_ms - zone.OffsetMinutes(*midnight_ms) * kMinuteMs;
}

// A day, or an age: "7d", "12h".
std::optional<int64_t> ParseSince(std::string_view text, const Screen& screen) {
  if (const auto day = DayStart(text, screen.zone)) return day;
  const bool days = text.ends_with('d');
  if (text.size() < 2 || (!days && !text.ends_with('h'))) return std::nullopt;
  text.remove_suffix(1);
  uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count > 100'000)
    return std::nullopt;
  return screen.now_ms - static_cast<int64_t>(count) * (days ? kDayMs : kHourMs);
}

absl::StatusOr<CaseFilter> FilterOf(const CasesOptions& options, const Screen& screen) {
  const texts::Language language = screen.language();
  constexpr std::string_view kProgram = "enlace cases";
  CaseFilter filter;
  filter.open_only = options.open;
  filter.overdue_only = options.overdue;
  filter.office_id = options.office;
  filter.limit = options.limit;
  if (!options.type.empty()) {
    const auto type = texts::CodeNumber(texts::CodeKind::kAlertType, options.type);
    if (!type) return UnknownType(language, options.type, kProgram);
    filter.alert_type = *type;
  }
  if (!options.since.empty()) {
    const auto since = ParseSince(options.since, screen);
    if (!since) return BadOption("--since 2026-11-01 | 7d | 12h", kProgram);
    filter.since_ms = *since;
  }
  return filter;
}

// Lines of a machine readable zone, or one line with a number.
DocumentQuery QueryOfStdin() {
  DocumentQuery query;
  std::string line;
  std::vector<std::string> lines;
  while (lines.size() < kStdinLinesMax && std::getline(std::cin, line)) {
    std::erase_if(line, [](char c) { return c == ' ' || c == '\r' || c == '\t'; });
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.size() == 1) {
    query.number = lines.front();
  } else {
    query.mrz_lines = std::move(lines);
  }
  return query;
}

// One object for each row in jsonl mode, else the page or the whole object.
template <typename View, typename Rows>
void ShowRows(App& app, std::string_view command, const View& view,
              const std::function<Page()>& draw, const Rows& rows) {
  if (app.console().setup().output != OutputMode::kJsonl)
    return app.ShowOne(command, draw, [&view] { return JsonOf(view); });
  for (const auto& row : rows) app.console().Json(command, JsonOf(row));
}

}  // namespace

int RunCases(App& app, const CasesOptions& options) {
  const Screen screen = app.MakeScreen();
  const absl::StatusOr<CaseFilter> filter = FilterOf(options, screen);
  if (!filter.ok()) return app.Fail(filter.status());
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const CaseFinder finder(*open->vault, *open->reader);
  const absl::StatusOr<CasesView> view = finder.Cases(*filter, screen.now_ms);
  if (!view.ok()) return app.Fail(view.status());
  ShowRows(
      app, "cases", *view, [&] { return RenderCases(*view, screen); }, view->rows);
  return 0;
}

int RunReview(App& app, const ReviewOptions& options) {
  const Screen screen = app.MakeScreen();
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const CaseFinder finder(*open->vault, *open->reader);
  const absl::StatusOr<ReviewView> view =
      finder.Reviews(options.days * kDayMs, options.limit, screen.now_ms);
  if (!view.ok()) return app.Fail(view.status());
  ShowRows(
      app, "review", *view, [&] { return RenderReview(*view, screen); }, view->rows);
  return 0;
}

int RunSearch(App& app, const SearchOptions& options) {
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  const Screen screen = app.MakeScreen();
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const CaseFinder finder(*open->vault, *open->reader);
  const absl::StatusOr<SearchView> view = finder.Search(text, options.limit, screen.now_ms);
  if (!view.ok()) return app.Fail(view.status());
  ShowRows(
      app, "search", *view, [&] { return RenderSearch(*view, screen); }, view->rows);
  return 0;
}

int RunDocument(App& app, const std::string& number) {
  DocumentQuery query;
  query.number = number;
  if (number == "-") query = QueryOfStdin();
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const CaseFinder finder(*open->vault, *open->reader);
  const absl::StatusOr<DocumentsView> view = finder.Documents(query);
  if (!view.ok()) return app.Fail(view.status());
  ShowRows(
      app, "document", *view, [&] { return RenderDocuments(*view, app.MakeScreen()); },
      view->reports);
  return 0;
}

int RunDirectory(App& app, const std::string& place) {
  const absl::StatusOr<PublicRegistry> registry = app.ReadRegistry();
  if (!registry.ok()) return app.Fail(registry.status());
  absl::StatusOr<DirectoryView> view = FindOffices(registry->facts, place, app.now_ms());
  if (!view.ok()) return app.Fail(view.status());
  view->refreshed_at_ms = registry->refreshed_at_ms;
  ShowRows(
      app, "directory", *view, [&] { return RenderDirectory(*view, app.MakeScreen()); },
      view->offices);
  return 0;
}

int RunStats(App& app, const StatsOptions& options) {
  const Screen screen = app.MakeScreen();
  StatsPeriod period;
  for (const auto& [text, is_to] : {std::pair(options.from, false), std::pair(options.to, true)}) {
    if (text.empty()) continue;
    const auto day = DayStart(text, screen.zone);
    if (!day) return app.Fail(BadOption("--from 2026-01-01 --to 2026-12-31", "enlace stats"));
    (is_to ? period.to_ms : period.from_ms) = is_to ? *day + kDayMs : *day;
  }
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<StatsView> view = Statistics(*open->vault, period);
  if (!view.ok()) return app.Fail(view.status());
  if (options.csv) {
    std::cout << CsvOf(*view) << std::flush;
    return 0;
  }
  app.Show("stats", RenderStats(*view, screen), JsonOf(*view));
  return 0;
}

}  // namespace enlace::client
