// A workflow step by itself.
#include <gtest/gtest.h>

#include "client/alerts/compose.h"
#include "client/alerts/validation.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::alerts {
namespace {

alert::v1::CaseAction Action(alert::v1::Action kind) {
  alert::v1::CaseAction action;
  action.set_action_id("01a1fa46-b3e0-720d-b2fb-683064b0ccc6");
  action.set_alert_id("01a1e4f1-9500-7ae5-bcda-bcf3cfa91827");
  action.set_case_ref("HN-2026-000412");
  action.set_action(kind);
  action.mutable_actor()->set_office_id("mx.consular");
  action.mutable_actor()->set_officer_id("ofc-mx-021");
  *action.mutable_at() = FromMs(1);
  return action;
}

TEST(ActionValidation, EachKind_NeedsItsField) {
  const FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  const std::vector<std::tuple<alert::v1::Action, std::string, std::string>> needs = {
      {alert::v1::ACTION_ASSIGN, "assignee_officer_id", "FIELD_REQUIRED"},
      {alert::v1::ACTION_HANDOVER_OFFICER, "assignee_officer_id", "FIELD_REQUIRED"},
      {alert::v1::ACTION_REFER, "refer_to_office_id", "FIELD_REQUIRED"},
      {alert::v1::ACTION_DECLINE, "decline_reason", "DECLINE_REASON_REQUIRED"},
      {alert::v1::ACTION_CLOSE, "outcome", "OUTCOME_REQUIRED"},
      {alert::v1::ACTION_REQUEST_INFO, "note", "FIELD_REQUIRED"},
      {alert::v1::ACTION_ANSWER, "note", "FIELD_REQUIRED"},
      {alert::v1::ACTION_REOPEN, "note", "FIELD_REQUIRED"},
      {alert::v1::ACTION_EXTEND, "new_due_at", "FIELD_REQUIRED"},
      {alert::v1::ACTION_CONFIRM, "about_action_id", "FIELD_REQUIRED"}};
  for (const auto& [kind, field, reason] : needs) {
    const Violations violations = ValidateAction(Action(kind), context);
    ASSERT_EQ(violations.size(), 1u) << kind;
    EXPECT_EQ(violations[0].field, field);
    EXPECT_EQ(violations[0].reason, reason);
  }
  for (const auto kind : {alert::v1::ACTION_READ, alert::v1::ACTION_ACKNOWLEDGE,
                          alert::v1::ACTION_ACCEPT, alert::v1::ACTION_START}) {
    EXPECT_TRUE(ValidateAction(Action(kind), context).empty()) << kind;
  }
}

TEST(ActionValidation, ActingWithoutAnOfficer_IsRefused) {
  alert::v1::CaseAction action = Action(alert::v1::ACTION_ACKNOWLEDGE);
  action.mutable_actor()->clear_officer_id();
  const Violations violations = ValidateAction(action, {});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].reason, "OFFICER_REQUIRED");
}

TEST(ActionValidation, ReferralToAnUnknownOffice_IsRefused) {
  const FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  alert::v1::CaseAction action = Action(alert::v1::ACTION_REFER);
  action.set_refer_to_office_id("cr.consul");
  const Violations violations = ValidateAction(action, context);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_NE(violations[0].message_en.find("cr.consular"), std::string::npos);
}

}  // namespace
}  // namespace enlace::alerts
