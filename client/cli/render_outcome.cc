// What send and check say.

#include "client/cli/render.h"
#include "client/cli/render_parts.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using texts::CodeKind;

constexpr size_t kFieldColumns = 33;

std::string Offices(const SendOutcome& outcome, const Sheet& sheet) {
  std::string action;
  std::string info;
  for (const auto& [office, role] : outcome.offices) {
    std::string& list = role == alert::v1::ROLE_ACTION ? action : info;
    list += (list.empty() ? "" : ", ") + sheet.Safe(office);
  }
  std::string text;
  if (!action.empty()) text = action + " " + sheet.T("(action)");
  if (!info.empty()) text += (text.empty() ? "" : ", ") + info + " " + sheet.T("(notice only)");
  return text;
}

// What of the attachments the server does not have yet.
std::string Uploading(const SendOutcome& outcome, const Sheet& sheet) {
  if (outcome.attachments == 0 || outcome.uploaded_bytes >= outcome.attachment_bytes) return "";
  const std::string percent =
      std::to_string(outcome.uploaded_bytes * 100 / outcome.attachment_bytes);
  return " " + (outcome.attachments == 1
                    ? sheet.T("The attachment follows: {percent} %", {{"percent", percent}})
                    : sheet.T("Attachments follow: {percent} %", {{"percent", percent}}));
}

bool IsSpanish(const Sheet& sheet) {
  return sheet.screen().language() == texts::Language::kSpanish;
}

std::string MessageOf(const alerts::Violation& one, const Sheet& sheet) {
  return LocalMessage(one.reason, IsSpanish(sheet) ? one.message_es : one.message_en,
                      sheet.screen());
}

void DrawWarnings(const alerts::Violations& violations, Sheet& sheet) {
  for (const alerts::Violation& one : violations) {
    if (one.severity == alerts::Severity::kError) continue;
    sheet.Line(" ~  " + texts::PadRight(sheet.Safe(one.field), kFieldColumns) + " " +
               sheet.Safe(one.reason));
    sheet.Text(MessageOf(one, sheet), 4);
  }
}

}  // namespace

Page RenderSend(const SendOutcome& outcome, const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  if (outcome.status != alert::v1::STATUS_ACTUAL && outcome.status != 0) {
    const bool test = outcome.status == alert::v1::STATUS_TEST;
    sheet.Line("[" + (test ? sheet.T("TEST") : sheet.T("EXERCISE")) + "]");
  }
  sheet.Text(sheet.Safe(outcome.case_ref) + " " + std::string(screen.glyphs().arrow) + " " +
             Offices(outcome, sheet));
  sheet.Text(sheet.Dotted(
      {sheet.Safe(texts::CodeWord(CodeKind::kTlp, outcome.tlp)),
       sheet.T("{machines} of {offices} will be able to read it",
               {{"machines",
                 texts::Plural(language, "{count} machine", "{count} machines", outcome.devices)},
                {"offices", texts::Plural(language, "{count} office", "{count} offices",
                                          outcome.offices.size())}}),
       outcome.attachments == 0
           ? ""
           : sheet.Safe(texts::Plural(language, "{count} attachment", "{count} attachments",
                                      outcome.attachments)) +
                 ", " + texts::ByteSize(language, outcome.attachment_bytes)}));
  DrawWarnings(outcome.warnings, sheet);
  for (const std::string& office : outcome.offices_without_devices) {
    sheet.Text(
        std::string(screen.glyphs().cross) + " " +
        sheet.T("{office} has NO ACTIVE MACHINE: nobody there can read it. Call its duty phone.",
                {{"office", office}}));
  }
  if (outcome.state == alerts::RowState::kSent) {
    sheet.Text(std::string(screen.glyphs().tick) + " " +
               sheet.T("sent: the server stored it at {time}.",
                       {{"time", texts::ClockTimeSeconds(screen.zone, outcome.accepted_at_ms)}}) +
               Uploading(outcome, sheet));
  } else {
    sheet.Text(
        sheet.T("queued: it is safe here and goes by itself as soon as the server answers."));
  }
  sheet.Next(sheet.T("Who has it: enlace status {case}", {{"case", outcome.case_ref}}));
  sheet.NextClose();
  return sheet.Take();
}

Page RenderViolations(const std::string& file_name, const alerts::Violations& violations,
                      const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  const size_t errors = alerts::CountErrors(violations);
  const size_t warnings = violations.size() - errors;
  const std::string name = file_name.empty() ? "" : sheet.Safe(file_name) + ": ";
  if (errors == 0) {
    std::string text = name + sheet.T("nothing is wrong");
    if (warnings != 0)
      text += ", " + texts::Plural(language, "{count} warning", "{count} warnings", warnings);
    sheet.Text(text + ".");
  } else {
    std::string text = name + texts::Plural(language, "{count} error", "{count} errors", errors);
    if (warnings != 0)
      text += ", " + texts::Plural(language, "{count} warning", "{count} warnings", warnings);
    sheet.Text(text + ". " + sheet.T("Nothing was sent."));
  }
  size_t number = 0;
  for (const alerts::Violation& one : violations) {
    if (one.severity != alerts::Severity::kError) continue;
    sheet.Line(texts::PadLeft(std::to_string(++number), 2) + "  " +
               texts::PadRight(sheet.OrDash(one.field), kFieldColumns) + " " +
               sheet.Safe(one.reason));
    sheet.Text(MessageOf(one, sheet), 4);
    const std::string& hint = IsSpanish(sheet) ? one.hint_es : one.hint_en;
    if (!hint.empty()) sheet.Text(sheet.Safe(hint), 4);
  }
  DrawWarnings(violations, sheet);
  return sheet.Take();
}

}  // namespace enlace::client
