// show: the newest picture of a case, then its history.

#include <algorithm>

#include "client/cli/render.h"
#include "client/cli/render_parts.h"
#include "client/cli/render_person.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using alerts::AlertView;
using texts::CodeKind;

std::string Word(const Sheet& sheet, CodeKind kind, int code) {
  return sheet.Safe(texts::CodeName(sheet.screen().language(), kind, code));
}

std::string Upper(const Sheet& sheet, CodeKind kind, int code) {
  return sheet.Safe(texts::CodeWord(kind, code));
}

// What concerns my office: the time that is left.
std::string DueWord(const CaseView& view, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  for (const std::string& office : view.my_office_ids) {
    const alerts::Row* row = view.table.CaseRow(office);
    if (row == nullptr || row->acknowledged.happened() || row->ack_due_ms == 0) continue;
    if (row->ack_due_ms < screen.now_ms) {
      return sheet.T("acknowledgement LATE {span}",
                     {{"span", texts::Span(screen.language(), screen.now_ms - row->ack_due_ms)}});
    }
    return sheet.T("acknowledge by {time}, {span}",
                   {{"time", texts::ClockTime(screen.zone, row->ack_due_ms)},
                    {"span", texts::Span(screen.language(), row->ack_due_ms - screen.now_ms)}});
  }
  return "";
}

std::string TlpWord(const alerts::HandlingView& handling, const Sheet& sheet) {
  std::string tlp = Upper(sheet, CodeKind::kTlp, handling.tlp);
  if (handling.tlp_assumed) tlp += " " + sheet.T("(not stated: the strictest applies)");
  for (const int code : handling.codes)
    tlp += (code == handling.codes.front() ? " " + std::string(sheet.screen().glyphs().dot) + " "
                                           : " ") +
           Upper(sheet, CodeKind::kHandlingCode, code);
  return tlp;
}

void DrawHead(const CaseView& view, Sheet& sheet) {
  const AlertView& picture = view.merged.picture;
  DrawMark(picture.status, sheet);
  sheet.Ends(
      sheet.Safe(picture.case_ref) + "  " + Word(sheet, CodeKind::kAlertType, picture.alert_type),
      sheet.Dotted(
          {PriorityWord(picture.priority, sheet), CaseStateWord(view.table.state, sheet)}));
  sheet.Ends(TlpWord(picture.handling, sheet), DueWord(view, sheet));
  if (view.merged.update_count != 0) {
    const Screen& screen = sheet.screen();
    const std::string times = texts::Plural(screen.language(), "updated {count} time",
                                            "updated {count} times", view.merged.update_count);
    sheet.Text(
        sheet.Dotted({sheet.Safe(times),
                      sheet.T("last {day} {time} by {office}",
                              {{"day", DayOf(sheet, view.merged.last_at_ms)},
                               {"time", texts::ClockTime(screen.zone, view.merged.last_at_ms)},
                               {"office", view.merged.last_office_id}})}));
  }
  if (!picture.handling.restriction_note.empty()) {
    sheet.Box(sheet.T("RESTRICTION"), picture.handling.restriction_note);
  }
}

void DrawWarnings(const CaseView& view, Sheet& sheet) {
  // A reading screen works without a server and says how old it can be.
  if (!view.freshness.online) sheet.Text(ConnectionText(view.freshness, sheet));
  const std::string cross(sheet.screen().glyphs().cross);
  if (view.signature == SignatureState::kInvalid) {
    sheet.Text(cross + " " +
               sheet.T("A message of this case does not verify ({reason}). It takes no part in "
                       "what you see. Do not act on it; tell your administrator.",
                       {{"reason", view.signature_problem}}));
  }
  for (const std::string& device : view.guard_incidents) {
    sheet.Text(
        cross + " " +
        sheet.T(
            "A machine that the guard excludes was brought into the room and removed: {device}. "
            "Nothing was sent while it was there.",
            {{"device", device}}));
  }
  if (view.trouble.reason == "ROOM_FROZEN") {
    sheet.Text(cross + " " +
               sheet.T("The room is frozen on this machine: nothing is sent until the machine that "
                       "must not be there is out."));
  }
  if (view.trouble.reason == "ROOM_READ_ONLY") {
    sheet.Text(
        cross + " " +
        sheet.T("The server lost a part of this case's messages. The case goes on as soon as "
                "its sender's machine has opened another room; what is written waits here."));
  }
  if (view.trouble.reason == "GUARD_UNKNOWN") {
    sheet.Text(
        sheet.T("This machine entered the room a moment ago: it reads, and sends as soon as a "
                "colleague has passed on the room's guard."));
  }
  if (!view.merged.refused_loosening.empty()) {
    sheet.Text(cross + " " +
               sheet.T("An update tried to loosen the handling. The stricter handling applies."));
  }
}

std::string PartyText(const alerts::PartyView& party, const Sheet& sheet) {
  return sheet.Dotted({sheet.Safe(party.office_id), sheet.Safe(party.officer_id)});
}

bool IsMine(const CaseView& view, const std::string& office) {
  return std::find(view.my_office_ids.begin(), view.my_office_ids.end(), office) !=
         view.my_office_ids.end();
}

bool WithholdsIdentity(const AlertView& picture) {
  return std::any_of(picture.persons.begin(), picture.persons.end(),
                     [](const alerts::PersonView& person) { return person.is_protected; });
}

// "sv.consular ACTION (you) · sv.child ACTION": the recipients of one role.
std::string Addressed(const CaseView& view, bool action, const Sheet& sheet) {
  std::vector<std::string> offices;
  for (const alerts::RecipientView& recipient : view.merged.picture.recipients) {
    if ((recipient.role == alert::v1::ROLE_ACTION) != action) continue;
    offices.push_back(sheet.Safe(recipient.office_id) + " " +
                      (action ? sheet.T("ACTION") : sheet.T("INFORMATION")) +
                      (IsMine(view, recipient.office_id) ? " " + sheet.T("(you)") : ""));
  }
  std::string text = sheet.Dotted(offices);
  if (!action && !text.empty() && WithholdsIdentity(view.merged.picture))
    text += " " + sheet.T("(notice only, without identity)");
  return text;
}

void DrawRecipients(const CaseView& view, Sheet& sheet) {
  std::string label = sheet.T("To");
  for (const bool action : {true, false}) {
    const std::string text = Addressed(view, action, sheet);
    if (text.empty()) continue;
    sheet.Field(label, text);
    label.clear();
  }
  // A note is for the office that it stands with, and for who wrote it.
  for (const alerts::RecipientView& recipient : view.merged.picture.recipients) {
    if (recipient.note.empty()) continue;
    if (!view.i_am_origin && !IsMine(view, recipient.office_id)) continue;
    sheet.Field("", sheet.Safe(recipient.office_id) + ": " + sheet.Safe(recipient.note));
  }
}

// The answer's deadline of my office, which the server's acceptance and extensions move; of the
// first office that has one where mine only sent the alert.
int64_t ResponseDueMs(const CaseView& view) {
  int64_t due_ms = 0;
  for (const alerts::Row& row : view.table.rows) {
    if (row.response_due_ms == 0) continue;
    if (IsMine(view, row.office_id)) return row.response_due_ms;
    if (due_ms == 0) due_ms = row.response_due_ms;
  }
  return due_ms;
}

void DrawParties(const CaseView& view, Sheet& sheet) {
  const AlertView& picture = view.merged.picture;
  std::string from = PartyText(picture.sender, sheet);
  if (view.signature == SignatureState::kVerified) {
    from += " " + std::string(sheet.screen().glyphs().tick) + " " + sheet.T("signature verified");
  }
  sheet.Field(sheet.T("From"), from);
  if (!picture.sender.unit.empty()) sheet.Field("", sheet.Safe(picture.sender.unit));
  if (!picture.sender.duty_phone.empty()) {
    sheet.Field("", sheet.T("on duty {phone}", {{"phone", picture.sender.duty_phone}}));
  }
  DrawRecipients(view, sheet);
  sheet.Field(view.i_am_origin ? sheet.T("Sent") : sheet.T("Received"),
              TimeOf(sheet, view.opened_at_ms));
  std::vector<std::string> actions;
  for (const int action : picture.requested_actions) {
    actions.push_back(Word(sheet, CodeKind::kRequestedAction, action));
  }
  sheet.Field(sheet.T("Asked for"), sheet.Dotted(actions));
  if (const int64_t due_ms = ResponseDueMs(view)) {
    const Screen& screen = sheet.screen();
    sheet.Field(sheet.T("Answer before") + " ",
                sheet.Safe(texts::LocalThenUtcClock(screen.language(), screen.zone, due_ms,
                                                    screen.now_ms)));
  }
}

void DrawText(const CaseView& view, Sheet& sheet) {
  const AlertView& picture = view.merged.picture;
  const std::string_view wanted =
      sheet.screen().language() == texts::Language::kSpanish ? "es" : "en";
  sheet.Prose(picture.body);
  for (const alerts::TranslationView& translation : picture.translations) {
    if (picture.language == wanted || translation.language != wanted) continue;
    sheet.Line();
    sheet.Text(translation.origin == alert::v1::TRANSLATION_ORIGIN_HUMAN
                   ? sheet.T("Translation by a person:")
                   : sheet.T("Translation by a machine:"),
               2);
    sheet.Prose(translation.subject);
    sheet.Prose(translation.body);
  }
}

// "not downloaded: enlace attachment CASE ID", of the first that is not here.
std::string DownloadHint(const CaseView& view, const Sheet& sheet) {
  const auto missing = std::find_if(view.attachments.begin(), view.attachments.end(),
                                    [](const AttachmentState& state) { return !state.downloaded; });
  if (missing == view.attachments.end()) return "";
  return "   " + sheet.T("not downloaded: enlace attachment {case} {attachment}",
                         {{"case", view.merged.picture.case_ref},
                          {"attachment", missing->attachment.attachment_id}});
}

void DrawAttachments(const CaseView& view, bool with_hint, Sheet& sheet) {
  if (view.attachments.empty()) return;
  constexpr size_t kCaptionIndent = 16;
  sheet.Text(
      sheet.T("Attachments ({count})", {{"count", std::to_string(view.attachments.size())}}) +
      (with_hint ? DownloadHint(view, sheet) : ""));
  for (const AttachmentState& state : view.attachments) {
    const alerts::AttachmentView& one = state.attachment;
    std::string line = sheet.Safe(one.attachment_id) + "  " + sheet.Safe(one.file_name) + "  " +
                       sheet.Safe(texts::ByteSize(sheet.screen().language(), one.size_bytes));
    if (one.tlp != 0) line += "  " + Upper(sheet, CodeKind::kTlp, one.tlp);
    if (state.downloaded) line += "  " + sheet.T("downloaded");
    if (!state.available) line += "  " + sheet.T("still on its way");
    sheet.Text(line, 2);
    if (!one.caption.empty()) sheet.Text(sheet.Safe(one.caption), kCaptionIndent);
  }
}

void DrawFoot(const CaseView& view, Sheet& sheet) {
  const AlertView& picture = view.merged.picture;
  const texts::Language language = sheet.screen().language();
  if (picture.evaluation_source != 0) {
    sheet.Field(
        sheet.T("Source"),
        Upper(sheet, CodeKind::kSourceReliability, picture.evaluation_source) +
            Upper(sheet, CodeKind::kInformationCredibility, picture.evaluation_information) + ": " +
            sheet.Safe(texts::CodeName(language, CodeKind::kSourceReliability,
                                       picture.evaluation_source)) +
            "; " +
            sheet.Safe(texts::CodeName(language, CodeKind::kInformationCredibility,
                                       picture.evaluation_information)));
  }
  if (picture.handling.consent_status != 0) {
    sheet.Field(
        sheet.T("Consent"),
        sheet.Dotted({Word(sheet, CodeKind::kConsentStatus, picture.handling.consent_status),
                      picture.handling.consent_basis == 0
                          ? ""
                          : Word(sheet, CodeKind::kConsentBasis, picture.handling.consent_basis),
                      sheet.Safe(picture.handling.consent_limits)}));
  }
  sheet.Field(sheet.T("Keep"),
              sheet.T("review {review} · delete {delete}",
                      {{"review", texts::IsoDay(picture.handling.review_at_ms)},
                       {"delete", texts::IsoDay(picture.handling.delete_after_ms)}}));
  if (sheet.screen().long_ids) sheet.Field("UUID", sheet.Safe(picture.alert_id));
}

// What stands before "by ofc-mx-021".
struct HistoryWord {
  int action;
  std::string_view msgid;
};
constexpr HistoryWord kHistoryWords[] = {
    {alert::v1::ACTION_READ, ENLACE_TEXT_IN("history", "read")},
    {alert::v1::ACTION_ACKNOWLEDGE, ENLACE_TEXT_IN("history", "acknowledged")},
    {alert::v1::ACTION_ACCEPT, ENLACE_TEXT_IN("history", "accepted")},
    {alert::v1::ACTION_ASSIGN, ENLACE_TEXT_IN("history", "assigned")},
    {alert::v1::ACTION_START, ENLACE_TEXT_IN("history", "begun")},
    {alert::v1::ACTION_REQUEST_INFO, ENLACE_TEXT_IN("history", "information requested")},
    {alert::v1::ACTION_ANSWER, ENLACE_TEXT_IN("history", "answered")},
    {alert::v1::ACTION_REFER, ENLACE_TEXT_IN("history", "referred")},
    {alert::v1::ACTION_DECLINE, ENLACE_TEXT_IN("history", "declined")},
    {alert::v1::ACTION_CLOSE, ENLACE_TEXT_IN("history", "closed")},
    {alert::v1::ACTION_REOPEN, ENLACE_TEXT_IN("history", "opened again")},
    {alert::v1::ACTION_CORRECT, ENLACE_TEXT_IN("history", "corrected")},
    {alert::v1::ACTION_WITHDRAW, ENLACE_TEXT_IN("history", "withdrawn")},
    {alert::v1::ACTION_EXTEND, ENLACE_TEXT_IN("history", "more time asked for")},
    {alert::v1::ACTION_HANDOVER_OFFICER, ENLACE_TEXT_IN("history", "handed over")},
    {alert::v1::ACTION_CONFIRM, ENLACE_TEXT_IN("history", "confirmed")},
    {alert::v1::ACTION_PERMIT_REFERRAL, ENLACE_TEXT_IN("history", "referral allowed")},
};

std::string StepText(const alerts::HistoryStep& step, const Sheet& sheet) {
  if (step.message_type == alert::v1::MESSAGE_TYPE_ALERT) return sheet.T("sent the alert");
  if (step.message_type != 0) return Word(sheet, CodeKind::kMessageType, step.message_type);
  for (const HistoryWord& word : kHistoryWords) {
    if (word.action == step.action) return sheet.T(word.msgid);
  }
  return Word(sheet, CodeKind::kAction, step.action);
}

// Who did a step, where the screen does not say it already.
std::string ActorText(const CaseView& view, const alerts::HistoryStep& step, const Sheet& sheet) {
  const bool opens = step.message_type == alert::v1::MESSAGE_TYPE_ALERT;
  if (opens || step.officer_id.empty()) return "";
  const bool me = !view.my_officer_id.empty() && step.officer_id == view.my_officer_id;
  return me ? sheet.T("by you") : sheet.T("by {officer}", {{"officer", step.officer_id}});
}

std::string HistoryText(const CaseView& view, const alerts::HistoryStep& step, const Sheet& sheet) {
  std::string text = StepText(step, sheet);
  const std::string actor = ActorText(view, step, sheet);
  if (!actor.empty()) text += " " + actor;
  if (step.action == alert::v1::ACTION_READ) text += " " + sheet.T("(does not stop the deadline)");
  const std::string other = sheet.Safe(step.other_office_id);
  const std::string assignee =
      step.assignee_officer_id == step.officer_id ? "" : sheet.Safe(step.assignee_officer_id);
  const std::string reason =
      step.decline_reason == 0 ? "" : Word(sheet, CodeKind::kDeclineReason, step.decline_reason);
  const std::string outcome =
      step.outcome == 0 ? "" : Word(sheet, CodeKind::kOutcome, step.outcome);
  text = sheet.Dotted({text, other, assignee, reason, outcome, sheet.Safe(step.note)});
  if (!step.refused) return text;
  const bool spanish = sheet.screen().language() == texts::Language::kSpanish;
  return text + " " + std::string(sheet.screen().glyphs().cross) + " " +
         sheet.Safe(LocalMessage(step.refused->reason,
                                 spanish ? step.refused->message_es : step.refused->message_en,
                                 sheet.screen()));
}

void DrawHistory(const CaseView& view, Sheet& sheet) {
  constexpr size_t kClockColumns = 9;
  constexpr size_t kOfficeColumns = 14;
  const Screen& screen = sheet.screen();
  sheet.Line(sheet.T("History"));
  // A step of another day than today stands below its day.
  std::string day = texts::ShortDay(screen.language(), screen.zone, screen.now_ms, screen.now_ms);
  for (const alerts::HistoryStep& step : view.table.history) {
    const std::string here = step.at_ms == 0 ? day
                                             : texts::ShortDay(screen.language(), screen.zone,
                                                               step.at_ms, screen.now_ms);
    if (here != day) sheet.Line("  " + sheet.Safe(here));
    day = here;
    std::string head =
        texts::PadRight("  " + ClockOf(sheet, step.at_ms), kClockColumns) +
        texts::PadRight(texts::Truncate(sheet.Safe(step.office_id), kOfficeColumns - 1,
                                        screen.glyphs().ellipsis),
                        kOfficeColumns);
    const size_t indent = kClockColumns + kOfficeColumns;
    for (const std::string& line :
         texts::Wrap(HistoryText(view, step, sheet), screen.columns - indent)) {
      sheet.Line(head + line);
      head.assign(indent, ' ');
    }
  }
}

void DrawChanges(const CaseView& view, Sheet& sheet) {
  if (view.merged.changes.empty()) return;
  sheet.Line(sheet.T("What changed"));
  for (const alerts::FieldChange& change : view.merged.changes) {
    const std::string before = OldText(change, sheet);
    sheet.Text(
        sheet.Safe(change.field) + ": " + sheet.OrDash(NewText(change, sheet)) + "  " +
            sheet.T("(before {old}, by {office} {day})", {{"old", before.empty() ? "-" : before},
                                                          {"office", change.by_office_id},
                                                          {"day", DayOf(sheet, change.at_ms)}}),
        2);
  }
}

// What my office does next with its row; nothing where it has done its part.
std::string_view NextOf(const alerts::Row& row) {
  switch (row.state) {
    case alerts::RowState::kAcknowledged:
      return ENLACE_TEXT("Take it: enlace accept {case}");
    case alerts::RowState::kAccepted:
    case alerts::RowState::kInProgress:
      return ENLACE_TEXT("Answer it: enlace answer {case} --note TEXT");
    case alerts::RowState::kAnswered:
      return ENLACE_TEXT("Close your part: enlace close {case} OUTCOME");
    default:
      return row.acknowledged.happened() ? "" : ENLACE_TEXT("To acknowledge: enlace ack {case}");
  }
}

void DrawNext(const CaseView& view, Sheet& sheet) {
  for (const std::string& office : view.my_office_ids) {
    const alerts::Row* row = view.table.CaseRow(office);
    if (row == nullptr || row->role != alert::v1::ROLE_ACTION) continue;
    const std::string_view command = NextOf(*row);
    if (command.empty() || view.table.state != alerts::CaseState::kOpen) continue;
    sheet.Next(sheet.T(command, {{"case", view.table.case_ref}}));
    return;
  }
  if (view.i_am_origin)
    sheet.Next(sheet.T("Who has it: enlace status {case}", {{"case", view.table.case_ref}}));
}

}  // namespace

Page RenderCase(const CaseView& view, const Screen& screen) {
  Sheet sheet(screen);
  DrawHead(view, sheet);
  DrawWarnings(view, sheet);
  const bool purged =
      view.table.state == alerts::CaseState::kWithdrawn && view.merged.picture.subject.empty();
  sheet.Text(purged ? sheet.T("Withdrawn: what was written in it was purged.")
                    : view.merged.picture.subject);
  sheet.Line();
  DrawParties(view, sheet);
  sheet.Line();
  DrawText(view, sheet);
  sheet.Line();
  DrawPersons(view, sheet);
  DrawEvents(view, sheet);
  DrawDetail(view, sheet);
  DrawAttachments(view, true, sheet);
  DrawFoot(view, sheet);
  sheet.Line();
  DrawChanges(view, sheet);
  DrawHistory(view, sheet);
  DrawNext(view, sheet);
  return sheet.Take();
}

Page RenderAttachments(const CaseView& view, const Screen& screen) {
  Sheet sheet(screen);
  if (view.attachments.empty()) sheet.Line(sheet.T("This case has no attachments."));
  DrawMark(view.merged.picture.status, sheet);
  DrawAttachments(view, false, sheet);
  if (!view.attachments.empty()) {
    sheet.Next(sheet.T("To save one: enlace attachment {case} {attachment} --out FILE",
                       {{"case", view.table.case_ref},
                        {"attachment", view.attachments.front().attachment.attachment_id}}));
  }
  return sheet.Take();
}

}  // namespace enlace::client
