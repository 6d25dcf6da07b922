#include "client/alerts/redaction.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;

alert::v1::Handling RedactedHandling(const alert::v1::Handling& handling) {
  alert::v1::Handling kept;
  kept.set_tlp(handling.tlp());
  *kept.mutable_codes() = handling.codes();
  kept.set_purpose(handling.purpose());
  kept.set_origin_country_disclosure(handling.origin_country_disclosure());
  *kept.mutable_excluded_countries() = handling.excluded_countries();
  if (handling.has_review_at()) *kept.mutable_review_at() = handling.review_at();
  if (handling.has_delete_after()) *kept.mutable_delete_after() = handling.delete_after();
  return kept;
}

alert::v1::Party RedactedParty(const alert::v1::Party& party) {
  alert::v1::Party kept;
  kept.set_office_id(party.office_id());
  kept.set_officer_id(party.officer_id());
  kept.set_country(party.country());
  return kept;
}

}  // namespace

CaseAlert Redacted(const CaseAlert& alert) {
  CaseAlert kept;
  kept.set_schema_version(alert.schema_version());
  kept.set_alert_id(alert.alert_id());
  kept.set_case_ref(alert.case_ref());
  kept.set_message_type(alert.message_type());
  kept.set_status(alert.status());
  kept.set_alert_type(alert.alert_type());
  kept.set_priority(alert.priority());
  kept.set_language(alert.language());
  if (alert.has_created_at()) *kept.mutable_created_at() = alert.created_at();
  if (alert.has_ack_due_at()) *kept.mutable_ack_due_at() = alert.ack_due_at();
  if (alert.has_response_due_at()) *kept.mutable_response_due_at() = alert.response_due_at();
  *kept.mutable_requested_actions() = alert.requested_actions();
  *kept.mutable_handling() = RedactedHandling(alert.handling());
  *kept.mutable_sender() = RedactedParty(alert.sender());
  for (const alert::v1::Recipient& recipient : alert.recipients()) {
    alert::v1::Recipient& one = *kept.add_recipients();
    one.set_office_id(recipient.office_id());
    one.set_role(recipient.role());
  }
  for (const alert::v1::Link& link : alert.links()) {
    alert::v1::Link& one = *kept.add_links();
    one.set_type(link.type());
    one.set_alert_id(link.alert_id());
  }
  return kept;
}

alert::v1::CaseAction Redacted(const alert::v1::CaseAction& action) {
  alert::v1::CaseAction kept = action;
  kept.clear_note();
  kept.clear_attachments();
  kept.clear_corrected_fields();
  *kept.mutable_actor() = RedactedParty(action.actor());
  return kept;
}

}  // namespace enlace::alerts
