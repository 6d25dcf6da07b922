// The objects of --output json.

#include "client/cli/json_parts.h"
#include "client/cli/render.h"

namespace enlace::client {
namespace {

using nlohmann::json;
using texts::CodeKind;

json Codes(CodeKind kind, const std::vector<int>& numbers) {
  json list = json::array();
  for (const int number : numbers) list.push_back(texts::CodeWord(kind, number));
  return list;
}

json JsonOfFact(const alerts::Fact& fact) {
  if (!fact.happened()) return nullptr;
  return {{"office_id", fact.office_id},
          {"officer_id", fact.officer_id},
          {"at", TimeOrNull(fact.at_ms)}};
}

json JsonOfRow(const alerts::Row& row) {
  json confirmations = json::array();
  for (const alerts::Confirmation& one : row.confirmations) {
    confirmations.push_back({{"action_id", one.action_id},
                             {"withdrawal", one.is_withdrawal},
                             {"confirmed", JsonOfFact(one.confirmed)}});
  }
  return {{"alert_id", row.alert_id},
          {"office_id", row.office_id},
          {"role", Code(CodeKind::kRole, row.role)},
          {"state", Code(CodeKind::kRowState, static_cast<int>(row.state))},
          {"sent", JsonOfFact(row.sent)},
          {"delivered", JsonOfFact(row.delivered)},
          {"read", JsonOfFact(row.read)},
          {"acknowledged", JsonOfFact(row.acknowledged)},
          {"accepted", JsonOfFact(row.accepted)},
          {"answered", JsonOfFact(row.answered)},
          {"assignee_officer_id", row.assignee_officer_id},
          {"decline_reason", Code(CodeKind::kDeclineReason, row.decline_reason)},
          {"outcome", Code(CodeKind::kOutcome, row.outcome)},
          {"confirmations", std::move(confirmations)},
          {"ack_due_at", TimeOrNull(row.ack_due_ms)},
          {"response_due_at", TimeOrNull(row.response_due_ms)}};
}

json JsonOfPerson(const alerts::PersonView& person) {
  json documents = json::array();
  for (const alerts::DocumentView& one : person.documents) {
    documents.push_back({{"type", Code(CodeKind::kDocumentType, one.type)},
                         {"number", one.number},
                         {"number_to", one.number_to},
                         {"issuing_state", one.issuing_state},
                         {"mrz_lines", one.mrz_lines},
                         {"finding", Code(CodeKind::kDocumentFinding, one.finding)}});
  }
  return {{"local_id", person.local_id},
          {"role", Code(CodeKind::kPersonRole, person.role)},
          {"pseudonym", person.pseudonym},
          {"given_names", person.given_names},
          {"family_names", person.family_names},
          {"other_names", person.other_names},
          {"birth_date",
           {{"year", person.birth_date.year},
            {"month", person.birth_date.month},
            {"day", person.birth_date.day},
            {"approximate", person.birth_date.approximate}}},
          {"age_years_min", person.age_years_min},
          {"age_years_max", person.age_years_max},
          {"sex", Code(CodeKind::kSex, person.sex)},
          {"nationalities", person.nationalities},
          {"birth_place", person.birth_place},
          {"languages", person.languages},
          {"documents", documents},
          {"physical_description", person.physical_description},
          {"distinguishing_marks", person.distinguishing_marks},
          {"phones", person.phones},
          {"vulnerabilities", Codes(CodeKind::kVulnerability, person.vulnerabilities)},
          {"related_to", person.related_to},
          {"relationship", person.relationship}};
}

json JsonOfEvent(const alerts::EventView& event) {
  return {{"type", Code(CodeKind::kEventType, event.type)},
          {"at", TimeOrNull(event.at_ms)},
          {"on", {{"year", event.on.year}, {"month", event.on.month}, {"day", event.on.day}}},
          {"time_zone", event.time_zone},
          {"place", event.place},
          {"country", event.country},
          {"subdivision", event.subdivision},
          {"description", event.description}};
}

json JsonOfPicture(const alerts::AlertView& picture) {
  json persons = json::array();
  for (const alerts::PersonView& person : picture.persons) persons.push_back(JsonOfPerson(person));
  json events = json::array();
  for (const alerts::EventView& event : picture.events) events.push_back(JsonOfEvent(event));
  json recipients = json::array();
  for (const alerts::RecipientView& one : picture.recipients) {
    recipients.push_back({{"office_id", one.office_id},
                          {"role", Code(CodeKind::kRole, one.role)},
                          {"note", one.note}});
  }
  return {{"alert_id", picture.alert_id},
          {"message_type", Code(CodeKind::kMessageType, picture.message_type)},
          {"status", Code(CodeKind::kStatus, picture.status)},
          {"alert_type", Code(CodeKind::kAlertType, picture.alert_type)},
          {"priority", Code(CodeKind::kPriority, picture.priority)},
          {"created_at", TimeOrNull(picture.created_at_ms)},
          {"requested_actions", Codes(CodeKind::kRequestedAction, picture.requested_actions)},
          {"tlp", Code(CodeKind::kTlp, picture.handling.tlp)},
          {"tlp_assumed", picture.handling.tlp_assumed},
          {"handling_codes", Codes(CodeKind::kHandlingCode, picture.handling.codes)},
          {"restriction_note", picture.handling.restriction_note},
          {"review_at", TimeOrNull(picture.handling.review_at_ms)},
          {"delete_after", TimeOrNull(picture.handling.delete_after_ms)},
          {"sender",
           {{"office_id", picture.sender.office_id}, {"officer_id", picture.sender.officer_id}}},
          {"recipients", recipients},
          {"language", picture.language},
          {"subject", picture.subject},
          {"body", picture.body},
          {"persons", persons},
          {"events", events}};
}

// "none", "withheld", "pending", "here".
std::string_view WordOf(IdentityState identity) {
  switch (identity) {
    case IdentityState::kNone:
      return "none";
    case IdentityState::kWithheld:
      return "withheld";
    case IdentityState::kPending:
      return "pending";
    case IdentityState::kHere:
      break;
  }
  return "here";
}

}  // namespace

json JsonOf(const InboxRow& row) {
  return {{"case_ref", row.case_ref},
          {"alert_id", row.alert_id},
          {"alert_type", Code(CodeKind::kAlertType, row.alert_type)},
          {"priority", Code(CodeKind::kPriority, row.priority)},
          {"status", Code(CodeKind::kStatus, row.status)},
          {"state", Code(CodeKind::kRowState, static_cast<int>(row.state))},
          {"role", Code(CodeKind::kRole, row.role)},
          {"from_office_id", row.from_office_id},
          {"ack_due_at", TimeOrNull(row.ack_due_ms)},
          {"late", row.late},
          {"escalation_percent", row.escalation_percent},
          {"updated", row.updated_unread},
          {"subject", row.subject}};
}

json JsonOf(const DeadlineNews& news) {
  return {{"case_ref", news.case_ref},
          {"office_id", news.office_id},
          {"percent", news.percent},
          {"urgency", Code(CodeKind::kPriority, news.urgency)},
          {"at", TimeOrNull(news.noticed_at_ms)}};
}

json JsonOf(const InboxView& view) {
  json rows = json::array();
  for (const InboxRow& row : view.rows) rows.push_back(JsonOf(row));
  return {{"office_ids", view.office_ids},
          {"freshness", JsonOfFreshness(view.freshness)},
          {"waiting", view.waiting},
          {"late", view.late},
          {"exercises", view.exercises},
          {"other_open", view.other_open},
          {"rows", rows}};
}

json AttachmentsJson(const CaseView& view) {
  json list = json::array();
  for (const AttachmentState& state : view.attachments) {
    list.push_back({{"attachment_id", state.attachment.attachment_id},
                    {"file_name", state.attachment.file_name},
                    {"media_type", state.attachment.media_type},
                    {"size_bytes", state.attachment.size_bytes},
                    {"sha256", state.attachment.sha256},
                    {"caption", state.attachment.caption},
                    {"downloaded", state.downloaded}});
  }
  return {{"case_ref", view.table.case_ref}, {"attachments", list}};
}

json JsonOf(const CaseView& view) {
  json rows = json::array();
  for (const alerts::Row& row : view.table.rows) rows.push_back(JsonOfRow(row));
  json changes = json::array();
  for (const alerts::FieldChange& one : view.merged.changes) {
    changes.push_back({{"field", one.field},
                       {"old", one.old_value},
                       {"new", one.new_value},
                       {"by_office_id", one.by_office_id},
                       {"at", TimeOrNull(one.at_ms)},
                       {"corrected", one.corrected}});
  }
  json history = json::array();
  for (const alerts::HistoryStep& step : view.table.history) {
    history.push_back({{"at", TimeOrNull(step.at_ms)},
                       {"office_id", step.office_id},
                       {"officer_id", step.officer_id},
                       {"message_type", Code(CodeKind::kMessageType, step.message_type)},
                       {"action", Code(CodeKind::kAction, step.action)},
                       {"note", step.note},
                       {"refused", step.refused ? json(step.refused->reason) : json()}});
  }
  return {{"case_ref", view.table.case_ref},
          {"state", view.table.state == alerts::CaseState::kOpen     ? "open"
                    : view.table.state == alerts::CaseState::kClosed ? "closed"
                                                                     : "withdrawn"},
          {"identity", WordOf(view.identity)},
          {"signature_verified", view.signature == SignatureState::kVerified},
          {"trouble", view.trouble.reason},
          {"guard_incidents", view.guard_incidents},
          {"opened_at", TimeOrNull(view.opened_at_ms)},
          {"newest_at", TimeOrNull(view.newest_at_ms)},
          {"updates", view.merged.update_count},
          {"alert", JsonOfPicture(view.merged.picture)},
          {"attachments", AttachmentsJson(view).at("attachments")},
          {"changes", changes},
          {"rows", rows},
          {"history", history},
          {"freshness", JsonOfFreshness(view.freshness)}};
}

json JsonOf(const StatusView& view) {
  json object = JsonOf(view.the_case);
  json outbox = json::array();
  for (const OutboxState& one : view.outbox) {
    outbox.push_back({{"alert_id", one.alert_id},
                      {"state", Code(CodeKind::kRowState, static_cast<int>(one.state))},
                      {"attempts", one.attempts},
                      {"queued_at", TimeOrNull(one.queued_at_ms)},
                      {"accepted_at", TimeOrNull(one.accepted_at_ms)},
                      {"reason", one.reason},
                      {"uploaded_bytes", one.uploaded_bytes},
                      {"upload_bytes", one.upload_bytes}});
  }
  object["outbox"] = outbox;
  object["offices_without_devices"] = view.offices_without_devices;
  return object;
}

json JsonOf(const MachineView& view) {
  return {{"officer_id", view.officer_id},
          {"office_ids", view.office_ids},
          {"device_id", view.device_id},
          {"server", view.server},
          {"freshness", JsonOfFreshness(view.freshness)},
          {"round_trip_ms", view.round_trip_ms},
          {"clock_offset_ms", view.clock_offset_ms},
          {"certificate_until", TimeOrNull(view.certificate_until_ms)},
          {"charter_version", view.charter_version},
          {"registry_entries", view.registry_entries},
          {"registry_consistent", view.registry_consistent},
          {"cases", view.cases},
          {"open_cases", view.open_cases},
          {"vault_bytes", view.vault_bytes},
          {"unlocked_until", TimeOrNull(view.unlocked_until_ms)},
          {"on_duty", view.on_duty},
          {"on_duty_until", TimeOrNull(view.on_duty_until_ms)},
          {"late_alerts", view.late_alerts}};
}

json JsonOf(const alerts::Violations& violations, texts::Language language) {
  const bool spanish = language == texts::Language::kSpanish;
  json list = json::array();
  for (const alerts::Violation& one : violations) {
    list.push_back({{"field", one.field},
                    {"reason", one.reason},
                    {"severity", one.severity == alerts::Severity::kError ? "error" : "warning"},
                    {"message", spanish ? one.message_es : one.message_en},
                    {"hint", spanish ? one.hint_es : one.hint_en}});
  }
  return list;
}

json JsonOf(const SendOutcome& outcome, texts::Language language) {
  json offices = json::array();
  for (const auto& [office, role] : outcome.offices) {
    offices.push_back({{"office_id", office}, {"role", Code(CodeKind::kRole, role)}});
  }
  return {{"case_ref", outcome.case_ref},
          {"alert_id", outcome.alert_id},
          {"state", Code(CodeKind::kRowState, static_cast<int>(outcome.state))},
          {"accepted_at", TimeOrNull(outcome.accepted_at_ms)},
          {"status", Code(CodeKind::kStatus, outcome.status)},
          {"offices", offices},
          {"devices", outcome.devices},
          {"offices_without_devices", outcome.offices_without_devices},
          {"attachments", outcome.attachments},
          {"warnings", JsonOf(outcome.warnings, language)}};
}

json JsonOf(const ActionOutcome& outcome) {
  return {{"case_ref", outcome.case_ref},
          {"office_id", outcome.office_id},
          {"officer_id", outcome.officer_id},
          {"status", Code(CodeKind::kStatus, outcome.status)},
          {"action", Code(CodeKind::kAction, outcome.action)},
          {"steps", Codes(CodeKind::kAction, outcome.steps)},
          {"assignee_officer_id", outcome.assignee_officer_id},
          {"other_office_id", outcome.other_office_id},
          {"state", Code(CodeKind::kRowState, static_cast<int>(outcome.state))},
          {"at", TimeOrNull(outcome.at_ms)},
          {"already_done", outcome.already_done}};
}

}  // namespace enlace::client
