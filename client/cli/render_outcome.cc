// What send and check say.

#include "client/cli/render.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using texts::CodeKind;

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

std::string Uploading(const SendOutcome& outcome, const Sheet& sheet) {
  return outcome.attachments == 0 ? "" : " " + sheet.T("Attachments follow.");
}

bool IsSpanish(const Sheet& sheet) {
  return sheet.screen().language() == texts::Language::kSpanish;
}

void DrawWarnings(const alerts::Violations& violations, Sheet& sheet) {
  for (const alerts::Violation& one : violations) {
    if (one.severity == alerts::Severity::kError) continue;
    sheet.Line(" ~  " + texts::PadRight(sheet.Safe(one.field), 34) + " " + sheet.Safe(one.reason));
    sheet.Text(sheet.Safe(IsSpanish(sheet) ? one.message_es : one.message_en), 4);
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
  sheet.Text(
      sheet.Dotted({sheet.Safe(texts::CodeWord(CodeKind::kTlp, outcome.tlp)),
                    sheet.T("{devices} machines of {offices} offices will be able to read it",
                            {{"devices", std::to_string(outcome.devices)},
                             {"offices", std::to_string(outcome.offices.size())}}),
                    outcome.attachments == 0
                        ? ""
                        : sheet.Safe(texts::Plural(language, "{count} attachment",
                                                   "{count} attachments", outcome.attachments)) +
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
               texts::PadRight(sheet.OrDash(one.field), 34) + " " + sheet.Safe(one.reason));
    sheet.Text(sheet.Safe(IsSpanish(sheet) ? one.message_es : one.message_en), 4);
    const std::string& hint = IsSpanish(sheet) ? one.hint_es : one.hint_en;
    if (!hint.empty()) sheet.Text(sheet.Safe(hint), 4);
  }
  DrawWarnings(violations, sheet);
  return sheet.Take();
}

}  // namespace enlace::client
