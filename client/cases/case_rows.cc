#include "client/cases/case_rows.h"

#include <algorithm>

#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using alerts::RowState;
using vault::v1::CaseOffice;

bool OwesAcknowledgement(RowState state) {
  switch (state) {
    case RowState::kSent:
    case RowState::kDelivered:
    case RowState::kRead:
    case RowState::kUnreadable:
      return true;
    default:
      return false;
  }
}

bool OwesAnswer(RowState state) {
  return OwesAcknowledgement(state) || state == RowState::kAcknowledged ||
         state == RowState::kAccepted || state == RowState::kInProgress;
}

// The earliest deadline that the office missed; 0 when it missed none.
int64_t MissedBy(const CaseOffice& office, int64_t now_ms) {
  if (office.role() != alert::v1::ROLE_ACTION) return 0;
  const auto state = static_cast<RowState>(office.state());
  const auto missed = [now_ms](int64_t due_ms) { return due_ms != 0 && due_ms < now_ms; };
  if (OwesAcknowledgement(state) && office.acknowledged_at_ms() == 0 &&
      missed(office.ack_due_ms())) {
    return office.ack_due_ms();
  }
  return OwesAnswer(state) && missed(office.response_due_ms()) ? office.response_due_ms() : 0;
}

int64_t Earlier(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

alerts::CaseState StateOfCase(const vault::v1::CaseRecord& record) {
  if (record.withdrawn()) return alerts::CaseState::kWithdrawn;
  return record.closed() ? alerts::CaseState::kClosed : alerts::CaseState::kOpen;
}

CaseRow MakeCaseRow(const vault::v1::CaseRecord& record, const std::vector<std::string>& mine,
                    int64_t now_ms) {
  const auto is_mine = [&](const std::string& office) {
    return std::ranges::find(mine, office) != mine.end();
  };
  CaseRow row;
  row.case_ref = record.case_ref();
  row.alert_id = record.newest_alert_id();
  row.alert_type = record.alert_type();
  row.priority = record.priority();
  row.status = record.status();
  row.state = StateOfCase(record);
  row.outcome = record.outcome();
  row.from_office_id = record.origin_office_id();
  row.i_am_origin = is_mine(record.origin_office_id());
  row.opened_at_ms = record.opened_at_ms();
  row.newest_at_ms = record.newest_at_ms();
  row.subject = record.subject();
  row.updated_unread = record.newest_sequence() > record.read_sequence();
  for (const CaseOffice& office : record.offices()) {
    const bool my_own = is_mine(office.office_id());
    if (my_own && row.my_state == 0) {
      row.my_state = office.state();
      row.my_role = office.role();
    }
    const bool counts = my_own || row.i_am_origin;
    if (counts && row.state == alerts::CaseState::kOpen)
      row.overdue_since_ms = Earlier(row.overdue_since_ms, MissedBy(office, now_ms));
  }
  return row;
}

}  // namespace enlace::client
