// The objects of --output json for lists; codes as the model's words, times as RFC 3339.

#include "client/cli/json_parts.h"
#include "client/cli/render_lists.h"

namespace enlace::client {
namespace {

using nlohmann::json;
using texts::CodeKind;

std::string_view StateName(alerts::CaseState state) {
  switch (state) {
    case alerts::CaseState::kOpen:
      return "OPEN";
    case alerts::CaseState::kClosed:
      return "CLOSED";
    case alerts::CaseState::kWithdrawn:
      break;
  }
  return "WITHDRAWN";
}

std::string_view MatchName(Match match) {
  switch (match) {
    case Match::kDocument:
      return "document";
    case Match::kBirthDate:
      return "birth_date";
    case Match::kPhone:
      return "phone";
    case Match::kWords:
      break;
  }
  return "words";
}

template <typename Item>
json ListOf(const std::vector<Item>& items) {
  json list = json::array();
  for (const Item& item : items) list.push_back(JsonOf(item));
  return list;
}

json CountOrNull(uint64_t count, bool suppressed) { return suppressed ? json() : json(count); }

json JsonOfMedian(const StatsMedian& median) {
  return {{"median_ms", median.suppressed ? json() : json(median.median_ms)},
          {"count", CountOrNull(median.count, median.suppressed)},
          {"suppressed", median.suppressed}};
}

json JsonOfGroup(const StatsGroup& group) {
  json cells = json::array();
  for (const StatsCell& cell : group.cells) {
    cells.push_back({{"key", cell.key},
                     {"count", CountOrNull(cell.count, cell.suppressed)},
                     {"suppressed", cell.suppressed}});
  }
  return {{"table", StatsTableName(group.table)},
          {"counts", group.persons ? "persons" : "cases"},
          {"cells", cells},
          {"total", CountOrNull(group.total, group.total_suppressed)}};
}

}  // namespace

json JsonOf(const CaseRow& row) {
  return {{"case_ref", row.case_ref},
          {"alert_id", row.alert_id},
          {"alert_type", Code(CodeKind::kAlertType, row.alert_type)},
          {"priority", Code(CodeKind::kPriority, row.priority)},
          {"status", Code(CodeKind::kStatus, row.status)},
          {"state", StateName(row.state)},
          {"outcome", Code(CodeKind::kOutcome, row.outcome)},
          {"from", row.from_office_id},
          {"my_state", Code(CodeKind::kRowState, row.my_state)},
          {"my_role", Code(CodeKind::kRole, row.my_role)},
          {"i_am_origin", row.i_am_origin},
          {"overdue_since", TimeOrNull(row.overdue_since_ms)},
          {"opened_at", TimeOrNull(row.opened_at_ms)},
          {"newest_at", TimeOrNull(row.newest_at_ms)},
          {"subject", row.subject},
          {"updated", row.updated_unread}};
}

json JsonOf(const CasesView& view) {
  return {{"office_ids", view.office_ids}, {"freshness", JsonOfFreshness(view.freshness)},
          {"matching", view.matching},     {"open", view.open},
          {"overdue", view.overdue},       {"rows", ListOf(view.rows)}};
}

json JsonOf(const ReviewRow& row) {
  json object = JsonOf(row.the_case);
  object["review_at"] = TimeOrNull(row.review_at_ms);
  object["delete_after"] = TimeOrNull(row.delete_after_ms);
  return object;
}

json JsonOf(const ReviewView& view) {
  return {{"office_ids", view.office_ids},
          {"freshness", JsonOfFreshness(view.freshness)},
          {"until", TimeOrNull(view.until_ms)},
          {"matching", view.matching},
          {"due", view.due},
          {"rows", ListOf(view.rows)}};
}

json JsonOf(const SearchRow& row) {
  json object = JsonOf(row.the_case);
  object["found_by"] = json::array();
  for (const Match match : row.matches) object["found_by"].push_back(MatchName(match));
  return object;
}

json JsonOf(const SearchView& view) {
  return {{"query", view.query},
          {"freshness", JsonOfFreshness(view.freshness)},
          {"matching", view.matching},
          {"rows", ListOf(view.rows)}};
}

json JsonOf(const DocumentReport& report) {
  return {{"case_ref", report.case_ref},
          {"alert_type", Code(CodeKind::kAlertType, report.alert_type)},
          {"status", Code(CodeKind::kStatus, report.status)},
          {"state", StateName(report.state)},
          {"from", report.from_office_id},
          {"reported_by", report.by_office_id},
          {"reported_at", TimeOrNull(report.at_ms)},
          {"person", report.person_local_id},
          {"type", Code(CodeKind::kDocumentType, report.type)},
          {"finding", Code(CodeKind::kDocumentFinding, report.finding)},
          {"number", report.number},
          {"number_to", report.number_to},
          {"issuing_state", report.issuing_state},
          {"in_range", report.in_range}};
}

json JsonOf(const DocumentsView& view) {
  return {{"number", view.number},
          {"issuing_state", view.issuing_state},
          {"zone_fails", view.zone_fails},
          {"freshness", JsonOfFreshness(view.freshness)},
          {"reports", ListOf(view.reports)}};
}

json JsonOf(const OfficeCard& card) {
  json on_duty = json::array();
  for (const OnDuty& one : card.on_duty) {
    on_duty.push_back({{"officer_id", one.officer_id},
                       {"phone", one.phone},
                       {"until", TimeOrNull(one.until_ms)}});
  }
  return {{"on_duty", on_duty},
          {"office_id", card.office_id},
          {"name", {{"en", card.name_en}, {"es", card.name_es}}},
          {"authority", card.authority},
          {"country", card.country},
          {"networks", card.networks},
          {"languages", card.languages},
          {"time_zone", card.time_zone},
          {"duty_phone", card.duty_phone},
          {"supervisor", card.supervisor},
          {"successor", card.successor},
          {"officers", card.officers},
          {"machines", card.machines}};
}

json JsonOf(const DirectoryView& view) {
  return {{"place", view.place},
          {"refreshed_at", TimeOrNull(view.refreshed_at_ms)},
          {"offices", ListOf(view.offices)}};
}

json JsonOf(const StatsView& view) {
  json groups = json::array();
  for (const StatsGroup& group : view.groups) groups.push_back(JsonOfGroup(group));
  return {{"from", TimeOrNull(view.from_ms)},
          {"to", TimeOrNull(view.to_ms)},
          {"cases", CountOrNull(view.cases, view.cases_suppressed)},
          {"exercises", CountOrNull(view.exercises, view.exercises_suppressed)},
          {"tables", groups},
          {"acknowledge", JsonOfMedian(view.acknowledge)},
          {"answer", JsonOfMedian(view.answer)}};
}

}  // namespace enlace::client
