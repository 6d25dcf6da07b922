// The questions of each type's own block.
#include <span>

#include "client/alerts/questionnaire.h"
#include "client/alerts/validation_parts.h"

namespace enlace::alerts {
namespace {

using texts::CodeKind;

struct BlockField {
  std::string_view field;
  AnswerKind kind;
  std::string_view msgid;
  CodeKind codes = CodeKind::kAlertType;
};

constexpr BlockField kMissing[] = {
    {"intended_route", AnswerKind::kText, ENLACE_TEXT("Intended route")},
    {"intended_destination", AnswerKind::kText, ENLACE_TEXT("Intended destination")},
    {"companions", AnswerKind::kText, ENLACE_TEXT("Who travelled along")},
    {"smuggler_contact", AnswerKind::kText, ENLACE_TEXT("What is known of the smuggler")},
    {"clothing", AnswerKind::kText, ENLACE_TEXT("Clothing")},
    {"family_dna_available", AnswerKind::kYesNo, ENLACE_TEXT("Is DNA of the family available?")},
    {"police_report_filed", AnswerKind::kYesNo, ENLACE_TEXT("Was a police report filed?")},
    {"police_report_ref", AnswerKind::kText, ENLACE_TEXT("Number of the police report")},
};
constexpr BlockField kChild[] = {
    {"care_arrangement", AnswerKind::kText, ENLACE_TEXT("Who cares for the child now")},
    {"best_interests_assessed", AnswerKind::kYesNo,
     ENLACE_TEXT("Were the best interests assessed?")},
    {"guardian_authority", AnswerKind::kText, ENLACE_TEXT("Authority that is guardian")},
    {"family_claim", AnswerKind::kText, ENLACE_TEXT("What family is known or claimed")},
    {"trafficking_screened", AnswerKind::kYesNo, ENLACE_TEXT("Was trafficking screened for?")},
};
constexpr BlockField kDetention[] = {
    {"facility", AnswerKind::kText, ENLACE_TEXT("Where the person is held")},
    {"detaining_authority", AnswerKind::kText, ENLACE_TEXT("Authority that holds the person")},
    {"ground", AnswerKind::kCode, ENLACE_TEXT("Ground of the detention"),
     CodeKind::kDetentionGround},
    {"charges", AnswerKind::kText, ENLACE_TEXT("Charges")},
    {"notification_choice", AnswerKind::kCode, ENLACE_TEXT("Consular notification (article 36)"),
     CodeKind::kNotification36},
    {"informed_of_rights_at", AnswerKind::kTime, ENLACE_TEXT("When the rights were explained")},
    {"next_hearing_at", AnswerKind::kTime, ENLACE_TEXT("Next hearing")},
};
constexpr BlockField kDeath[] = {
    {"identification", AnswerKind::kCode, ENLACE_TEXT("How far the identity is known"),
     CodeKind::kIdentificationStatus},
    {"custody_of_remains", AnswerKind::kText, ENLACE_TEXT("Where the remains are")},
    {"cause", AnswerKind::kText, ENLACE_TEXT("Cause of death")},
    {"dna_sample_available", AnswerKind::kYesNo, ENLACE_TEXT("Is there a DNA sample?")},
    {"autopsy_done", AnswerKind::kYesNo, ENLACE_TEXT("Was there an autopsy?")},
    {"belongings", AnswerKind::kText, ENLACE_TEXT("Belongings")},
    {"disposition_deadline", AnswerKind::kTime, ENLACE_TEXT("Until when the remains are kept")},
};
constexpr BlockField kTrafficking[] = {
    {"victim_status", AnswerKind::kCode, ENLACE_TEXT("Status of the victim"),
     CodeKind::kTraffickingStatus},
    {"acts", AnswerKind::kCodes, ENLACE_TEXT("Acts"), CodeKind::kTraffickingAct},
    {"means", AnswerKind::kCodes, ENLACE_TEXT("Means"), CodeKind::kTraffickingMeans},
    {"exploitation", AnswerKind::kCodes, ENLACE_TEXT("Exploitation"), CodeKind::kExploitationType},
    {"control", AnswerKind::kCodes, ENLACE_TEXT("How the victim is controlled"),
     CodeKind::kControlMethod},
    {"indicators", AnswerKind::kList, ENLACE_TEXT("Indicators")},
    {"victim_is_child", AnswerKind::kYesNo, ENLACE_TEXT("Is the victim a child?")},
};
constexpr BlockField kSmuggling[] = {
    {"topics", AnswerKind::kCodes, ENLACE_TEXT("Topics"), CodeKind::kSmugglingTopic},
    {"modus_operandi", AnswerKind::kText, ENLACE_TEXT("How they operate")},
    {"fee", AnswerKind::kText, ENLACE_TEXT("What is paid")},
    {"means_of_transport", AnswerKind::kList, ENLACE_TEXT("Means of transport")},
    {"aggravating", AnswerKind::kCodes, ENLACE_TEXT("Aggravating circumstances"),
     CodeKind::kAggravatingFactor},
};
constexpr BlockField kReturn[] = {
    {"basis", AnswerKind::kCode, ENLACE_TEXT("Basis of the return"), CodeKind::kReturnBasis},
    {"mode", AnswerKind::kCode, ENLACE_TEXT("By land, air or sea"), CodeKind::kReturnMode},
    {"handover_point", AnswerKind::kText, ENLACE_TEXT("Place of the handover")},
    {"planned_at", AnswerKind::kTime, ENLACE_TEXT("When it is planned")},
    {"needs", AnswerKind::kList, ENLACE_TEXT("What is needed")},
    {"travel_documents_ready", AnswerKind::kYesNo, ENLACE_TEXT("Are the travel documents ready?")},
    {"funding_source", AnswerKind::kText, ENLACE_TEXT("Who pays")},
};
constexpr BlockField kMassEvent[] = {
    {"event_name", AnswerKind::kText, ENLACE_TEXT("Name of the event")},
    {"hazard", AnswerKind::kCode, ENLACE_TEXT("Hazard"), CodeKind::kHazardType},
    {"severity", AnswerKind::kCode, ENLACE_TEXT("Severity"), CodeKind::kCapSeverity},
    {"certainty", AnswerKind::kCode, ENLACE_TEXT("Certainty"), CodeKind::kCapCertainty},
    {"affected_areas", AnswerKind::kList, ENLACE_TEXT("Affected areas")},
    {"needs", AnswerKind::kList, ENLACE_TEXT("What is needed")},
};

std::span<const BlockField> FieldsOf(std::string_view block) {
  if (block == "missing") return kMissing;
  if (block == "child") return kChild;
  if (block == "detention") return kDetention;
  if (block == "death") return kDeath;
  if (block == "trafficking") return kTrafficking;
  if (block == "smuggling") return kSmuggling;
  if (block == "return_request") return kReturn;
  if (block == "mass_event") return kMassEvent;
  return {};
}

}  // namespace

std::vector<Question> BlockQuestions(int type) {
  const std::string_view block = BlockOf(static_cast<alert::v1::AlertType>(type));
  std::vector<Question> questions;
  for (const BlockField& field : FieldsOf(block)) {
    Question question;
    question.path = std::string(block) + "." + std::string(field.field);
    question.kind = field.kind;
    question.msgid = field.msgid;
    question.codes = field.codes;
    questions.push_back(std::move(question));
  }
  return questions;
}

}  // namespace enlace::alerts
