#include "client/alerts/alert_view.h"

#include <google/protobuf/descriptor.h>

#include "client/alerts/compose.h"
#include "client/alerts/identity_split.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using texts::CodeKind;

template <typename List>
auto ToVector(const List& list) {
  return std::vector<typename List::value_type>(list.begin(), list.end());
}

int64_t MsOrZero(bool present, const Timestamp& time) { return present ? ToMs(time) : 0; }

DateParts PartsOf(const alert::v1::PartialDate& date) {
  return {date.year(), date.month(), date.day(), date.approximate()};
}

HandlingView ViewOf(const alert::v1::Handling& handling) {
  HandlingView view;
  view.tlp_as_sent = handling.tlp();
  view.tlp_assumed = handling.tlp() == 0 || !alert::v1::Tlp_IsValid(handling.tlp());
  view.tlp = view.tlp_assumed ? static_cast<int>(alert::v1::TLP_RED) : handling.tlp();
  view.codes = ToVector(handling.codes());
  view.restriction_note = handling.restriction_note();
  view.purpose = handling.purpose();
  view.origin_country_disclosure = handling.origin_country_disclosure();
  view.excluded_countries = ToVector(handling.excluded_countries());
  view.review_at_ms = MsOrZero(handling.has_review_at(), handling.review_at());
  view.delete_after_ms = MsOrZero(handling.has_delete_after(), handling.delete_after());
  view.legal_basis = handling.legal_basis();
  const alert::v1::Consent& consent = handling.consent();
  view.consent_status = consent.status();
  view.consent_basis = consent.basis();
  view.consent_recorded_at_ms = MsOrZero(consent.has_recorded_at(), consent.recorded_at());
  view.consent_limits = consent.limits();
  return view;
}

DocumentView ViewOf(const alert::v1::IdDocument& document) {
  DocumentView view;
  view.type = document.type();
  view.number = document.number();
  view.number_to = document.number_to();
  view.issuing_state = document.issuing_state();
  view.issued = PartsOf(document.issued());
  view.expires = PartsOf(document.expires());
  view.mrz_lines = ToVector(document.mrz_lines());
  view.finding = document.finding();
  return view;
}

PersonView ViewOf(const CaseAlert& alert, const alert::v1::Person& person) {
  PersonView view;
  view.local_id = person.local_id();
  view.role = person.role();
  view.pseudonym = person.pseudonym();
  view.is_child = IsChild(alert, person);
  view.is_protected = IsProtected(alert, person);
  view.given_names = person.given_names();
  view.family_names = person.family_names();
  view.other_names = ToVector(person.other_names());
  view.birth_date = PartsOf(person.birth_date());
  view.age_years_min = person.age_years_min();
  view.age_years_max = person.age_years_max();
  view.sex = person.sex();
  view.nationalities = ToVector(person.nationalities());
  view.birth_place = person.birth_place();
  view.languages = ToVector(person.languages());
  view.interpreter_needed = person.interpreter_needed();
  for (const auto& document : person.documents()) view.documents.push_back(ViewOf(document));
  view.physical_description = person.physical_description();
  view.distinguishing_marks = ToVector(person.distinguishing_marks());
  view.phones = ToVector(person.phones());
  view.vulnerabilities = ToVector(person.vulnerabilities());
  view.related_to = person.related_to();
  view.relationship = person.relationship();
  return view;
}

EventView ViewOf(const alert::v1::Event& event) {
  EventView view;
  view.type = event.type();
  view.at_ms = MsOrZero(event.has_at(), event.at());
  view.on = PartsOf(event.on());
  view.time_zone = event.time_zone();
  view.place = event.place();
  view.country = event.country();
  view.subdivision = event.subdivision();
  view.has_coordinates = event.latitude() != 0 || event.longitude() != 0;
  view.latitude = event.latitude();
  view.longitude = event.longitude();
  view.accuracy_m = event.accuracy_m();
  view.description = event.description();
  return view;
}

GroupView ViewOf(const alert::v1::Group& group) {
  GroupView view{true,
                 group.total(),
                 group.women(),
                 group.men(),
                 group.girls(),
                 group.boys(),
                 group.unaccompanied_children(),
                 {}};
  for (const auto& share : group.by_nationality()) {
    view.by_nationality.emplace_back(share.country(), share.count());
  }
  return view;
}

// The words of the detail blocks' fields.
struct Label {
  std::string_view field;
  std::string_view msgid;
};
constexpr Label kLabels[] = {
    {"facility", ENLACE_TEXT_IN("detail", "facility")},
    {"detaining_authority", ENLACE_TEXT_IN("detail", "detaining authority")},
    {"ground", ENLACE_TEXT_IN("detail", "ground")},
    {"charges", ENLACE_TEXT_IN("detail", "charges")},
    {"notification_choice", ENLACE_TEXT_IN("detail", "consular notification")},
    {"informed_of_rights_at", ENLACE_TEXT_IN("detail", "informed of rights")},
    {"next_hearing_at", ENLACE_TEXT_IN("detail", "next hearing")},
    {"victim_status", ENLACE_TEXT_IN("detail", "status")},
    {"acts", ENLACE_TEXT_IN("detail", "acts")},
    {"means", ENLACE_TEXT_IN("detail", "means")},
    {"exploitation", ENLACE_TEXT_IN("detail", "exploitation")},
    {"control", ENLACE_TEXT_IN("detail", "methods of control")},
    {"indicators", ENLACE_TEXT_IN("detail", "indicators")},
    {"victim_is_child", ENLACE_TEXT_IN("detail", "the victim is a child")},
    {"topics", ENLACE_TEXT_IN("detail", "topics")},
    {"modus_operandi", ENLACE_TEXT_IN("detail", "modus operandi")},
    {"fee", ENLACE_TEXT_IN("detail", "fee")},
    {"means_of_transport", ENLACE_TEXT_IN("detail", "means of transport")},
    {"aggravating", ENLACE_TEXT_IN("detail", "aggravating")},
    {"identification", ENLACE_TEXT_IN("detail", "identification")},
    {"custody_of_remains", ENLACE_TEXT_IN("detail", "custody of the remains")},
    {"cause", ENLACE_TEXT_IN("detail", "cause")},
    {"dna_sample_available", ENLACE_TEXT_IN("detail", "DNA sample")},
    {"autopsy_done", ENLACE_TEXT_IN("detail", "autopsy")},
    {"belongings", ENLACE_TEXT_IN("detail", "belongings")},
    {"disposition_deadline", ENLACE_TEXT_IN("detail", "disposition of the remains by")},
    {"basis", ENLACE_TEXT_IN("detail", "basis")},
    {"mode", ENLACE_TEXT_IN("detail", "mode")},
    {"handover_point", ENLACE_TEXT_IN("detail", "handover point")},
    {"planned_at", ENLACE_TEXT_IN("detail", "planned for")},
    {"needs", ENLACE_TEXT_IN("detail", "needs")},
    {"travel_documents_ready", ENLACE_TEXT_IN("detail", "travel documents ready")},
    {"funding_source", ENLACE_TEXT_IN("detail", "funding")},
    {"event_name", ENLACE_TEXT_IN("detail", "event")},
    {"hazard", ENLACE_TEXT_IN("detail", "hazard")},
    {"severity", ENLACE_TEXT_IN("detail", "severity")},
    {"certainty", ENLACE_TEXT_IN("detail", "certainty")},
    {"affected_areas", ENLACE_TEXT_IN("detail", "affected areas")},
    {"intended_route", ENLACE_TEXT_IN("detail", "intended route")},
    {"intended_destination", ENLACE_TEXT_IN("detail", "intended destination")},
    {"companions", ENLACE_TEXT_IN("detail", "companions")},
    {"smuggler_contact", ENLACE_TEXT_IN("detail", "smuggler's contact")},
    {"clothing", ENLACE_TEXT_IN("detail", "clothing")},
    {"family_dna_available", ENLACE_TEXT_IN("detail", "family DNA")},
    {"police_report_filed", ENLACE_TEXT_IN("detail", "police report")},
    {"police_report_ref", ENLACE_TEXT_IN("detail", "report number")},
    {"care_arrangement", ENLACE_TEXT_IN("detail", "care arrangement")},
    {"best_interests_assessed", ENLACE_TEXT_IN("detail", "best interests assessed")},
    {"guardian_authority", ENLACE_TEXT_IN("detail", "guardian authority")},
    {"family_claim", ENLACE_TEXT_IN("detail", "family claim")},
    {"trafficking_screened", ENLACE_TEXT_IN("detail", "screened for trafficking")},
};

struct DetailKind {
  std::string_view name;
  CodeKind kind;
};
constexpr DetailKind kDetailKinds[] = {
    {"DetentionGround", CodeKind::kDetentionGround},
    {"Notification36", CodeKind::kNotification36},
    {"TraffickingStatus", CodeKind::kTraffickingStatus},
    {"TraffickingAct", CodeKind::kTraffickingAct},
    {"TraffickingMeans", CodeKind::kTraffickingMeans},
    {"ExploitationType", CodeKind::kExploitationType},
    {"ControlMethod", CodeKind::kControlMethod},
    {"SmugglingTopic", CodeKind::kSmugglingTopic},
    {"AggravatingFactor", CodeKind::kAggravatingFactor},
    {"IdentificationStatus", CodeKind::kIdentificationStatus},
    {"ReturnBasis", CodeKind::kReturnBasis},
    {"ReturnMode", CodeKind::kReturnMode},
    {"HazardType", CodeKind::kHazardType},
    {"CapSeverity", CodeKind::kCapSeverity},
    {"CapCertainty", CodeKind::kCapCertainty},
};

std::string LabelOf(const FieldDescriptor& field) {
  for (const Label& label : kLabels) {
    if (label.field == field.name()) return std::string(label.msgid);
  }
  return field.name();
}

void ReadCodes(const Message& block, const FieldDescriptor& field, DetailValue& value) {
  for (const DetailKind& known : kDetailKinds) {
    if (known.name == field.enum_type()->name()) value.code_kind = static_cast<int>(known.kind);
  }
  const Reflection* reflection = block.GetReflection();
  if (!field.is_repeated()) {
    value.codes.push_back(reflection->GetEnumValue(block, &field));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(block, &field); ++i) {
    value.codes.push_back(reflection->GetRepeatedEnumValue(block, &field, i));
  }
}

void ReadTexts(const Message& block, const FieldDescriptor& field, DetailValue& value) {
  const Reflection* reflection = block.GetReflection();
  if (!field.is_repeated()) {
    value.texts.push_back(reflection->GetString(block, &field));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(block, &field); ++i) {
    value.texts.push_back(reflection->GetRepeatedString(block, &field, i));
  }
}

// False for a field that has no value: flags always have one, as "not assessed" matters.
bool ReadDetailValue(const Message& block, const FieldDescriptor& field, DetailValue& value) {
  const Reflection* reflection = block.GetReflection();
  value.name = field.name();
  value.label_msgid = LabelOf(field);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    value.is_flag = true;
    value.flag = reflection->GetBool(block, &field);
    return true;
  }
  const bool present = field.is_repeated() ? reflection->FieldSize(block, &field) > 0
                                           : reflection->HasField(block, &field);
  if (!present) return false;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) ReadCodes(block, field, value);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) ReadTexts(block, field, value);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    Timestamp time;
    time.CopyFrom(reflection->GetMessage(block, &field));
    value.at_ms = ToMs(time);
  }
  return true;
}

DetailView DetailOf(const CaseAlert& alert) {
  DetailView view;
  const auto* oneof = CaseAlert::descriptor()->FindOneofByName("detail");
  const FieldDescriptor* chosen = alert.GetReflection()->GetOneofFieldDescriptor(alert, oneof);
  if (chosen == nullptr) return view;
  view.block = chosen->name();
  const Message& block = alert.GetReflection()->GetMessage(alert, chosen);
  for (int i = 0; i < block.GetDescriptor()->field_count(); ++i) {
    DetailValue value;
    if (ReadDetailValue(block, *block.GetDescriptor()->field(i), value))
      view.values.push_back(std::move(value));
  }
  return view;
}

bool HasUnknownFields(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) return true;
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (HasUnknownFields(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                : reflection->GetMessage(message, field))) {
        return true;
      }
    }
  }
  return false;
}

void ReadLists(const CaseAlert& alert, AlertView& view) {
  for (const auto& recipient : alert.recipients()) {
    view.recipients.push_back({recipient.office_id(), recipient.role(), recipient.note()});
  }
  for (const auto& translation : alert.translations()) {
    view.translations.push_back(
        {translation.language(), translation.subject(), translation.body(), translation.origin()});
  }
  for (const auto& person : alert.persons()) view.persons.push_back(ViewOf(alert, person));
  for (const auto& event : alert.events()) view.events.push_back(ViewOf(event));
  for (const auto& link : alert.links()) {
    view.links.push_back({link.alert_id(), link.case_ref(), link.type(), link.external_ref()});
  }
  for (const auto& file : alert.attachments()) {
    view.attachments.push_back({file.attachment_id(), file.file_name(), file.media_type(),
                                file.size_bytes(), file.sha256(), file.caption(), file.tlp()});
  }
}

}  // namespace

AlertView ViewOf(const CaseAlert& alert) {
  AlertView view;
  view.schema_version = alert.schema_version();
  view.alert_id = alert.alert_id();
  view.case_ref = alert.case_ref();
  view.message_type = alert.message_type();
  view.status = alert.status();
  view.alert_type = alert.alert_type();
  view.priority = alert.priority();
  view.created_at_ms = MsOrZero(alert.has_created_at(), alert.created_at());
  view.ack_due_at_ms = MsOrZero(alert.has_ack_due_at(), alert.ack_due_at());
  view.response_due_at_ms = MsOrZero(alert.has_response_due_at(), alert.response_due_at());
  view.requested_actions = ToVector(alert.requested_actions());
  view.handling = ViewOf(alert.handling());
  const alert::v1::Party& sender = alert.sender();
  view.sender = {sender.office_id(), sender.country(), sender.unit(), sender.officer_id(),
                 sender.duty_phone()};
  view.language = alert.language();
  view.subject = alert.subject();
  view.body = alert.body();
  view.evaluation_source = alert.evaluation().source();
  view.evaluation_information = alert.evaluation().information();
  ReadLists(alert, view);
  if (alert.has_group()) view.group = ViewOf(alert.group());
  view.detail = DetailOf(alert);
  view.corrected_fields = ToVector(alert.corrected_fields());
  view.has_unknown_fields = HasUnknownFields(alert);
  return view;
}

bool IsMarked(const AlertView& alert) { return alert.status != alert::v1::STATUS_ACTUAL; }

}  // namespace enlace::alerts
