// What an allowed step changes in the table.
#include <algorithm>

#include "client/alerts/workflow_rules.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using enum RowState;

Fact FactOf(const LogFacts& facts, const ActionStep& step) {
  return {facts.office_id, step.officer_id, facts.accepted_at_ms};
}

template <typename Change>
void ForRowsOf(CaseTable& table, const std::string& alert_id, const Change& change) {
  for (Row& row : table.rows) {
    if (row.alert_id == alert_id) change(row);
  }
}

void CloseRow(const Fact& fact, int outcome, Row& row) {
  if (row.state == kClosed || row.state == kWithdrawn) return;
  row.before_close = row.state;
  row.state = kClosed;
  row.closed = fact;
  row.outcome = outcome;
}

// Back to where it was; a row that had answered goes on working.
void ReopenRow(Row& row) {
  if (row.state != kClosed) return;
  row.state = row.before_close == kAnswered ? kInProgress : row.before_close;
  row.closed = {};
  row.outcome = 0;
}

// The answer timer goes on from where it stood.
void Resume(int64_t at_ms, Row& row) {
  if (row.paused_since_ms != 0 && row.response_due_ms != 0)
    row.response_due_ms += at_ms - row.paused_since_ms;
  row.paused_since_ms = 0;
  row.open_request_action_id.clear();
}

void AddReferred(const LogFacts& facts, const ActionStep& step, const Row* referring,
                 CaseTable& table) {
  Row row;
  row.alert_id = step.alert_id;
  row.office_id = step.refer_to_office_id;
  row.role = alert::v1::ROLE_ACTION;
  row.sent = FactOf(facts, step);
  row.referred_by_office_id = facts.office_id;
  const Row* model = referring;
  if (model == nullptr && !table.rows.empty()) model = &table.rows.front();
  if (model != nullptr) {
    // The new office gets the whole window, counted from the referral.
    row.ack_due_ms =
        model->ack_due_ms == 0 ? 0 : facts.accepted_at_ms + (model->ack_due_ms - model->sent.at_ms);
    row.response_due_ms = model->response_due_ms == 0
                              ? 0
                              : facts.accepted_at_ms + (model->response_due_ms - model->sent.at_ms);
  }
  table.rows.push_back(std::move(row));
}

void ApplySenders(const ActionStep& step, CaseTable& table, Permissions& permissions) {
  if (step.action == alert::v1::ACTION_PERMIT_REFERRAL) {
    permissions.office_ids.push_back(step.refer_to_office_id);
    return;
  }
  const bool withdraws = step.action == alert::v1::ACTION_WITHDRAW;
  ForRowsOf(table, step.alert_id, [&](Row& row) {
    row.confirmations.push_back({step.action_id, withdraws, {}});
    if (withdraws) row.state = kWithdrawn;
  });
  if (withdraws && step.alert_id == table.opening_alert_id) {
    table.state = CaseState::kWithdrawn;
    table.outcome = alert::v1::OUTCOME_WITHDRAWN_BY_SENDER;
    for (Row& row : table.rows) {
      if (row.state == kWithdrawn) continue;
      row.state = kWithdrawn;
      row.confirmations.push_back({step.action_id, true, {}});
    }
  }
}

void ApplyOrigin(const LogFacts& facts, const ActionStep& step, CaseTable& table) {
  const Fact fact = FactOf(facts, step);
  switch (step.action) {
    case alert::v1::ACTION_CLOSE:
      table.state = CaseState::kClosed;
      table.outcome = step.outcome;
      for (Row& row : table.rows) CloseRow(fact, step.outcome, row);
      return;
    case alert::v1::ACTION_REOPEN:
      table.state = CaseState::kOpen;
      table.outcome = 0;
      for (Row& row : table.rows) ReopenRow(row);
      return;
    case alert::v1::ACTION_ANSWER:
      return ForRowsOf(table, step.alert_id, [&](Row& row) {
        const bool meant =
            step.about_action_id.empty() || row.open_request_action_id == step.about_action_id;
        if (row.state != kInfoRequested || !meant) return;
        Resume(facts.accepted_at_ms, row);
        row.state = kInProgress;
      });
    case alert::v1::ACTION_REFER:
      return AddReferred(facts, step, nullptr, table);
    default:
      return;
  }
}

void Confirm(const Fact& fact, const ActionStep& step, Row& row) {
  for (Confirmation& confirmation : row.confirmations) {
    if (confirmation.action_id == step.about_action_id) confirmation.confirmed = fact;
  }
}

// A fact that is known from a later step: who acknowledges has the alert.
void NoteDelivered(const Fact& fact, Row& row) {
  if (!row.delivered.happened()) row.delivered = fact;
}

void ApplyToRow(const Fact& fact, const ActionStep& step, Row& row) {
  switch (step.action) {
    case alert::v1::ACTION_READ:
      NoteDelivered(fact, row);
      row.read = fact;
      if (row.state == kSent || row.state == kDelivered || row.state == kUnreadable)
        row.state = kRead;
      return;
    case alert::v1::ACTION_ACKNOWLEDGE:
      NoteDelivered(fact, row);
      row.acknowledged = fact;
      row.state = kAcknowledged;
      return;
    case alert::v1::ACTION_ACCEPT:
      row.accepted = fact;
      row.assignee_officer_id =
          step.assignee_officer_id.empty() ? step.officer_id : step.assignee_officer_id;
      row.state = kAccepted;
      return;
    case alert::v1::ACTION_ASSIGN:
    case alert::v1::ACTION_HANDOVER_OFFICER:
      row.assignee_officer_id = step.assignee_officer_id;
      return;
    case alert::v1::ACTION_START:
      row.state = kInProgress;
      return;
    case alert::v1::ACTION_REQUEST_INFO:
      row.paused_since_ms = fact.at_ms;
      row.open_request_action_id = step.action_id;
      row.state = kInfoRequested;
      return;
    case alert::v1::ACTION_ANSWER:
      row.answered = fact;
      row.outcome = step.outcome;
      row.state = kAnswered;
      return;
    case alert::v1::ACTION_DECLINE:
      row.decline_reason = step.decline_reason;
      row.state = kDeclined;
      return;
    case alert::v1::ACTION_CLOSE:
      return CloseRow(fact, step.outcome, row);
    case alert::v1::ACTION_REOPEN:
      return ReopenRow(row);
    case alert::v1::ACTION_EXTEND:
      row.response_due_ms = step.new_due_at_ms;
      return;
    case alert::v1::ACTION_CONFIRM:
      return Confirm(fact, step, row);
    default:
      return;
  }
}

bool IsSenders(int action) {
  return action == alert::v1::ACTION_WITHDRAW || action == alert::v1::ACTION_CORRECT ||
         action == alert::v1::ACTION_PERMIT_REFERRAL;
}

}  // namespace

void ApplyRules(const LogFacts& facts, const ActionStep& step, CaseTable& table,
                Permissions& permissions) {
  if (IsSenders(step.action)) return ApplySenders(step, table, permissions);
  const auto row = std::ranges::find_if(table.rows, [&](const Row& r) {
    return r.alert_id == step.alert_id && r.office_id == step.office_id;
  });
  if (row == table.rows.end()) return ApplyOrigin(facts, step, table);
  if (step.action != alert::v1::ACTION_REFER) return ApplyToRow(FactOf(facts, step), step, *row);
  row->state = kReferred;
  row->referred_to_office_id = step.refer_to_office_id;
  const Row referring = *row;
  AddReferred(facts, step, &referring, table);
}

}  // namespace enlace::alerts
