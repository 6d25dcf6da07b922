// The verbs that work a case: ack, accept, assign, ask, answer, refer, decline, close, reopen,
// extend, handover, correct, withdraw.

#include <charconv>

#include "client/alerts/alert_json.h"
#include "client/cases/outcome_json.h"
#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli/waiting.h"
#include "client/cli_common/text_file.h"
#include "client/texts/code_names.h"
#include "client/texts/durations.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/alert.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;
using texts::CodeKind;

constexpr int64_t kDaysMax = 3650;

absl::Status UsageOf(const VerbOptions& options, const std::string& what) {
  return MakeError(Reason::kUsage, {{"what", what}, {"program", "enlace " + options.name}});
}

// "+2d", "+6h", "+30m" from `from_ms`, or RFC 3339.
absl::StatusOr<int64_t> ParseDue(const VerbOptions& options, int64_t from_ms) {
  const std::string& text = options.operand;
  if (const std::optional<int64_t> at = alerts::ParseRfc3339(text)) return *at;
  const absl::Status unknown = UsageOf(options, "+6h, +2d, 2026-11-20T14:00:00-06:00");
  if (text.size() < 3 || text[0] != '+') return unknown;
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 1, count);
  if (error != std::errc() || end != text.data() + text.size() - 1 || count <= 0) return unknown;
  const char unit = text.back();
  const int64_t minutes = unit == 'm' ? 1 : unit == 'h' ? 60 : unit == 'd' ? 24 * 60 : 0;
  if (minutes == 0 || count * minutes > kDaysMax * 24 * 60) return unknown;
  return from_ms + count * minutes * kMinuteMs;
}

// A code that has to be one of its table; an unknown one names the list.
absl::StatusOr<int> ParseCode(const App& app, const VerbOptions& options, CodeKind kind,
                              const std::string& word) {
  if (const std::optional<int> number = texts::CodeNumber(kind, word)) return *number;
  const Console& console = app.console();
  return UsageOf(options, word.empty()
                              ? console.T(ENLACE_TEXT("a code is missing: enlace {verb} --list"),
                                          {{"verb", options.name}})
                              : console.T(ENLACE_TEXT("\"{word}\" is none of the codes: enlace "
                                                      "{verb} --list"),
                                          {{"word", word}, {"verb", options.name}}));
}

bool NeedsNote(const VerbOptions& options) {
  switch (options.action) {
    case alert::v1::ACTION_REQUEST_INFO:
    case alert::v1::ACTION_REOPEN:
    case alert::v1::ACTION_CORRECT:
      return true;
    case alert::v1::ACTION_ANSWER:
      return options.outcome.empty() && options.attach.empty();
    default:
      return false;
  }
}

absl::Status AddNote(const App& app, const VerbOptions& options, json& args) {
  std::string note = options.note;
  const bool from_file = note.starts_with('@');
  if (from_file) {
    ENLACE_ASSIGN_OR_RETURN(note, ReadWholeFile(note.substr(1)));
    while (note.ends_with('\n')) note.pop_back();
  }
  if (note.empty() && NeedsNote(options)) {
    const Console& console = app.console();
    ENLACE_ASSIGN_OR_RETURN(
        note, console.Ask({console.T(ENLACE_TEXT("In your words:")),
                           console.T(ENLACE_TEXT("what you want to say")), "--note TEXT"}));
  }
  args["note"] = note;
  args["language"] = app.console().language() == texts::Language::kSpanish ? "es" : "en";
  return absl::OkStatus();
}

// The deadline that `extend` moves: of the office that acts, or of the first of mine that has one;
// now where none does, and the step is refused by its own rule.
absl::StatusOr<int64_t> DeadlineOf(const CaseReader& reader, const VerbOptions& options,
                                   const std::string& case_ref, int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const CaseView view, reader.Case(case_ref, now_ms));
  for (const std::string& office : view.my_office_ids) {
    if (!options.office.empty() && office != options.office) continue;
    const alerts::Row* row = view.table.CaseRow(office);
    if (row != nullptr && row->response_due_ms != 0) return row->response_due_ms;
  }
  return now_ms;
}

absl::Status AddOperand(const App& app, const CaseReader& reader, const VerbOptions& options,
                        json& args) {
  switch (options.action) {
    case alert::v1::ACTION_ASSIGN:
    case alert::v1::ACTION_HANDOVER_OFFICER:
    case alert::v1::ACTION_ACCEPT:
      args["assignee"] = options.operand;
      return absl::OkStatus();
    case alert::v1::ACTION_REFER:
      args["refer_to"] = options.operand;
      return absl::OkStatus();
    case alert::v1::ACTION_DECLINE: {
      ENLACE_ASSIGN_OR_RETURN(args["decline_reason"],
                              ParseCode(app, options, CodeKind::kDeclineReason, options.operand));
      return absl::OkStatus();
    }
    case alert::v1::ACTION_CLOSE: {
      ENLACE_ASSIGN_OR_RETURN(args["outcome"],
                              ParseCode(app, options, CodeKind::kOutcome, options.operand));
      return absl::OkStatus();
    }
    case alert::v1::ACTION_EXTEND: {
      ENLACE_ASSIGN_OR_RETURN(
          const int64_t deadline_ms,
          DeadlineOf(reader, options, args["case"].get<std::string>(), app.now_ms()));
      ENLACE_ASSIGN_OR_RETURN(args["new_due_at_ms"], ParseDue(options, deadline_ms));
      return absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<json> ArgumentsOf(App& app, const VerbOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(const OpenVault open, app.Open());
  json args{{"action", options.permit ? alert::v1::ACTION_PERMIT_REFERRAL : options.action},
            {"office", options.office},
            {"officer", options.officer},
            {"corrected_fields", options.fields},
            {"attach", AbsolutePaths(options.attach)}};
  ENLACE_ASSIGN_OR_RETURN(args["case"], open.reader->Resolve(options.case_text, app.now_ms()));
  ENLACE_RETURN_IF_ERROR(AddOperand(app, *open.reader, options, args));
  if (!options.outcome.empty()) {
    ENLACE_ASSIGN_OR_RETURN(args["outcome"],
                            ParseCode(app, options, CodeKind::kOutcome, options.outcome));
  }
  ENLACE_RETURN_IF_ERROR(AddNote(app, options, args));
  return args;
}

// The codes that the second word can be, one a line.
int ShowCodes(App& app, const VerbOptions& options) {
  const CodeKind kind =
      options.action == alert::v1::ACTION_DECLINE ? CodeKind::kDeclineReason : CodeKind::kOutcome;
  json rows = json::array();
  Page page;
  for (const texts::CodeRow& row : texts::CodeTable(kind)) {
    const std::string name = texts::CodeName(app.console().language(), kind, row.number);
    page.lines.push_back("  " + texts::PadRight(row.code, 28) + name);
    rows.push_back({{"code", row.code}, {"name", name}});
  }
  app.Show(options.name, page, {{"codes", rows}});
  return 0;
}

// `correct` with a file: what is right goes first, as an update, and names the fields.
absl::Status SendCorrection(App& app, const VerbOptions& options, json& args) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(options.file));
  const alerts::ParsedAlert parsed = alerts::ParseAlertJson(text);
  if (!parsed.alert) return AlertRefusedError(parsed.violations);
  if (options.fields.empty()) {
    args["corrected_fields"] = std::vector<std::string>(parsed.alert->corrected_fields().begin(),
                                                        parsed.alert->corrected_fields().end());
  }
  return app
      .Call("send",
            {{"json", text},
             {"attach", AbsolutePaths(options.attach)},
             {"new", true},
             {"office", options.office}},
            kSendTimeoutMs)
      .status();
}

}  // namespace

int RunVerb(App& app, const VerbOptions& options) {
  if (options.list) return ShowCodes(app, options);
  if (options.case_text.empty()) return app.Fail(UsageOf(options, "CASE"));
  const bool names_nothing = options.fields.empty() && options.file.empty();
  if (options.action == alert::v1::ACTION_CORRECT && names_nothing)
    return app.Fail(UsageOf(options, "CASE --field PATH --note TEXT | --update FILE --note TEXT"));
  absl::StatusOr<json> args = ArgumentsOf(app, options);
  if (!args.ok()) return app.Fail(args.status());
  if (!options.file.empty()) {
    const absl::Status sent = SendCorrection(app, options, *args);
    if (!sent.ok()) return app.Fail(sent, options.file);
    (*args)["attach"] = json::array();
  }
  const absl::StatusOr<json> answer = app.Call("act", *args, kSendTimeoutMs);
  if (!answer.ok()) return app.Fail(answer.status());
  absl::StatusOr<ActionOutcome> outcome = ActionOutcomeFromJson(answer->at("outcome"));
  if (!outcome.ok()) return app.Fail(outcome.status());
  const auto item_ids = answer->value("item_ids", std::vector<std::string>());
  if (!item_ids.empty()) {
    const absl::Status awaited = AwaitItems(app, item_ids, options.wait_s, outcome->at_ms);
    if (HasReason(awaited, Reason::kNotSentYet))
      app.Show(options.name, RenderStep(*outcome, app.MakeScreen()), JsonOf(*outcome));
    if (!awaited.ok()) return app.Fail(awaited);
    if (outcome->at_ms != 0) outcome->state = alerts::RowState::kSent;
  }
  app.Show(options.name, RenderStep(*outcome, app.MakeScreen()), JsonOf(*outcome));
  return 0;
}

}  // namespace enlace::client
