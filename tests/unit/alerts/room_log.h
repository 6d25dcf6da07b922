// Plays a room's log for the workflow tests: messages in the server's order, from offices that sign
// them.
//
// Thread safety: one thread.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "client/alerts/workflow.h"
#include "enlace/alert/v1/alert.pb.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {

using namespace alert::v1;  // the model's codes, which every line of these tests names

inline constexpr int64_t kAccepted = 1'795'000'000'000;
inline constexpr int64_t kMinute = 60'000;
inline constexpr int64_t kHour = 60 * kMinute;

inline const char* const kOrigin = "hn.consular";
inline const char* const kMx = "mx.consular";
inline const char* const kUs = "us.consular";
inline const char* const kGt = "gt.consular";  // informed only

// Plays a room's log, one message after the other.
class Room {
 public:
  Room() : alert_(CaseOf("A01")) {}

  CaseAlert& alert() { return alert_; }

  Room& Open() {
    workflow_.ApplyAlert(Facts(kOrigin), alert_);
    return *this;
  }

  ActionStep Step(const std::string& office, int action) {
    ActionStep step;
    step.action_id = "action-" + std::to_string(++actions_);
    step.alert_id = alert_.alert_id();
    step.action = action;
    step.office_id = office;
    step.officer_id = "ofc-" + office.substr(0, 2) + "-001";
    if (action == ACTION_DECLINE) step.decline_reason = DECLINE_REASON_NOT_COMPETENT;
    if (action == ACTION_CLOSE) step.outcome = OUTCOME_LOCATED_ALIVE;
    if (action == ACTION_ASSIGN || action == ACTION_HANDOVER_OFFICER)
      step.assignee_officer_id = "ofc-x-009";
    if (action == ACTION_REFER) step.refer_to_office_id = "cr.consular";
    if (action == ACTION_EXTEND) step.new_due_at_ms = kAccepted + 1000 * kHour;
    return step;
  }

  // Applies the step and gives its refusal, if any.
  std::optional<Refusal> Do(const ActionStep& step) {
    workflow_.ApplyAction(Facts(step.office_id), step);
    return workflow_.table().history.back().refused;
  }
  std::optional<Refusal> Do(const std::string& office, int action) {
    return Do(Step(office, action));
  }

  // Brings an office's row to a state by the steps that the table allows.
  void Bring(const std::string& office, RowState state) {
    using enum RowState;
    if (state == kDelivered) return Receipt(office);
    if (state == kRead) return Must(office, {ACTION_READ});
    if (state == kAcknowledged) return Must(office, {ACTION_ACKNOWLEDGE});
    if (state == kAccepted) return Must(office, {ACTION_ACKNOWLEDGE, ACTION_ACCEPT});
    if (state == kDeclined) return Must(office, {ACTION_ACKNOWLEDGE, ACTION_DECLINE});
    if (state == kWithdrawn) return Must(kOrigin, {ACTION_WITHDRAW});
    if (state == kSent) return;
    Must(office, {ACTION_ACKNOWLEDGE, ACTION_ACCEPT, ACTION_START});
    if (state == kInfoRequested) Must(office, {ACTION_REQUEST_INFO});
    if (state == kAnswered) Must(office, {ACTION_ANSWER});
    if (state == kClosed) Must(office, {ACTION_ANSWER, ACTION_CLOSE});
    if (state != kReferred) return;
    Must(kOrigin, {ACTION_PERMIT_REFERRAL});
    Must(office, {ACTION_REFER});
  }

  void Must(const std::string& office, std::initializer_list<int> actions) {
    for (const int action : actions) {
      ActionStep step = Step(office, action);
      if (action == ACTION_PERMIT_REFERRAL) step.refer_to_office_id = "cr.consular";
      const auto refused = Do(step);
      EXPECT_FALSE(refused) << action << " " << refused->message_en;
    }
  }

  void Receipt(const std::string& office) {
    workflow_.ApplyReceipt(Facts(office), {alert_.alert_id()}, {});
  }
  void Unreadable(const std::string& office) {
    workflow_.ApplyReceipt(Facts(office), {}, {alert_.alert_id()});
  }

  void At(int64_t at_ms) { at_ms_ = at_ms; }
  const Row& RowOf(const std::string& office) { return *workflow_.table().CaseRow(office); }
  const CaseTable& table() const { return workflow_.table(); }
  Workflow& workflow() { return workflow_; }

  LogFacts Facts(const std::string& office) {
    return {++sequence_, at_ms_, office,
            office == kOrigin ? "" : "ofc-" + office.substr(0, 2) + "-001"};
  }

 private:
  CaseAlert alert_;
  Workflow workflow_;
  uint64_t sequence_ = 0;
  int actions_ = 0;
  int64_t at_ms_ = kAccepted;
};

inline std::string ReasonOf(const std::optional<Refusal>& refusal) {
  return refusal ? refusal->reason : "";
}

}  // namespace enlace::alerts
