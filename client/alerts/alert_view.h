// An alert as plain values, for screens and for the library's public headers: no generated type.
//
// Codes are the numbers of enlace.alert.v1 (client/texts/code_names.h has their words), instants
// milliseconds since 1970 (0 = absent). Texts are as the sender wrote them: a screen escapes them
// (client/texts/display.h).
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/texts/time_format.h"

namespace enlace::alert::v1 {
class CaseAlert;
}

namespace enlace::alerts {

using texts::DateParts;

struct HandlingView {
  // TLP that counts: RED when the alert names none or one that this version does not know.
  int tlp = 0;
  // The sender named no TLP, or an unknown one (its number in tlp_as_sent).
  bool tlp_assumed = false;
  int tlp_as_sent = 0;
  std::vector<int> codes;
  std::string restriction_note;
  int purpose = 0;
  int origin_country_disclosure = 0;
  std::vector<std::string> excluded_countries;
  int64_t review_at_ms = 0;
  int64_t delete_after_ms = 0;
  std::string legal_basis;
  int consent_status = 0;
  int consent_basis = 0;
  int64_t consent_recorded_at_ms = 0;
  std::string consent_limits;
};

struct PartyView {
  std::string office_id, country, unit, officer_id, duty_phone;
};
struct RecipientView {
  std::string office_id;
  int role = 0;
  std::string note;
};
struct TranslationView {
  std::string language, subject, body;
  int origin = 0;
};

struct DocumentView {
  int type = 0;
  std::string number, number_to, issuing_state;
  DateParts issued, expires;
  std::vector<std::string> mrz_lines;
  int finding = 0;
};

struct PersonView {
  std::string local_id;
  int role = 0;
  bool pseudonym = false;
  // Under 18 at created_at, or a victim: the identity part is withheld until acceptance.
  bool is_protected = false;
  bool is_child = false;
  std::string given_names, family_names;
  std::vector<std::string> other_names;
  DateParts birth_date;
  uint32_t age_years_min = 0, age_years_max = 0;
  int sex = 0;
  std::vector<std::string> nationalities;
  std::string birth_place;
  std::vector<std::string> languages;
  bool interpreter_needed = false;
  std::vector<DocumentView> documents;
  std::string physical_description;
  std::vector<std::string> distinguishing_marks, phones;
  std::vector<int> vulnerabilities;
  std::string related_to, relationship;
};

struct EventView {
  int type = 0;
  int64_t at_ms = 0;
  DateParts on;
  std::string time_zone, place, country, subdivision;
  bool has_coordinates = false;
  double latitude = 0, longitude = 0;
  uint32_t accuracy_m = 0;
  std::string description;
  // By which message of the case it came (0 = the first alert).
  size_t update_index = 0;
};

struct LinkView {
  std::string alert_id, case_ref;
  int type = 0;
  std::string external_ref;
};
struct AttachmentView {
  std::string attachment_id, file_name, media_type;
  uint64_t size_bytes = 0;
  std::string sha256, caption;
  // 0 = as the alert.
  int tlp = 0;
};
struct GroupView {
  bool present = false;
  uint32_t total = 0, women = 0, men = 0, girls = 0, boys = 0, unaccompanied_children = 0;
  std::vector<std::pair<std::string, uint32_t>> by_nationality;
};

// One value of the typed block, in the order of the model. Exactly one kind of value is set.
struct DetailValue {
  // Name in the model ("best_interests_assessed") and its words (English msgid for texts::Text).
  std::string name;
  std::string label_msgid;
  // Texts, or code words in the model's numbers with their CodeKind in `code_kind` (-1 = no code).
  std::vector<std::string> texts;
  std::vector<int> codes;
  int code_kind = -1;
  int64_t at_ms = 0;
  bool is_flag = false;
  bool flag = false;
};
struct DetailView {
  // "child", "detention"...; empty when the alert has none.
  std::string block;
  std::vector<DetailValue> values;
};

struct AlertView {
  uint32_t schema_version = 0;
  std::string alert_id, case_ref;
  int message_type = 0, status = 0, alert_type = 0, priority = 0;
  int64_t created_at_ms = 0, ack_due_at_ms = 0, response_due_at_ms = 0;
  std::vector<int> requested_actions;
  HandlingView handling;
  PartyView sender;
  std::vector<RecipientView> recipients;
  std::string language, subject, body;
  std::vector<TranslationView> translations;
  int evaluation_source = 0, evaluation_information = 0;
  std::vector<PersonView> persons;
  std::vector<EventView> events;
  std::vector<LinkView> links;
  std::vector<AttachmentView> attachments;
  GroupView group;
  DetailView detail;
  std::vector<std::string> corrected_fields;
  // The alert carries fields of a newer version.
  bool has_unknown_fields = false;
};

AlertView ViewOf(const alert::v1::CaseAlert& alert);

// True unless the status is ACTUAL: marked on every screen.
bool IsMarked(const AlertView& alert);

}  // namespace enlace::alerts
