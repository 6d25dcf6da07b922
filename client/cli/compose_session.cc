// compose: asks for everything an alert needs, keeps what was answered, checks and sends it.

#include <filesystem>
#include <optional>

#include "client/alerts/alert_json.h"
#include "client/alerts/answer.h"
#include "client/alerts/compose.h"
#include "client/alerts/questionnaire.h"
#include "client/alerts/validation.h"
#include "client/cases/draft_store.h"
#include "client/cases/outcome_json.h"
#include "client/cases/registry_directory.h"
#include "client/cli/commands.h"
#include "client/cli/render.h"
#include "client/cli/waiting.h"
#include "client/cli_common/exit_code.h"
#include "client/enrolment/device_store.h"
#include "client/texts/code_names.h"
#include "client/texts/countries.h"
#include "client/texts/display.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using alerts::AnswerKind;
using alerts::Question;
using nlohmann::json;
using texts::CodeKind;

constexpr size_t kTextIndent = 2;
constexpr size_t kTextColumns = 78;
constexpr int kDraftTimeoutMs = 10'000;
constexpr std::string_view kBack = "<";
constexpr std::string_view kHelp = "?";

class ComposeSession {
 public:
  // `registry` is the open vault's.
  ComposeSession(App& app, OpenVault open, const identity::Registry& registry)
      : app_(app), open_(std::move(open)), registry_(registry) {}

  // The exit code.
  absl::StatusOr<int> Run(const ComposeOptions& options);

 private:
  const Console& console() const { return app_.console(); }
  std::string T(std::string_view msgid, texts::Arguments arguments = {}) const {
    return console().T(msgid, arguments);
  }
  absl::Status Begin(const ComposeOptions& options);
  absl::StatusOr<bool> ChooseDraft();
  absl::Status ChooseType(const std::string& word);
  absl::StatusOr<json> PickCode(const Question& question);
  absl::Status AskAll();
  // False: the officer went back.
  absl::StatusOr<bool> AskOne(const Question& question);
  absl::StatusOr<std::string> ReadText(const Question& question);
  bool Accept(const Question& question, const std::string& text);
  void Explain(const Question& question) const;
  void ShowCodes(CodeKind kind) const;
  void ShowIndented(std::string_view text) const;
  std::string PromptOf(const Question& question) const;
  alerts::AnswerContext ContextFor(const Question& question) const;
  absl::Status GoBack();
  absl::Status Save();
  absl::Status Drop();
  absl::StatusOr<alerts::Violations> Check() const;
  // Forgets the answers that the errors are about; false when there is none that is asked.
  bool Reopen(const alerts::Violations& violations);
  absl::StatusOr<int> Finish();
  absl::StatusOr<int> Send();
  std::vector<std::string> Files() const;
  std::string AlertText() const;

  App& app_;
  OpenVault open_;
  const identity::Registry& registry_;
  int type_ = 0;
  alerts::Answers answers_;
  std::string draft_id_;
};

void ComposeSession::ShowIndented(std::string_view text) const {
  for (const std::string& line : texts::Wrap(text, kTextColumns))
    console().Talk(std::string(kTextIndent, ' ') + line);
}

void ComposeSession::ShowCodes(CodeKind kind) const {
  size_t place = 0;
  for (const texts::CodeRow& row : texts::CodeTable(kind)) {
    const std::string name = texts::CodeName(console().language(), kind, row.number);
    const std::string word = texts::CodeWord(kind, row.number);
    const std::string line = texts::PadLeft(std::to_string(++place), 4) + "  " + name +
                             (kind == CodeKind::kTlp || name == word ? "" : "  (" + word + ")");
    console().Talk(texts::Truncate(line, kTextColumns + kTextIndent));
  }
}

void ComposeSession::Explain(const Question& question) const {
  if (!question.hint.empty()) ShowIndented(T(question.hint));
  if (question.kind == AnswerKind::kCode || question.kind == AnswerKind::kCodes)
    ShowCodes(question.codes);
  if (question.kind == AnswerKind::kOffices) {
    std::string offices;
    for (const std::string& office : ContextFor(question).offices)
      offices += (offices.empty() ? "" : ", ") + office;
    ShowIndented(offices);
  }
  ShowIndented(
      T(ENLACE_TEXT("Enter alone leaves it out or takes what stands in brackets; < goes "
                    "back; the end of input (Ctrl-D) keeps the draft.")));
}

std::string ComposeSession::PromptOf(const Question& question) const {
  std::string text = T(question.msgid);
  if (question.required) text += " *";
  const std::string preset = alerts::AnswerText(question, question.preset, console().language());
  if (!preset.empty()) text += " [" + preset + "]";
  return text + (text.ends_with('?') || text.ends_with('.') ? "" : ":");
}

alerts::AnswerContext ComposeSession::ContextFor(const Question& question) const {
  alerts::AnswerContext context;
  context.language = console().language();
  context.zone = app_.MakeScreen().zone;
  const auto zone = answers_.find("events[0].time_zone");
  if (question.path.starts_with("events") && zone != answers_.end() && zone->second.is_string()) {
    context.zone =
        texts::Zone::FromName(zone->second.get<std::string>()).value_or(texts::Zone::Utc());
  }
  context.offices = RegistryDirectory(registry_).OfficeIds();
  return context;
}

absl::StatusOr<std::string> ComposeSession::ReadText(const Question& question) {
  const Console::Question prompt{PromptOf(question), T(ENLACE_TEXT("what you want to say")),
                                 "enlace new TYPE"};
  if (question.kind != AnswerKind::kLines) return console().Ask(prompt);
  std::string text;
  ENLACE_ASSIGN_OR_RETURN(std::string line, console().Ask(prompt));
  while (!line.empty()) {
    if (text.empty() && (line == kBack || line == kHelp)) return line;
    text += line + "\n";
    ENLACE_ASSIGN_OR_RETURN(line, console().Ask({"|", prompt.what, prompt.option}));
  }
  return text;
}

// Stores what was typed; false when it has to be asked again.
bool ComposeSession::Accept(const Question& question, const std::string& text) {
  const std::optional<json> value = alerts::ReadAnswer(question, text, ContextFor(question));
  if (!value) {
    ShowIndented(T(ENLACE_TEXT("This is not understood.")));
    Explain(question);
    return false;
  }
  const json& chosen = value->is_null() ? question.preset : *value;
  if (question.required && chosen.is_null()) {
    ShowIndented(T(ENLACE_TEXT("This is needed; nothing is assumed.")));
    return false;
  }
  if (question.kind == AnswerKind::kFiles) {
    for (const json& file : chosen) {
      if (std::filesystem::is_regular_file(file.get<std::string>())) continue;
      ShowIndented(T(ENLACE_TEXT("There is no file {path}."),
                     {{"path", texts::EscapeForDisplay(file.get<std::string>())}}));
      return false;
    }
  }
  answers_[question.path] = chosen;
  return true;
}

absl::StatusOr<bool> ComposeSession::AskOne(const Question& question) {
  console().Talk("");
  const bool chooses = question.kind == AnswerKind::kCode || question.kind == AnswerKind::kCodes;
  if (chooses) ShowCodes(question.codes);
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadText(question));
    if (text == kBack) return false;
    if (text == kHelp) {
      Explain(question);
    } else if (Accept(question, text)) {
      return true;
    }
  }
}

absl::Status ComposeSession::GoBack() {
  const std::optional<std::string> last = alerts::LastAnswered(type_, answers_);
  if (last) answers_.erase(*last);
  return absl::OkStatus();
}

absl::Status ComposeSession::AskAll() {
  while (const std::optional<Question> question = alerts::NextQuestion(type_, answers_)) {
    ENLACE_ASSIGN_OR_RETURN(const bool answered, AskOne(*question));
    if (!answered) ENLACE_RETURN_IF_ERROR(GoBack());
    ENLACE_RETURN_IF_ERROR(Save());
  }
  return absl::OkStatus();
}

absl::Status ComposeSession::Save() {
  json answers = json::object();
  for (const auto& [path, value] : answers_) answers[path] = value;
  ENLACE_ASSIGN_OR_RETURN(
      const json saved,
      app_.Call("draft-save", {{"id", draft_id_}, {"type", type_}, {"answers", answers}},
                kDraftTimeoutMs));
  draft_id_ = saved.value("id", draft_id_);
  return absl::OkStatus();
}

absl::Status ComposeSession::Drop() {
  if (draft_id_.empty()) return absl::OkStatus();
  return app_.Call("draft-drop", {{"id", draft_id_}}, kDraftTimeoutMs).status();
}

// True when one was chosen.
absl::StatusOr<bool> ComposeSession::ChooseDraft() {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<StoredDraft> drafts, ListDrafts(*open_.vault));
  if (drafts.empty()) return false;
  const Screen screen = app_.MakeScreen();
  console().Talk(T(ENLACE_TEXT("Drafts:")));
  for (size_t i = 0; i < drafts.size(); ++i) {
    const auto subject = drafts[i].answers.find("subject");
    const bool has = subject != drafts[i].answers.end() && subject->second.is_string();
    const std::string line =
        texts::PadLeft(std::to_string(i + 1), 4) + "  " +
        texts::CodeName(screen.language(), CodeKind::kAlertType, drafts[i].type) + "  " +
        texts::LocalThenUtc(screen.language(), screen.zone, drafts[i].saved_at_ms, screen.now_ms) +
        (has ? "  " + texts::EscapeForDisplay(subject->second.get<std::string>()) : "");
    console().Talk(texts::Truncate(line, screen.columns));
  }
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::string text,
                            console().Ask({T(ENLACE_TEXT("Which one goes on? Enter: a new alert.")),
                                           T(ENLACE_TEXT("a draft")), "enlace compose TYPE"}));
    if (text.empty()) return false;
    const size_t number = static_cast<size_t>(std::strtoul(text.c_str(), nullptr, 10));
    if (number < 1 || number > drafts.size()) continue;
    const StoredDraft& draft = drafts[number - 1];
    type_ = draft.type;
    answers_ = draft.answers;
    draft_id_ = ToHex(draft.id);
    return true;
  }
}

absl::Status ComposeSession::ChooseType(const std::string& word) {
  if (!word.empty()) {
    const std::optional<int> type = texts::CodeNumber(CodeKind::kAlertType, word);
    if (!type) {
      return MakeError(Reason::kUsage,
                       {{"what", word + " (enlace new --list)"}, {"program", "enlace compose"}});
    }
    type_ = *type;
    return absl::OkStatus();
  }
  Question question;
  question.kind = AnswerKind::kCode;
  question.path = "alert_type";
  question.msgid = ENLACE_TEXT("What is the alert about?");
  question.codes = CodeKind::kAlertType;
  question.required = true;
  bool answered = false;
  while (!answered) {
    ENLACE_ASSIGN_OR_RETURN(answered, AskOne(question));
  }
  type_ = answers_[question.path].get<int>();
  answers_.clear();
  return absl::OkStatus();
}

absl::Status ComposeSession::Begin(const ComposeOptions& options) {
  if (options.type.empty()) {
    ENLACE_ASSIGN_OR_RETURN(const bool chosen, ChooseDraft());
    if (chosen) return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(ChooseType(options.type));
  ShowIndented(T(ENLACE_TEXT("* is needed. ? explains a question.")));
  ShowIndented(
      T(ENLACE_TEXT("Enter alone leaves it out or takes what stands in brackets; < goes "
                    "back; the end of input (Ctrl-D) keeps the draft.")));
  return absl::OkStatus();
}

std::string ComposeSession::AlertText() const {
  return alerts::AlertOf(type_, answers_, console().language())
      .dump(2, ' ', false, json::error_handler_t::replace);
}

std::vector<std::string> ComposeSession::Files() const {
  const auto found = answers_.find(std::string(alerts::kAnswerFiles));
  if (found == answers_.end() || found->second.is_null()) return {};
  return AbsolutePaths(found->second.get<std::vector<std::string>>());
}

// What the agent will fill in is filled in here too, with values that can't be wrong.
absl::StatusOr<alerts::Violations> ComposeSession::Check() const {
  const alerts::ParsedAlert parsed = alerts::ParseAlertJson(AlertText());
  if (!parsed.alert) return parsed.violations;
  alert::v1::CaseAlert alert = *parsed.alert;
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity device, LoadDevice(*open_.vault));
  const RegistryDirectory directory(registry_);
  const identity::OfficerRecord* officer = registry_.FindOfficer(device.uri.officer_id());
  alerts::FillInputs fill;
  fill.now_ms = app_.now_ms();
  fill.officer_id = std::string(device.uri.officer_id());
  if (officer != nullptr && !officer->assignments.empty() &&
      !officer->assignments.back().offices.empty()) {
    fill.office_id = officer->assignments.back().offices.front();
    if (const auto office = directory.FindOffice(fill.office_id)) fill.country = office->country;
  }
  std::string authority(device.uri.authority());
  for (char& c : authority) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  fill.case_ref = authority + "-" + texts::IsoDay(fill.now_ms).substr(0, 4) + "-000001";
  alerts::FillDefaults(alert, fill);
  alerts::ValidationContext context;
  context.directory = &directory;
  alerts::Violations violations = alerts::ValidateAlert(alert, context);
  violations.insert(violations.end(), parsed.violations.begin(), parsed.violations.end());
  alerts::Normalise(violations);
  return violations;
}

bool ComposeSession::Reopen(const alerts::Violations& violations) {
  bool any = false;
  for (const alerts::Violation& violation : violations) {
    if (violation.severity != alerts::Severity::kError) continue;
    for (const std::string& path : alerts::PathsFor(violation.field, type_, answers_))
      any = answers_.erase(path) > 0 || any;
  }
  return any;
}

absl::StatusOr<int> ComposeSession::Send() {
  ENLACE_ASSIGN_OR_RETURN(
      const json answer,
      app_.Call("send", {{"json", AlertText()}, {"attach", Files()}, {"new", true}, {"office", ""}},
                kSendTimeoutMs));
  ENLACE_RETURN_IF_ERROR(Drop());
  ENLACE_ASSIGN_OR_RETURN(const SendOutcome outcome, SendOutcomeFromJson(answer.at("outcome")));
  app_.Show("compose", RenderSend(outcome, app_.MakeScreen()),
            JsonOf(outcome, console().language()));
  return outcome.offices_without_devices.empty() ? 0 : static_cast<int>(ExitCode::kPartial);
}

absl::StatusOr<int> ComposeSession::Finish() {
  while (true) {
    ENLACE_RETURN_IF_ERROR(AskAll());
    ENLACE_ASSIGN_OR_RETURN(const alerts::Violations violations, Check());
    const Page page = RenderViolations(T(ENLACE_TEXT("Your alert")), violations, app_.MakeScreen());
    for (const std::string& line : page.lines) console().Talk(line);
    if (!alerts::HasError(violations)) break;
    if (!Reopen(violations)) {
      return AlertRefusedError(violations);
    }
  }
  ENLACE_ASSIGN_OR_RETURN(const bool send,
                          console().Confirm({T(ENLACE_TEXT("Send it now? [y/N]")),
                                             T(ENLACE_TEXT("a yes")), "enlace send --new FILE"}));
  if (send) return Send();
  ENLACE_ASSIGN_OR_RETURN(
      const bool drop,
      console().Confirm({T(ENLACE_TEXT("Throw it away? [y/N]")), T(ENLACE_TEXT("a yes")), ""}));
  if (!drop) {
    console().Line(T(ENLACE_TEXT("Draft kept. To go on: enlace compose")));
    return 0;
  }
  ENLACE_RETURN_IF_ERROR(Drop());
  console().Line(T(ENLACE_TEXT("Thrown away. Nothing was sent.")));
  return 0;
}

absl::StatusOr<int> ComposeSession::Run(const ComposeOptions& options) {
  absl::Status begun = Begin(options);
  absl::StatusOr<int> done = begun.ok() ? Finish() : absl::StatusOr<int>(begun);
  if (HasReason(done.status(), Reason::kInterrupted) && !draft_id_.empty()) {
    console().Talk("");
    console().Talk(T(ENLACE_TEXT("Draft kept. To go on: enlace compose")));
  }
  return done;
}

}  // namespace

int RunCompose(App& app, const ComposeOptions& options) {
  if (!app.console().setup().can_ask) {
    return app.Fail(MakeError(Reason::kPromptImpossible,
                              {{"what", app.console().T(ENLACE_TEXT("somebody who answers"))},
                               {"option", "enlace new TYPE --out FILE, enlace send --new FILE"}}));
  }
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<const identity::Registry*> registry = open->registry->Replayed();
  if (!registry.ok()) return app.Fail(registry.status());
  const absl::StatusOr<int> done = ComposeSession(app, *std::move(open), **registry).Run(options);
  return done.ok() ? *done : app.Fail(done.status());
}

}  // namespace enlace::client
