// The workflow of a case: one row per alert and recipient office, a pure function of the room's
// ordered signed messages.
//
// Promises that two devices which saw the same log show the same table. Clocks only raise flags
// (FlagsOf); the actor's own `at` is shown and never decides. An action that the table does not
// allow changes nothing; it stays in the history with the reason why it was refused, the same on
// every device.
//
// Invariants:
// 1. A message counts for the office that signed it (`office_id` of the item, from the certificate
// and the logged
//    statements); an action whose actor names another office is refused.
// 2. The first in the server's order wins.
// 3. Nothing moves a withdrawn row; nothing but REOPEN, CONFIRM, CORRECT and WITHDRAW concerns a
// closed one.
// 4. Referral obeys TLP, H2 and the guard of the case as merged so far.
//
// Thread safety: Workflow is used by one thread at a time. Everything else is values and pure
// functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/guard.h"
#include "client/alerts/violation.h"

namespace enlace::alert::v1 {
class CaseAlert;
class CaseAction;
}  // namespace enlace::alert::v1

namespace enlace::alerts {

// The states of DOMAIN.md. Queued, failed and expired are the sender's outbox and the server's
// tombstone: the client sets them; the log never does.
enum class RowState {
  kQueued = 1,
  kSent = 2,
  kDelivered = 3,
  kRead = 4,
  kAcknowledged = 5,
  kAccepted = 6,
  kInProgress = 7,
  kInfoRequested = 8,
  kAnswered = 9,
  kDeclined = 10,
  kReferred = 11,
  kClosed = 12,
  kWithdrawn = 13,
  kUnreadable = 14,
  kFailed = 15,
  kExpired = 16,
};

// A fact with who and when; at_ms is the server's time of the message. Empty office: it has not
// happened.
struct Fact {
  std::string office_id;
  std::string officer_id;
  int64_t at_ms = 0;
  bool happened() const { return !office_id.empty(); }
};

// A correction or a withdrawal that every recipient confirms (rule 9).
struct Confirmation {
  std::string action_id;
  bool is_withdrawal = false;
  Fact confirmed;
};

struct Row {
  std::string alert_id;
  std::string office_id;
  // enlace.alert.v1.Role.
  int role = 0;
  RowState state = RowState::kSent;
  Fact sent, delivered, read, acknowledged, accepted, answered, closed;
  std::string assignee_officer_id;
  int decline_reason = 0;
  int outcome = 0;
  // Who brought the office in, when it was referred; where it referred to.
  std::string referred_by_office_id;
  std::string referred_to_office_id;
  // Server acceptance + the window of the alert; 0 = none. The answer's moves with pauses and
  // EXTEND.
  int64_t ack_due_ms = 0;
  int64_t response_due_ms = 0;
  // Since when the answer timer is paused; 0 = it runs.
  int64_t paused_since_ms = 0;
  // The REQUEST_INFO that waits for the sender's answer.
  std::string open_request_action_id;
  std::vector<Confirmation> confirmations;
  // The state before the row was closed, for REOPEN.
  RowState before_close = RowState::kSent;
};

// Why an action is not possible. `reason` is a row of the table of public errors; `by` tells who
// was first.
struct Refusal {
  std::string reason;
  std::string message_en, message_es, hint_en, hint_es;
  Fact by;
  // What the texts' placeholders stand for; Spanish forms as kSpanishSuffix of proto/errors says.
  std::map<std::string, std::string> values;
};

// One step of the history.
struct HistoryStep {
  uint64_t sequence = 0;
  int64_t at_ms = 0;
  std::string office_id, officer_id;
  std::string alert_id;
  // An alert (message_type) or an action (action); the other is 0.
  int message_type = 0;
  int action = 0;
  std::string action_id;
  std::string other_office_id, assignee_officer_id, note;
  int outcome = 0, decline_reason = 0;
  int64_t new_due_at_ms = 0;
  std::vector<std::string> corrected_fields;
  std::optional<Refusal> refused;
};

enum class CaseState { kOpen, kClosed, kWithdrawn };

struct CaseTable {
  std::string case_ref;
  std::string origin_office_id;
  std::string opening_alert_id;
  CaseState state = CaseState::kOpen;
  int outcome = 0;
  // By order of entry: the opening alert's recipients first.
  std::vector<Row> rows;
  std::vector<HistoryStep> history;
  // Handling as tightened so far.
  int tlp = 0;
  bool h2 = false;
  Guard guard;
  // CAP status of the opening alert: anything but ACTUAL is marked and never escalates.
  int status = 0;

  const Row* FindRow(std::string_view alert_id, std::string_view office_id) const;
  // The row of the opening alert: the office's state in the case.
  const Row* CaseRow(std::string_view office_id) const;
};

// A workflow step as plain values.
struct ActionStep {
  std::string action_id, alert_id;
  int action = 0;
  std::string office_id, officer_id;
  std::string assignee_officer_id, refer_to_office_id;
  int decline_reason = 0;
  int outcome = 0;
  std::string note;
  int64_t new_due_at_ms = 0;
  std::vector<std::string> corrected_fields;
  std::string about_action_id;
};
ActionStep StepOf(const alert::v1::CaseAction& action);

// What the log and the signature say of a message. officer_id is empty for a `service` device,
// which acts on behalf of the officer whom the action names.
struct LogFacts {
  uint64_t sequence = 0;
  int64_t accepted_at_ms = 0;
  std::string office_id;
  std::string officer_id;
};

// Offices to which the originator allowed a referral that TLP:RED or H2 forbids without it.
struct Permissions {
  std::vector<std::string> office_ids;
};

// Builds the table. Items come in the server's order; one with a sequence that is not higher is
// passed over.
class Workflow {
 public:
  void ApplyAlert(const LogFacts& facts, const alert::v1::CaseAlert& alert);
  void ApplyAction(const LogFacts& facts, const ActionStep& step);
  // A delivery receipt of `facts.office_id`.
  void ApplyReceipt(const LogFacts& facts, const std::vector<std::string>& alert_ids,
                    const std::vector<std::string>& unreadable_alert_ids);

  const CaseTable& table() const { return table_; }

  const Permissions& permissions() const { return permissions_; }

 private:
  // False for an item that was applied already.
  bool TakeSequence(const LogFacts& facts);
  void Open(const LogFacts& facts, const alert::v1::CaseAlert& alert);

  CaseTable table_;
  Permissions permissions_;
  uint64_t last_sequence_ = 0;
  bool started_ = false;
};

// Whether `step` is possible now: what ApplyAction would say, plus what only a clock knows (EXTEND
// after the deadline). Nothing when it is possible. The library asks before it sends.
std::optional<Refusal> CheckStep(const Workflow& workflow, const ActionStep& step, int64_t now_ms);

// The actions that bring `row` to where `action` is possible, `action` last: {ACKNOWLEDGE, ACCEPT}
// for ACCEPT on a row that was read. Empty when no sequence leads there. So that one command does
// what an officer means.
std::vector<int> StepsTowards(const Row& row, int action);

// What a clock adds to a row.
struct RowFlags {
  bool ack_waiting = false;
  bool ack_late = false;
  bool answer_waiting = false;
  bool answer_late = false;
  // 0, 50, 100 or 200: how far the acknowledge window has run; the same steps that the server
  // raises. 0 on exercises.
  int escalation_percent = 0;
};
RowFlags FlagsOf(const CaseTable& table, const Row& row, int64_t now_ms);

// Rows that have not confirmed a correction or a withdrawal.
std::vector<const Row*> Unconfirmed(const CaseTable& table, std::string_view action_id);

}  // namespace enlace::alerts
