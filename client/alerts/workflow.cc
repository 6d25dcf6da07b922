#include "client/alerts/workflow.h"

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/alerts/merge.h"
#include "client/alerts/workflow_rules.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;

bool HasCode(const alert::v1::Handling& handling, alert::v1::HandlingCode code) {
  return std::ranges::find(handling.codes(), static_cast<int>(code)) != handling.codes().end();
}

// The server's acceptance plus the window that the sender set; 0 when there is none.
int64_t DueMs(const LogFacts& facts, const CaseAlert& alert, bool has_due,
              const google::protobuf::Timestamp& due) {
  if (!has_due || !alert.has_created_at()) return 0;
  return facts.accepted_at_ms + (ToMs(due) - ToMs(alert.created_at()));
}

Row MakeRow(const LogFacts& facts, const CaseAlert& alert, const std::string& office_id, int role) {
  Row row;
  row.alert_id = alert.alert_id();
  row.office_id = office_id;
  row.role = role;
  row.sent = {facts.office_id, facts.officer_id, facts.accepted_at_ms};
  row.ack_due_ms = DueMs(facts, alert, alert.has_ack_due_at(), alert.ack_due_at());
  row.response_due_ms = DueMs(facts, alert, alert.has_response_due_at(), alert.response_due_at());
  return row;
}

void Tighten(const CaseAlert& alert, CaseTable& table) {
  table.tlp = StricterTlp(table.tlp == 0 ? static_cast<int>(alert::v1::TLP_CLEAR) : table.tlp,
                          alert.handling().tlp());
  table.h2 = table.h2 || HasCode(alert.handling(), alert::v1::HANDLING_CODE_H2);
  table.guard = Tighten(table.guard, GuardOf(alert));
}

// The offices of the room other than the sender: an update's recipients.
std::vector<std::pair<std::string, int>> OthersInCase(const CaseTable& table,
                                                      const std::string& sender) {
  std::vector<std::pair<std::string, int>> others;
  if (table.origin_office_id != sender)
    others.emplace_back(table.origin_office_id, alert::v1::ROLE_ACTION);
  for (const Row& row : table.rows) {
    if (row.alert_id == table.opening_alert_id && row.office_id != sender)
      others.emplace_back(row.office_id, row.role);
  }
  return others;
}

HistoryStep StepOfAlert(const LogFacts& facts, const CaseAlert& alert) {
  HistoryStep step;
  step.sequence = facts.sequence;
  step.at_ms = facts.accepted_at_ms;
  step.office_id = facts.office_id;
  step.officer_id = facts.officer_id;
  step.alert_id = alert.alert_id();
  step.message_type = alert.message_type();
  step.corrected_fields = {alert.corrected_fields().begin(), alert.corrected_fields().end()};
  return step;
}

HistoryStep StepOfAction(const LogFacts& facts, const ActionStep& action) {
  HistoryStep step;
  step.sequence = facts.sequence;
  step.at_ms = facts.accepted_at_ms;
  step.office_id = facts.office_id;
  step.officer_id = action.officer_id;
  step.alert_id = action.alert_id;
  step.action = action.action;
  step.action_id = action.action_id;
  step.other_office_id = action.refer_to_office_id;
  step.assignee_officer_id = action.assignee_officer_id;
  step.note = action.note;
  step.outcome = action.outcome;
  step.decline_reason = action.decline_reason;
  step.new_due_at_ms = action.new_due_at_ms;
  step.corrected_fields = action.corrected_fields;
  return step;
}

// A CANCEL of the sender is the withdrawal of the alert that it links.
ActionStep WithdrawalOf(const LogFacts& facts, const CaseAlert& alert) {
  ActionStep step;
  step.action_id = alert.alert_id();
  step.action = alert::v1::ACTION_WITHDRAW;
  step.office_id = facts.office_id;
  step.officer_id = facts.officer_id;
  step.note = alert.body();
  for (const auto& link : alert.links()) {
    if (link.type() == alert::v1::LINK_TYPE_CANCELS) step.alert_id = link.alert_id();
  }
  return step;
}

}  // namespace

const Row* CaseTable::FindRow(std::string_view alert_id, std::string_view office_id) const {
  const auto found = std::ranges::find_if(
      rows, [&](const Row& row) { return row.alert_id == alert_id && row.office_id == office_id; });
  return found == rows.end() ? nullptr : &*found;
}

const Row* CaseTable::CaseRow(std::string_view office_id) const {
  return FindRow(opening_alert_id, office_id);
}

ActionStep StepOf(const alert::v1::CaseAction& action) {
  ActionStep step;
  step.action_id = action.action_id();
  step.alert_id = action.alert_id();
  step.action = action.action();
  step.office_id = action.actor().office_id();
  step.officer_id = action.actor().officer_id();
  step.assignee_officer_id = action.assignee_officer_id();
  step.refer_to_office_id = action.refer_to_office_id();
  step.decline_reason = action.decline_reason();
  step.outcome = action.outcome();
  step.note = action.note();
  step.new_due_at_ms = action.has_new_due_at() ? ToMs(action.new_due_at()) : 0;
  step.corrected_fields = {action.corrected_fields().begin(), action.corrected_fields().end()};
  step.about_action_id = action.about_action_id();
  return step;
}

bool Workflow::TakeSequence(const LogFacts& facts) {
  if (started_ && facts.sequence <= last_sequence_) return false;
  last_sequence_ = facts.sequence;
  started_ = true;
  return true;
}

void Workflow::ApplyAlert(const LogFacts& facts, const CaseAlert& alert) {
  if (!TakeSequence(facts)) return;
  HistoryStep step = StepOfAlert(facts, alert);
  step.refused = CheckMessage(table_, facts, alert);
  table_.history.push_back(step);
  if (step.refused) return;
  if (alert.message_type() == alert::v1::MESSAGE_TYPE_CANCEL) {
    const ActionStep withdrawal = WithdrawalOf(facts, alert);
    table_.history.back().refused = CheckRules(table_, permissions_, withdrawal);
    if (!table_.history.back().refused) ApplyRules(facts, withdrawal, table_, permissions_);
    return;
  }
  Tighten(alert, table_);
  if (table_.opening_alert_id.empty()) return Open(facts, alert);
  for (const auto& [office_id, role] : OthersInCase(table_, facts.office_id)) {
    table_.rows.push_back(MakeRow(facts, alert, office_id, role));
  }
}

void Workflow::Open(const LogFacts& facts, const CaseAlert& alert) {
  table_.case_ref = alert.case_ref();
  table_.origin_office_id = facts.office_id;
  table_.opening_alert_id = alert.alert_id();
  table_.status = alert.status();
  for (const auto& recipient : alert.recipients()) {
    if (table_.CaseRow(recipient.office_id()) != nullptr) continue;
    table_.rows.push_back(MakeRow(facts, alert, recipient.office_id(), recipient.role()));
  }
}

void Workflow::ApplyAction(const LogFacts& facts, const ActionStep& action) {
  if (!TakeSequence(facts)) return;
  HistoryStep step = StepOfAction(facts, action);
  step.refused = CheckActor(facts, action);
  if (!step.refused) step.refused = CheckRules(table_, permissions_, action);
  table_.history.push_back(step);
  if (!step.refused) ApplyRules(facts, action, table_, permissions_);
}

void Workflow::ApplyReceipt(const LogFacts& facts, const std::vector<std::string>& alert_ids,
                            const std::vector<std::string>& unreadable_alert_ids) {
  if (!TakeSequence(facts)) return;
  const auto contains = [](const std::vector<std::string>& ids, const std::string& id) {
    return std::ranges::find(ids, id) != ids.end();
  };
  for (Row& row : table_.rows) {
    if (row.office_id != facts.office_id) continue;
    if (contains(alert_ids, row.alert_id) && !row.delivered.happened()) {
      row.delivered = {facts.office_id, facts.officer_id, facts.accepted_at_ms};
      if (row.state == RowState::kSent || row.state == RowState::kUnreadable)
        row.state = RowState::kDelivered;
    }
    if (contains(unreadable_alert_ids, row.alert_id) && row.state == RowState::kSent)
      row.state = RowState::kUnreadable;
  }
}

std::optional<Refusal> CheckStep(const Workflow& workflow, const ActionStep& step, int64_t now_ms) {
  if (auto refusal = CheckRules(workflow.table(), workflow.permissions(), step)) return refusal;
  const Row* row = workflow.table().FindRow(step.alert_id, step.office_id);
  const bool extends =
      step.action == alert::v1::ACTION_EXTEND && row != nullptr && row->response_due_ms != 0;
  if (extends && now_ms > row->response_due_ms) return RefuseLateExtension(*row);
  return std::nullopt;
}

RowFlags FlagsOf(const CaseTable& table, const Row& row, int64_t now_ms) {
  RowFlags flags;
  const bool ended = row.state == RowState::kClosed || row.state == RowState::kWithdrawn ||
                     row.state == RowState::kDeclined || row.state == RowState::kReferred;
  if (ended || table.state != CaseState::kOpen || row.role == alert::v1::ROLE_INFO) return flags;
  flags.ack_waiting = !row.acknowledged.happened() && row.ack_due_ms != 0;
  flags.ack_late = flags.ack_waiting && now_ms > row.ack_due_ms;
  const bool answered = row.state == RowState::kAnswered || row.paused_since_ms != 0;
  flags.answer_waiting = !answered && row.response_due_ms != 0;
  flags.answer_late = flags.answer_waiting && now_ms > row.response_due_ms;
  const int64_t window_ms = row.ack_due_ms - row.sent.at_ms;
  if (!flags.ack_waiting || window_ms <= 0 || table.status != alert::v1::STATUS_ACTUAL)
    return flags;
  const int64_t percent = (now_ms - row.sent.at_ms) * 100 / window_ms;
  flags.escalation_percent = percent >= 200 ? 200 : percent >= 100 ? 100 : percent >= 50 ? 50 : 0;
  return flags;
}

std::vector<const Row*> Unconfirmed(const CaseTable& table, std::string_view action_id) {
  std::vector<const Row*> open;
  for (const Row& row : table.rows) {
    const bool waits =
        std::ranges::any_of(row.confirmations, [&](const Confirmation& confirmation) {
          return confirmation.action_id == action_id && !confirmation.confirmed.happened();
        });
    if (waits) open.push_back(&row);
  }
  return open;
}

}  // namespace enlace::alerts
