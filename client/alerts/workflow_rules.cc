#include "client/alerts/workflow_rules.h"

#include <algorithm>
#include <array>

#include "client/alerts/report.h"
#include "client/texts/code_names.h"
#include "client/texts/time_format.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using alert::v1::Action;
using texts::CodeKind;
using texts::Language;
using enum RowState;

// A recipient's step: the states of its row that allow it, and the one that it leads to (none: it
// stays).
struct Transition {
  Action action;
  std::array<RowState, 4> from;
  std::optional<RowState> to;
};

// DOMAIN.md, "Workflow", for the office whose row it is. Unused places repeat the last state.
constexpr Transition kTransitions[] = {
    {alert::v1::ACTION_READ, {kSent, kDelivered, kDelivered, kDelivered}, kRead},
    {alert::v1::ACTION_ACKNOWLEDGE, {kSent, kDelivered, kRead, kRead}, kAcknowledged},
    {alert::v1::ACTION_ACCEPT,
     {kAcknowledged, kAcknowledged, kAcknowledged, kAcknowledged},
     kAccepted},
    {alert::v1::ACTION_ASSIGN, {kAccepted, kInProgress, kInfoRequested, kAnswered}, std::nullopt},
    {alert::v1::ACTION_HANDOVER_OFFICER,
     {kAccepted, kInProgress, kInfoRequested, kAnswered},
     std::nullopt},
    {alert::v1::ACTION_START, {kAccepted, kAnswered, kAnswered, kAnswered}, kInProgress},
    {alert::v1::ACTION_REQUEST_INFO,
     {kInProgress, kInProgress, kInProgress, kInProgress},
     kInfoRequested},
    {alert::v1::ACTION_ANSWER, {kInProgress, kInProgress, kInProgress, kInProgress}, kAnswered},
    {alert::v1::ACTION_REFER, {kAcknowledged, kInProgress, kInProgress, kInProgress}, kReferred},
    {alert::v1::ACTION_DECLINE, {kRead, kAcknowledged, kAcknowledged, kAcknowledged}, kDeclined},
    {alert::v1::ACTION_CLOSE, {kAnswered, kAnswered, kAnswered, kAnswered}, kClosed},
    {alert::v1::ACTION_REOPEN, {kClosed, kClosed, kClosed, kClosed}, std::nullopt},
    {alert::v1::ACTION_EXTEND, {kInProgress, kInProgress, kInProgress, kInProgress}, std::nullopt},
};

const Transition* TransitionOf(int action) {
  const auto* found = std::ranges::find_if(
      kTransitions, [action](const Transition& t) { return t.action == action; });
  return found == std::end(kTransitions) ? nullptr : found;
}

bool Allows(const Transition& transition, RowState state) {
  return std::ranges::find(transition.from, state) != transition.from.end();
}

Refusal Refuse(Reason reason, Values values, Fact by = {}) {
  Violation violation = MakeViolation(reason, Severity::kError, "action", values);
  Refusal refusal{std::move(violation.reason),
                  std::move(violation.message_en),
                  std::move(violation.message_es),
                  std::move(violation.hint_en),
                  std::move(violation.hint_es),
                  std::move(by),
                  {}};
  for (const Value& value : values) {
    const std::string name(value.name);
    refusal.values[name] = value.phrase.en;
    if (value.phrase.es != value.phrase.en)
      refusal.values[name + std::string(kSpanishSuffix)] = value.phrase.es;
  }
  return refusal;
}

Value AtTime(const Fact& fact) { return Same("time", texts::Rfc3339(fact.at_ms)); }

Refusal RefuseDone(const Fact& fact) {
  return Refuse(Reason::kActionAlreadyDone,
                {Same("officer", fact.officer_id), Same("office", fact.office_id), AtTime(fact)},
                fact);
}

Refusal RefuseState(const CaseTable& table, const Row& row, int action) {
  Phrase verb{texts::CodeName(Language::kEnglish, CodeKind::kAction, action),
              texts::CodeName(Language::kSpanish, CodeKind::kAction, action)};
  const int state = static_cast<int>(row.state);
  return Refuse(Reason::kActionNotPossible,
                {{"action", std::move(verb)},
                 Same("office", row.office_id),
                 {"state",
                  {texts::CodeName(Language::kEnglish, CodeKind::kRowState, state),
                   texts::CodeName(Language::kSpanish, CodeKind::kRowState, state)}},
                 Same("case", table.case_ref)});
}

// Who did what the step would do again; nothing when it is new.
std::optional<Fact> AlreadyDone(const Row& row, int action) {
  const Fact* fact = nullptr;
  if (action == alert::v1::ACTION_READ) fact = &row.read;
  if (action == alert::v1::ACTION_ACKNOWLEDGE) fact = &row.acknowledged;
  if (action == alert::v1::ACTION_ACCEPT) fact = &row.accepted;
  if (action == alert::v1::ACTION_CLOSE && row.state == kClosed) fact = &row.closed;
  if (fact == nullptr || !fact->happened()) return std::nullopt;
  return *fact;
}

// Who ended the row or the case: the last such step of the history that was not refused.
Fact EndedBy(const CaseTable& table, const std::string& alert_id,
             std::initializer_list<int> actions) {
  for (auto step = table.history.rbegin(); step != table.history.rend(); ++step) {
    const bool cancels = step->message_type == alert::v1::MESSAGE_TYPE_CANCEL;
    const bool ends = cancels || std::ranges::find(actions, step->action) != actions.end();
    const bool same =
        cancels || step->alert_id == alert_id || step->alert_id == table.opening_alert_id;
    if (!step->refused && ends && same) return {step->office_id, step->officer_id, step->at_ms};
  }
  return {};
}

Refusal RefuseWithdrawn(const CaseTable& table, const std::string& alert_id) {
  const Fact by = EndedBy(table, alert_id, {alert::v1::ACTION_WITHDRAW});
  return Refuse(Reason::kCaseWithdrawn, {Same("office", by.office_id), AtTime(by)}, by);
}

Refusal RefuseClosed(const CaseTable& table, const std::string& alert_id) {
  const Fact by = EndedBy(table, alert_id, {alert::v1::ACTION_CLOSE});
  return Refuse(Reason::kCaseClosed,
                {Same("office", by.office_id), AtTime(by), Same("case", table.case_ref)}, by);
}

bool IsAlert(const CaseTable& table, const std::string& alert_id) {
  return std::ranges::any_of(table.history, [&](const HistoryStep& step) {
    return step.message_type != 0 && !step.refused && step.alert_id == alert_id;
  });
}

// The office that sent the alert.
std::string SenderOf(const CaseTable& table, const std::string& alert_id) {
  for (const HistoryStep& step : table.history) {
    if (step.message_type != 0 && !step.refused && step.alert_id == alert_id) return step.office_id;
  }
  return "";
}

bool IsWithdrawn(const CaseTable& table, const std::string& alert_id) {
  return std::ranges::any_of(table.rows, [&](const Row& row) {
    return row.alert_id == alert_id && row.state == kWithdrawn;
  });
}

// What every kind of step needs in itself.
std::optional<Refusal> CheckContent(const ActionStep& step) {
  if (step.officer_id.empty())
    return Refuse(Reason::kOfficerRequired, {Same("office", step.office_id)});
  if (step.action == alert::v1::ACTION_DECLINE && step.decline_reason == 0) {
    return Refuse(Reason::kDeclineReasonRequired, {});
  }
  if (step.action == alert::v1::ACTION_CLOSE && step.outcome == 0)
    return Refuse(Reason::kOutcomeRequired, {});
  return std::nullopt;
}

std::optional<Refusal> CheckReferral(const CaseTable& table, const Permissions& permissions,
                                     const ActionStep& step) {
  const std::string& office = step.refer_to_office_id;
  if (office == table.origin_office_id || table.CaseRow(office) != nullptr) {
    return Refuse(Reason::kOfficeAlreadyIn, {Same("office", office)});
  }
  if (table.guard.Excludes(office)) {
    return Refuse(Reason::kGuardExcluded,
                  {Same("office", office), Same("country", table.guard.CountryOf(office))});
  }
  const bool own = AuthorityOfOffice(office) == AuthorityOfOffice(step.office_id);
  const bool strict =
      table.tlp == alert::v1::TLP_RED || (table.tlp == alert::v1::TLP_AMBER_STRICT && !own);
  const bool permitted =
      step.office_id == table.origin_office_id ||
      std::ranges::find(permissions.office_ids, office) != permissions.office_ids.end();
  if ((strict || table.h2) && !permitted) {
    const std::string handling = strict ? texts::CodeWord(CodeKind::kTlp, table.tlp) : "H2";
    return Refuse(Reason::kReferralNeedsPermission,
                  {Same("handling", handling), Same("office", table.origin_office_id),
                   Same("case", table.case_ref)});
  }
  return std::nullopt;
}

// Steps of the office that sent the alert, over all its rows.
bool IsSendersStep(int action) {
  return action == alert::v1::ACTION_WITHDRAW || action == alert::v1::ACTION_CORRECT ||
         action == alert::v1::ACTION_PERMIT_REFERRAL;
}

std::optional<Refusal> CheckSendersStep(const CaseTable& table, const ActionStep& step) {
  const std::string sender = SenderOf(table, step.alert_id);
  const std::string& needed =
      step.action == alert::v1::ACTION_PERMIT_REFERRAL ? table.origin_office_id : sender;
  if (step.office_id != needed) return Refuse(Reason::kNotTheOrigin, {Same("office", needed)});
  if (step.action == alert::v1::ACTION_WITHDRAW && IsWithdrawn(table, step.alert_id)) {
    return RefuseDone(EndedBy(table, step.alert_id, {alert::v1::ACTION_WITHDRAW}));
  }
  return std::nullopt;
}

// The sender closes and reopens the case, answers a question, and refers where an office declined.
std::optional<Refusal> CheckOriginStep(const CaseTable& table, const Permissions& permissions,
                                       const ActionStep& step) {
  const bool closed = table.state == CaseState::kClosed;
  const bool whole_case =
      step.action == alert::v1::ACTION_CLOSE || step.action == alert::v1::ACTION_REOPEN;
  if (whole_case && step.office_id != table.origin_office_id) {
    return Refuse(Reason::kNotTheOrigin, {Same("office", table.origin_office_id)});
  }
  switch (step.action) {
    case alert::v1::ACTION_CLOSE:
      if (closed) return RefuseDone(EndedBy(table, step.alert_id, {alert::v1::ACTION_CLOSE}));
      return std::nullopt;
    case alert::v1::ACTION_REOPEN:
      if (!closed) return Refuse(Reason::kCaseNotClosed, {Same("case", table.case_ref)});
      return std::nullopt;
    case alert::v1::ACTION_ANSWER: {
      const bool asked = std::ranges::any_of(table.rows, [&](const Row& row) {
        return row.state == kInfoRequested && row.alert_id == step.alert_id &&
               (step.about_action_id.empty() || row.open_request_action_id == step.about_action_id);
      });
      if (!asked)
        return Refuse(Reason::kActionAboutUnknown, {Same("action", step.about_action_id)});
      return std::nullopt;
    }
    case alert::v1::ACTION_REFER:
      if (closed) return RefuseClosed(table, step.alert_id);
      return CheckReferral(table, permissions, step);
    default:
      return Refuse(Reason::kRecipientIsSender, {Same("office", step.office_id)});
  }
}

std::optional<Refusal> CheckConfirm(const Row& row, const ActionStep& step) {
  for (const Confirmation& confirmation : row.confirmations) {
    if (confirmation.action_id != step.about_action_id) continue;
    if (confirmation.confirmed.happened()) return RefuseDone(confirmation.confirmed);
    return std::nullopt;
  }
  return Refuse(Reason::kActionAboutUnknown, {Same("action", step.about_action_id)});
}

std::optional<Refusal> CheckRow(const CaseTable& table, const Row& row, const ActionStep& step) {
  if (const auto done = AlreadyDone(row, step.action)) return RefuseDone(*done);
  // Reading is a fact of its own: it is noted whenever it comes, and moves only a row that nobody
  // acted on.
  if (step.action == alert::v1::ACTION_READ) return std::nullopt;
  const Transition* transition = TransitionOf(step.action);
  if (transition == nullptr || !Allows(*transition, row.state))
    return RefuseState(table, row, step.action);
  if (step.action == alert::v1::ACTION_EXTEND && step.new_due_at_ms <= row.response_due_ms) {
    return Refuse(Reason::kDueNotLater, {Same("time", texts::Rfc3339(row.response_due_ms))});
  }
  return std::nullopt;
}

std::optional<Refusal> CheckRecipientStep(const CaseTable& table, const Permissions& permissions,
                                          const ActionStep& step) {
  const Row* row = table.FindRow(step.alert_id, step.office_id);
  if (row == nullptr)
    return Refuse(Reason::kNotAParty,
                  {Same("office", step.office_id), Same("case", table.case_ref)});
  if (step.action == alert::v1::ACTION_CONFIRM) return CheckConfirm(*row, step);
  if (row->state == kWithdrawn) return RefuseWithdrawn(table, step.alert_id);
  const bool reopens = step.action == alert::v1::ACTION_REOPEN;
  // The sender's close ends the case for all; only the sender opens it again.
  if (table.state == CaseState::kClosed) return RefuseClosed(table, table.opening_alert_id);
  if (row->state == kClosed && !reopens && step.action != alert::v1::ACTION_CLOSE)
    return RefuseClosed(table, step.alert_id);
  const bool informs =
      step.action == alert::v1::ACTION_READ || step.action == alert::v1::ACTION_ACKNOWLEDGE;
  if (row->role == alert::v1::ROLE_INFO && !informs) {
    return Refuse(Reason::kRoleInfoOnly, {Same("office", row->office_id)});
  }
  if (auto refusal = CheckRow(table, *row, step)) return refusal;
  return step.action == alert::v1::ACTION_REFER ? CheckReferral(table, permissions, step)
                                                : std::nullopt;
}

}  // namespace

Refusal RefuseLateExtension(const Row& row) {
  return Refuse(Reason::kDeadlinePassed, {Same("time", texts::Rfc3339(row.response_due_ms))});
}

std::optional<Refusal> CheckActor(const LogFacts& facts, const ActionStep& step) {
  const bool same_office = step.office_id == facts.office_id;
  const bool same_officer = facts.officer_id.empty() || step.officer_id == facts.officer_id;
  if (same_office && same_officer) return std::nullopt;
  return Refuse(Reason::kSenderMismatch,
                {Same("claimed", same_office ? step.officer_id : step.office_id),
                 Same("actual", same_office ? facts.officer_id : facts.office_id)});
}

std::optional<Refusal> CheckMessage(const CaseTable& table, const LogFacts& facts,
                                    const alert::v1::CaseAlert& alert) {
  if (alert.sender().office_id() != facts.office_id) {
    return Refuse(Reason::kSenderMismatch,
                  {Same("claimed", alert.sender().office_id()), Same("actual", facts.office_id)});
  }
  const bool opens = alert.message_type() == alert::v1::MESSAGE_TYPE_ALERT;
  if (table.opening_alert_id.empty()) {
    if (opens) return std::nullopt;
    return Refuse(Reason::kAlertUnknown, {Same("alert", alert.alert_id())});
  }
  if (IsAlert(table, alert.alert_id())) return Refuse(Reason::kIdReused, {});
  const bool party =
      facts.office_id == table.origin_office_id || table.CaseRow(facts.office_id) != nullptr;
  if (!party || alert.case_ref() != table.case_ref) {
    return Refuse(Reason::kNotAParty,
                  {Same("office", facts.office_id), Same("case", table.case_ref)});
  }
  if (table.state == CaseState::kWithdrawn) return RefuseWithdrawn(table, table.opening_alert_id);
  return std::nullopt;
}

std::optional<Refusal> CheckRules(const CaseTable& table, const Permissions& permissions,
                                  const ActionStep& step) {
  if (auto refusal = CheckContent(step)) return refusal;
  if (!IsAlert(table, step.alert_id))
    return Refuse(Reason::kAlertUnknown, {Same("alert", step.alert_id)});
  if (IsSendersStep(step.action)) {
    if (auto refusal = CheckSendersStep(table, step)) return refusal;
    if (step.action != alert::v1::ACTION_WITHDRAW && IsWithdrawn(table, step.alert_id)) {
      return RefuseWithdrawn(table, step.alert_id);
    }
    return std::nullopt;
  }
  if (step.office_id == SenderOf(table, step.alert_id)) {
    if (IsWithdrawn(table, step.alert_id)) return RefuseWithdrawn(table, step.alert_id);
    return CheckOriginStep(table, permissions, step);
  }
  return CheckRecipientStep(table, permissions, step);
}

std::vector<int> StepsTowards(const Row& row, int action) {
  // The way that an officer means, one state after the other. Reading is no part of it: who did not
  // open an alert did not read it.
  constexpr std::array kWay = {alert::v1::ACTION_ACKNOWLEDGE, alert::v1::ACTION_ACCEPT,
                               alert::v1::ACTION_START, alert::v1::ACTION_ANSWER};
  const Transition* wanted = TransitionOf(action);
  if (wanted == nullptr) return {};
  std::vector<int> steps;
  RowState state = row.state;
  for (const Action next : kWay) {
    if (Allows(*wanted, state)) break;
    const Transition& step = *TransitionOf(next);
    if (!Allows(step, state) || next == action) continue;
    steps.push_back(next);
    state = *step.to;
  }
  if (!Allows(*wanted, state)) return {};
  steps.push_back(action);
  return steps;
}

}  // namespace enlace::alerts
