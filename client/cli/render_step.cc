// What the workflow verbs say.

#include "client/cli/render.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

struct Sentence {
  int action;
  // Done: the server has it. Names {office}, {officer}, {time} and, where there is one, {other}.
  std::string_view done;
};

constexpr Sentence kSentences[] = {
    {alert::v1::ACTION_ACKNOWLEDGE,
     ENLACE_TEXT("Acknowledged for {office}, in the name of {officer}, {time}. The deadline is "
                 "stopped.")},
    {alert::v1::ACTION_ACCEPT, ENLACE_TEXT("Accepted for {office} by {officer}, {time}.")},
    {alert::v1::ACTION_ASSIGN, ENLACE_TEXT("Given to {other} by {officer} of {office}, {time}.")},
    {alert::v1::ACTION_REQUEST_INFO,
     ENLACE_TEXT("{officer} of {office} asked for information, {time}. The answer's deadline is "
                 "paused.")},
    {alert::v1::ACTION_ANSWER, ENLACE_TEXT("Answered for {office} by {officer}, {time}.")},
    {alert::v1::ACTION_REFER, ENLACE_TEXT("{office} referred it to {other}, {time}.")},
    {alert::v1::ACTION_DECLINE, ENLACE_TEXT("Declined for {office} by {officer}, {time}.")},
    {alert::v1::ACTION_CLOSE, ENLACE_TEXT("Closed for {office} by {officer}, {time}.")},
    {alert::v1::ACTION_REOPEN, ENLACE_TEXT("Opened again for {office} by {officer}, {time}.")},
    {alert::v1::ACTION_EXTEND, ENLACE_TEXT("{office} asked for more time, {time}: until {due}.")},
    {alert::v1::ACTION_HANDOVER_OFFICER,
     ENLACE_TEXT("Handed over to {other} by {officer} of {office}, {time}.")},
    {alert::v1::ACTION_CORRECT,
     ENLACE_TEXT("{office} corrected it, {time}. Every recipient has to confirm.")},
    {alert::v1::ACTION_WITHDRAW,
     ENLACE_TEXT("{office} withdrew it, {time}. Every recipient purges and confirms.")},
    {alert::v1::ACTION_PERMIT_REFERRAL, ENLACE_TEXT("{office} allows a referral to {other}, "
                                                    "{time}.")},
};

// "Wed 18 Nov 06:40".
std::string DueText(const ActionOutcome& outcome, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const int64_t due_ms = outcome.response_due_ms;
  return texts::ShortDay(screen.language(), screen.zone, due_ms, screen.now_ms) + " " +
         texts::ClockTime(screen.zone, due_ms);
}

std::string DoneText(const ActionOutcome& outcome, const Sheet& sheet, const std::string& time) {
  const std::string& other =
      outcome.other_office_id.empty() ? outcome.assignee_officer_id : outcome.other_office_id;
  for (const Sentence& sentence : kSentences) {
    if (sentence.action != outcome.action) continue;
    return sheet.T(sentence.done, {{"office", outcome.office_id},
                                   {"officer", outcome.officer_id},
                                   {"other", other},
                                   {"due", DueText(outcome, sheet)},
                                   {"time", time}});
  }
  return "";
}

// "Already acknowledged ..." for what the verb would repeat.
std::string RepeatedText(const ActionOutcome& outcome, const Sheet& sheet,
                         const std::string& time) {
  const texts::Arguments values = {{"officer", outcome.officer_id}, {"time", time}};
  if (outcome.state == alerts::RowState::kQueued)
    return sheet.T("Already queued here: it counts when the server has it.");
  if (outcome.action == alert::v1::ACTION_ACKNOWLEDGE)
    return sheet.T("Already acknowledged by {officer} at {time}. Nothing was sent.", values);
  if (outcome.action == alert::v1::ACTION_ACCEPT)
    return sheet.T("Already accepted by {officer} at {time}. Nothing was sent.", values);
  return sheet.T("Already done by {officer} at {time}. Nothing was sent.", values);
}

std::string QueuedText(const ActionOutcome& outcome, const Sheet& sheet) {
  if (outcome.action == alert::v1::ACTION_ACKNOWLEDGE) {
    return sheet.T(
        "Acknowledgement of {office} is queued: the deadline stops when the server has it.",
        {{"office", outcome.office_id}});
  }
  return sheet.T("The step of {office} is queued: it counts when the server has it.",
                 {{"office", outcome.office_id}});
}

std::string NextOf(const ActionOutcome& outcome, const Sheet& sheet) {
  const texts::Arguments values = {{"case", outcome.case_ref}};
  switch (outcome.action) {
    case alert::v1::ACTION_ACKNOWLEDGE:
      return sheet.T("Take it: enlace accept {case}", values);
    case alert::v1::ACTION_ACCEPT:
      return sheet.T("Answer it: enlace answer {case} --note TEXT", values);
    case alert::v1::ACTION_ANSWER:
      // Who asked goes on; the sender has nothing to close yet.
      if (outcome.by_origin) return sheet.T("The case: enlace show {case}", values);
      return sheet.T("Close your part: enlace close {case} OUTCOME", values);
    case alert::v1::ACTION_CORRECT:
    case alert::v1::ACTION_WITHDRAW:
    case alert::v1::ACTION_CLOSE:
      return sheet.T("Who has it: enlace status {case}", values);
    default:
      return sheet.T("The case: enlace show {case}", values);
  }
}

}  // namespace

Page RenderStep(const ActionOutcome& outcome, const Screen& screen) {
  Sheet sheet(screen);
  const std::string time =
      outcome.at_ms == 0 ? "" : texts::ClockTimeSeconds(screen.zone, outcome.at_ms);
  if (outcome.status != alert::v1::STATUS_ACTUAL && outcome.status != 0) {
    const bool test = outcome.status == alert::v1::STATUS_TEST;
    sheet.Line("[" + (test ? sheet.T("TEST") : sheet.T("EXERCISE")) + "]");
  }
  sheet.NextClose();
  if (outcome.already_done) {
    sheet.Text(RepeatedText(outcome, sheet, time));
    return sheet.Take();
  }
  const bool sent = outcome.state == alerts::RowState::kSent;
  sheet.Text(sent ? std::string(screen.glyphs().tick) + " " + DoneText(outcome, sheet, time)
                  : QueuedText(outcome, sheet));
  const std::string next = NextOf(outcome, sheet);
  if (outcome.action == alert::v1::ACTION_ACKNOWLEDGE && outcome.response_due_ms != 0) {
    sheet.NextBehind(sheet.T("Answer before {time}.", {{"time", DueText(outcome, sheet)}}), next);
  } else {
    sheet.Next(next);
  }
  return sheet.Take();
}

}  // namespace enlace::client
