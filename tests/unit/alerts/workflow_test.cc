#include "client/alerts/workflow.h"

#include <gtest/gtest.h>

#include "client/texts/time_format.h"
#include "enlace/alert/v1/alert.pb.h"
#include "tests/unit/alerts/room_log.h"

namespace enlace::alerts {
namespace {

TEST(Workflow, OpeningAlert_MakesOneRowForEachRecipient) {
  Room room;
  room.Open();
  EXPECT_EQ(room.table().rows.size(), 4u);
  EXPECT_EQ(room.table().case_ref, "HN-2026-000412");
  EXPECT_EQ(room.table().origin_office_id, kOrigin);
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kSent);
  EXPECT_EQ(room.RowOf(kGt).role, ROLE_INFO);
  // Due = the server's acceptance plus the sender's window of 4 h and 72 h.
  EXPECT_EQ(room.RowOf(kMx).ack_due_ms, kAccepted + 4 * kHour);
  EXPECT_EQ(room.RowOf(kMx).response_due_ms, kAccepted + 72 * kHour);
}

// The table of DOMAIN.md: for each state, the recipient's steps that it allows and the state to
// which they lead.
struct Allowed {
  RowState from;
  std::vector<std::pair<int, RowState>> steps;
};

std::vector<Allowed> AllowedSteps() {
  using enum RowState;
  return {
      {kSent, {{ACTION_READ, kRead}, {ACTION_ACKNOWLEDGE, kAcknowledged}}},
      {kDelivered, {{ACTION_READ, kRead}, {ACTION_ACKNOWLEDGE, kAcknowledged}}},
      {kRead, {{ACTION_ACKNOWLEDGE, kAcknowledged}, {ACTION_DECLINE, kDeclined}}},
      {kAcknowledged,
       {{ACTION_READ, kAcknowledged},
        {ACTION_ACCEPT, kAccepted},
        {ACTION_DECLINE, kDeclined},
        {ACTION_REFER, kReferred}}},
      {kAccepted,
       {{ACTION_READ, kAccepted},
        {ACTION_ASSIGN, kAccepted},
        {ACTION_HANDOVER_OFFICER, kAccepted},
        {ACTION_START, kInProgress}}},
      {kInProgress,
       {{ACTION_READ, kInProgress},
        {ACTION_ASSIGN, kInProgress},
        {ACTION_HANDOVER_OFFICER, kInProgress},
        {ACTION_REQUEST_INFO, kInfoRequested},
        {ACTION_ANSWER, kAnswered},
        {ACTION_REFER, kReferred},
        {ACTION_EXTEND, kInProgress}}},
      {kInfoRequested,
       {{ACTION_READ, kInfoRequested},
        {ACTION_ASSIGN, kInfoRequested},
        {ACTION_HANDOVER_OFFICER, kInfoRequested}}},
      {kAnswered,
       {{ACTION_READ, kAnswered},
        {ACTION_ASSIGN, kAnswered},
        {ACTION_HANDOVER_OFFICER, kAnswered},
        {ACTION_START, kInProgress},
        {ACTION_CLOSE, kClosed}}},
      {kDeclined, {{ACTION_READ, kDeclined}}},
      {kReferred, {{ACTION_READ, kReferred}}},
      {kClosed, {{ACTION_REOPEN, kInProgress}}},
      {kWithdrawn, {}},
  };
}

constexpr int kRecipientActions[] = {
    ACTION_READ,         ACTION_ACKNOWLEDGE, ACTION_ACCEPT,          ACTION_ASSIGN,  ACTION_START,
    ACTION_REQUEST_INFO, ACTION_ANSWER,      ACTION_REFER,           ACTION_DECLINE, ACTION_CLOSE,
    ACTION_REOPEN,       ACTION_EXTEND,      ACTION_HANDOVER_OFFICER};

TEST(Workflow, EveryPairOfStateAndStep_IsAllowedExactlyAsTheTableSays) {
  for (const Allowed& allowed : AllowedSteps()) {
    for (const int action : kRecipientActions) {
      Room room;
      room.Open();
      room.Bring(kMx, allowed.from);
      // So that the referral rule does not stand in the way of the state's own.
      if (action == ACTION_REFER && allowed.from != RowState::kWithdrawn &&
          allowed.from != RowState::kReferred) {
        room.Must(kOrigin, {ACTION_PERMIT_REFERRAL});
      }
      ASSERT_EQ(room.RowOf(kMx).state, allowed.from);
      const auto refused = room.Do(kMx, action);
      const auto found = std::ranges::find(allowed.steps, action, &std::pair<int, RowState>::first);
      const std::string pair =
          std::to_string(static_cast<int>(allowed.from)) + " + " + std::to_string(action);
      EXPECT_EQ(refused.has_value(), found == allowed.steps.end())
          << pair << " " << ReasonOf(refused);
      const RowState wanted = found == allowed.steps.end() ? allowed.from : found->second;
      EXPECT_EQ(room.RowOf(kMx).state, wanted) << pair;
      if (refused) {
        EXPECT_FALSE(refused->message_es.empty()) << pair;
      }
    }
  }
}

TEST(Workflow, SecondAcknowledgement_IsToldWhoWasFirst) {
  Room room;
  room.Open();
  ActionStep first = room.Step(kMx, ACTION_ACKNOWLEDGE);
  EXPECT_FALSE(room.Do(first));
  room.At(kAccepted + kMinute);
  const auto refused = room.Do(kMx, ACTION_ACKNOWLEDGE);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, "ACTION_ALREADY_DONE");
  EXPECT_EQ(refused->by.officer_id, first.officer_id);
  EXPECT_EQ(refused->by.at_ms, kAccepted);
  EXPECT_EQ(room.RowOf(kMx).acknowledged.at_ms, kAccepted);
}

TEST(Workflow, LateAcknowledgement_AfterCloseOrWithdrawal_IsRefusedWithTheReason) {
  Room closed;
  closed.Open();
  closed.Must(kOrigin, {ACTION_CLOSE});
  EXPECT_EQ(ReasonOf(closed.Do(kMx, ACTION_ACKNOWLEDGE)), "CASE_CLOSED");
  Room withdrawn;
  withdrawn.Open();
  withdrawn.Must(kOrigin, {ACTION_WITHDRAW});
  const auto refused = withdrawn.Do(kMx, ACTION_ACKNOWLEDGE);
  EXPECT_EQ(ReasonOf(refused), "CASE_WITHDRAWN");
  EXPECT_EQ(refused->by.office_id, kOrigin);
}

TEST(Workflow, DeliveredReadAcknowledged_AreThreeFacts) {
  Room room;
  room.Open();
  room.Must(kMx, {ACTION_ACKNOWLEDGE});
  EXPECT_FALSE(room.RowOf(kMx).read.happened());
  room.Must(kMx, {ACTION_READ});
  EXPECT_TRUE(room.RowOf(kMx).read.happened());
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kAcknowledged);
  room.Receipt(kUs);
  EXPECT_EQ(room.RowOf(kUs).state, RowState::kDelivered);
  EXPECT_FALSE(room.RowOf(kUs).read.happened());
}

TEST(Workflow, UnreadableRow_BecomesDeliveredWhenAnotherDeviceReadsIt) {
  Room room;
  room.Open();
  room.Unreadable(kMx);
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kUnreadable);
  room.Receipt(kMx);
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kDelivered);
}

TEST(Workflow, Reading_NeverStopsATimer) {
  Room room;
  room.Open();
  room.Must(kMx, {ACTION_READ});
  const RowFlags flags = FlagsOf(room.table(), room.RowOf(kMx), kAccepted + 5 * kHour);
  EXPECT_TRUE(flags.ack_late);
  room.Must(kMx, {ACTION_ACKNOWLEDGE});
  EXPECT_FALSE(FlagsOf(room.table(), room.RowOf(kMx), kAccepted + 5 * kHour).ack_waiting);
}

TEST(Workflow, Escalation_IsAFlagAtHalfWholeAndTwiceTheWindow) {
  Room room;
  room.Open();
  const auto percent = [&](int64_t after_ms) {
    return FlagsOf(room.table(), room.RowOf(kMx), kAccepted + after_ms).escalation_percent;
  };
  EXPECT_EQ(percent(2 * kHour - 1), 0);
  EXPECT_EQ(percent(2 * kHour), 50);
  EXPECT_EQ(percent(4 * kHour), 100);
  EXPECT_EQ(percent(8 * kHour), 200);
  const RowFlags informed = FlagsOf(room.table(), room.RowOf(kGt), kAccepted + 8 * kHour);
  EXPECT_FALSE(informed.ack_waiting || informed.ack_late || informed.escalation_percent);
}

TEST(Workflow, Exercise_NeverEscalates) {
  Room room;
  room.alert().set_status(STATUS_EXERCISE);
  room.Open();
  const RowFlags flags = FlagsOf(room.table(), room.RowOf(kMx), kAccepted + 9 * kHour);
  EXPECT_TRUE(flags.ack_late);
  EXPECT_EQ(flags.escalation_percent, 0);
}

TEST(Workflow, RequestedInformation_PausesTheAnswerTimerUntilTheSenderAnswers) {
  Room room;
  room.Open();
  room.Bring(kMx, RowState::kInProgress);
  const ActionStep question = room.Step(kMx, ACTION_REQUEST_INFO);
  EXPECT_FALSE(room.Do(question));
  EXPECT_FALSE(FlagsOf(room.table(), room.RowOf(kMx), kAccepted + 100 * kHour).answer_late);
  room.At(kAccepted + 10 * kHour);
  ActionStep answer = room.Step(kOrigin, ACTION_ANSWER);
  answer.about_action_id = question.action_id;
  EXPECT_FALSE(room.Do(answer));
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kInProgress);
  EXPECT_EQ(room.RowOf(kMx).response_due_ms, kAccepted + 82 * kHour);
  EXPECT_EQ(ReasonOf(room.Do(answer)), "ACTION_ABOUT_UNKNOWN");
}

TEST(Workflow, InformedOffice_ReadsAndAcknowledgesAndNothingElse) {
  for (const int action :
       {ACTION_ACCEPT, ACTION_DECLINE, ACTION_REFER, ACTION_CLOSE, ACTION_ANSWER}) {
    Room room;
    room.Open();
    EXPECT_EQ(ReasonOf(room.Do(kGt, action)), "ROLE_INFO_ONLY") << action;
  }
  Room room;
  room.Open();
  room.Must(kGt, {ACTION_READ, ACTION_ACKNOWLEDGE});
}

TEST(Workflow, ClosingNeedsAnOutcome_DecliningAReason_ActingAnOfficer) {
  Room room;
  room.Open();
  room.Bring(kMx, RowState::kAnswered);
  ActionStep close = room.Step(kMx, ACTION_CLOSE);
  close.outcome = 0;
  EXPECT_EQ(ReasonOf(room.Do(close)), "OUTCOME_REQUIRED");
  ActionStep decline = room.Step(kUs, ACTION_DECLINE);
  decline.decline_reason = 0;
  EXPECT_EQ(ReasonOf(room.Do(decline)), "DECLINE_REASON_REQUIRED");
  ActionStep nameless = room.Step(kUs, ACTION_ACKNOWLEDGE);
  nameless.officer_id.clear();
  LogFacts service = room.Facts(kUs);
  service.officer_id.clear();
  room.workflow().ApplyAction(service, nameless);
  EXPECT_EQ(ReasonOf(room.table().history.back().refused), "OFFICER_REQUIRED");
}

TEST(Workflow, ActionInAnothersName_IsRefused) {
  Room room;
  room.Open();
  room.workflow().ApplyAction(room.Facts(kUs), room.Step(kMx, ACTION_ACKNOWLEDGE));
  EXPECT_EQ(ReasonOf(room.table().history.back().refused), "SENDER_MISMATCH");
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kSent);
  EXPECT_EQ(ReasonOf(room.Do("pa.consular", ACTION_ACKNOWLEDGE)), "NOT_A_PARTY");
}

TEST(Workflow, OnlyTheSender_WithdrawsCorrectsAndClosesTheCase) {
  Room room;
  room.Open();
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_WITHDRAW)), "NOT_THE_ORIGIN");
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_CORRECT)), "NOT_THE_ORIGIN");
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_PERMIT_REFERRAL)), "NOT_THE_ORIGIN");
  EXPECT_EQ(ReasonOf(room.Do(kOrigin, ACTION_ACKNOWLEDGE)), "RECIPIENT_IS_SENDER");
  room.Bring(kMx, RowState::kClosed);
  EXPECT_EQ(room.table().state, CaseState::kOpen);
  room.Must(kOrigin, {ACTION_CLOSE});
  EXPECT_EQ(room.table().state, CaseState::kClosed);
  EXPECT_EQ(room.RowOf(kUs).state, RowState::kClosed);
  EXPECT_EQ(ReasonOf(room.Do(kUs, ACTION_REOPEN)), "CASE_CLOSED");
  room.Must(kOrigin, {ACTION_REOPEN});
  EXPECT_EQ(room.RowOf(kUs).state, RowState::kSent);
  EXPECT_EQ(ReasonOf(room.Do(kOrigin, ACTION_REOPEN)), "CASE_NOT_CLOSED");
}

TEST(Workflow, CorrectionAndWithdrawal_ShowWhoHasNotConfirmed) {
  Room room;
  room.Open();
  const ActionStep correction = room.Step(kOrigin, ACTION_CORRECT);
  EXPECT_FALSE(room.Do(correction));
  EXPECT_EQ(Unconfirmed(room.table(), correction.action_id).size(), 4u);
  ActionStep confirm = room.Step(kMx, ACTION_CONFIRM);
  confirm.about_action_id = correction.action_id;
  EXPECT_FALSE(room.Do(confirm));
  EXPECT_EQ(ReasonOf(room.Do(confirm)), "ACTION_ALREADY_DONE");
  EXPECT_EQ(Unconfirmed(room.table(), correction.action_id).size(), 3u);
  const ActionStep withdrawal = room.Step(kOrigin, ACTION_WITHDRAW);
  EXPECT_FALSE(room.Do(withdrawal));
  EXPECT_EQ(room.table().state, CaseState::kWithdrawn);
  confirm = room.Step(kGt, ACTION_CONFIRM);
  confirm.about_action_id = withdrawal.action_id;
  EXPECT_FALSE(room.Do(confirm));
  EXPECT_EQ(Unconfirmed(room.table(), withdrawal.action_id).size(), 3u);
  confirm.about_action_id = "another";
  EXPECT_EQ(ReasonOf(room.Do(confirm)), "ACTION_ABOUT_UNKNOWN");
}

TEST(Workflow, CancelMessage_WithdrawsTheAlertThatItLinks) {
  Room room;
  room.Open();
  CaseAlert cancel = room.alert();
  cancel.set_alert_id("01a1fa46-b3e0-720d-b2fb-683064b0ccc7");
  cancel.set_message_type(MESSAGE_TYPE_CANCEL);
  Link& link = *cancel.add_links();
  link.set_type(LINK_TYPE_CANCELS);
  link.set_alert_id(room.alert().alert_id());
  LogFacts facts = room.Facts(kOrigin);
  facts.officer_id = "ofc-hn-007";
  room.workflow().ApplyAlert(facts, cancel);
  EXPECT_EQ(room.table().state, CaseState::kWithdrawn);
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kWithdrawn);
}

TEST(Workflow, Referral_OfH2NeedsTheOriginatorsPermission_AndMakesANewRow) {
  Room room;
  room.Open();  // A01 carries H2
  room.Bring(kMx, RowState::kAcknowledged);
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_REFER)), "REFERRAL_NEEDS_PERMISSION");
  room.Must(kOrigin, {ACTION_PERMIT_REFERRAL});
  room.At(kAccepted + kHour);
  room.Must(kMx, {ACTION_REFER});
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kReferred);
  const Row& added = room.RowOf("cr.consular");
  EXPECT_EQ(added.referred_by_office_id, kMx);
  EXPECT_EQ(added.ack_due_ms, kAccepted + 5 * kHour);
  EXPECT_EQ(ReasonOf(room.Do(kOrigin, ACTION_REFER)), "OFFICE_ALREADY_IN");
}

TEST(Workflow, Referral_IntoAnExcludedCountry_IsRefusedWhoeverAllowsIt) {
  Room room;
  room.alert().mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_NOT_PERMITTED);
  room.alert().mutable_handling()->add_excluded_countries("CRI");
  room.Open();
  EXPECT_EQ(ReasonOf(room.Do(kOrigin, ACTION_REFER)), "GUARD_EXCLUDED");
  room.Bring(kMx, RowState::kAcknowledged);
  ActionStep permit = room.Step(kOrigin, ACTION_PERMIT_REFERRAL);
  permit.refer_to_office_id = "cr.consular";
  EXPECT_FALSE(room.Do(permit));
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_REFER)), "GUARD_EXCLUDED");
}

TEST(Workflow, Referral_OfAmberStrict_StaysInsideTheOwnAuthority) {
  Room room;
  room.alert().mutable_handling()->set_tlp(TLP_AMBER_STRICT);
  room.alert().mutable_handling()->clear_codes();
  room.Open();
  room.Bring(kMx, RowState::kAcknowledged);
  EXPECT_EQ(ReasonOf(room.Do(kMx, ACTION_REFER)), "REFERRAL_NEEDS_PERMISSION");
  ActionStep inside = room.Step(kMx, ACTION_REFER);
  inside.refer_to_office_id = "mx.child";
  EXPECT_FALSE(room.Do(inside));
}

TEST(Workflow, Extension_MustBeLaterAndComeBeforeTheDeadline) {
  Room room;
  room.Open();
  room.Bring(kMx, RowState::kInProgress);
  ActionStep earlier = room.Step(kMx, ACTION_EXTEND);
  earlier.new_due_at_ms = kAccepted + kHour;
  const std::optional<Refusal> refused = room.Do(earlier);
  EXPECT_EQ(ReasonOf(refused), "DUE_NOT_LATER");
  EXPECT_EQ(refused->values.at("time"), texts::Rfc3339(room.RowOf(kMx).response_due_ms));
  const ActionStep step = room.Step(kMx, ACTION_EXTEND);
  EXPECT_EQ(ReasonOf(CheckStep(room.workflow(), step, kAccepted + 73 * kHour)), "DEADLINE_PASSED");
  EXPECT_FALSE(CheckStep(room.workflow(), step, kAccepted + 71 * kHour));
  EXPECT_FALSE(room.Do(step));
  EXPECT_EQ(room.RowOf(kMx).response_due_ms, step.new_due_at_ms);
}

TEST(Workflow, Update_MakesRowsForTheOtherOffices_AndTightensTheCase) {
  Room room;
  room.Open();
  const CaseAlert update = CaseOf("A10");
  room.workflow().ApplyAlert(room.Facts(kMx), update);
  EXPECT_FALSE(room.table().history.back().refused);
  EXPECT_NE(room.table().FindRow(update.alert_id(), kOrigin), nullptr);
  EXPECT_EQ(room.table().FindRow(update.alert_id(), kMx), nullptr);
  EXPECT_EQ(room.table().tlp, TLP_AMBER_STRICT);
  // The sender of an update is no owner of the case.
  ActionStep close = room.Step(kMx, ACTION_CLOSE);
  close.alert_id = update.alert_id();
  EXPECT_EQ(ReasonOf(room.Do(close)), "NOT_THE_ORIGIN");
}

TEST(Workflow, Update_OfAStranger_OfAnotherCase_OrUnderAUsedId_IsRefused) {
  Room room;
  room.Open();
  CaseAlert update = CaseOf("A10");
  update.mutable_sender()->set_office_id("pa.consular");
  room.workflow().ApplyAlert(room.Facts("pa.consular"), update);
  EXPECT_EQ(ReasonOf(room.table().history.back().refused), "NOT_A_PARTY");
  update = CaseOf("A10");
  room.workflow().ApplyAlert(room.Facts(kUs), update);
  EXPECT_EQ(ReasonOf(room.table().history.back().refused), "SENDER_MISMATCH");
  update.set_alert_id(room.alert().alert_id());
  room.workflow().ApplyAlert(room.Facts(kMx), update);
  EXPECT_EQ(ReasonOf(room.table().history.back().refused), "ID_REUSED");
}

TEST(Workflow, ActionOnAnUnknownAlert_IsRefused) {
  Room room;
  room.Open();
  ActionStep step = room.Step(kMx, ACTION_ACKNOWLEDGE);
  step.alert_id = "01a1fa46-b3e0-720d-b2fb-000000000000";
  EXPECT_EQ(ReasonOf(room.Do(step)), "ALERT_UNKNOWN");
}

TEST(Workflow, UnknownAction_OfANewerVersion_IsKeptAndChangesNothing) {
  Room room;
  room.Open();
  EXPECT_EQ(ReasonOf(room.Do(kMx, 97)), "ACTION_NOT_POSSIBLE");
  EXPECT_EQ(room.table().history.back().action, 97);
  EXPECT_EQ(room.RowOf(kMx).state, RowState::kSent);
}

TEST(Workflow, RepeatedItem_ChangesNothing) {
  Room room;
  room.Open();
  const LogFacts facts = room.Facts(kMx);
  const ActionStep step = room.Step(kMx, ACTION_ACKNOWLEDGE);
  room.workflow().ApplyAction(facts, step);
  const size_t count = room.table().history.size();
  room.workflow().ApplyAction(facts, step);
  EXPECT_EQ(room.table().history.size(), count);
}

TEST(Workflow, StepsTowards_ReachWhatTheTableAllows) {
  for (const Allowed& allowed : AllowedSteps()) {
    for (const int action : kRecipientActions) {
      Room room;
      room.Open();
      room.Bring(kMx, allowed.from);
      const auto steps = StepsTowards(room.RowOf(kMx), action);
      if (steps.empty()) continue;
      EXPECT_EQ(steps.back(), action);
      room.Must(kOrigin, {ACTION_PERMIT_REFERRAL});
      for (const int step : steps) {
        ActionStep next = room.Step(kMx, step);
        EXPECT_FALSE(room.Do(next))
            << static_cast<int>(allowed.from) << " " << action << " at " << step;
      }
    }
  }
}

TEST(Workflow, StepsTowards_NeverClaimThatSomebodyRead) {
  Room room;
  room.Open();
  room.Bring(kMx, RowState::kDelivered);
  EXPECT_EQ(StepsTowards(room.RowOf(kMx), ACTION_ACCEPT),
            (std::vector<int>{ACTION_ACKNOWLEDGE, ACTION_ACCEPT}));
  EXPECT_EQ(
      StepsTowards(room.RowOf(kMx), ACTION_REQUEST_INFO),
      (std::vector<int>{ACTION_ACKNOWLEDGE, ACTION_ACCEPT, ACTION_START, ACTION_REQUEST_INFO}));
  EXPECT_EQ(StepsTowards(room.RowOf(kMx), ACTION_DECLINE),
            (std::vector<int>{ACTION_ACKNOWLEDGE, ACTION_DECLINE}));
}

}  // namespace
}  // namespace enlace::alerts
