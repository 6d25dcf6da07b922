// Handling, consent, and what the registry and the charter say of the addressed offices.
#include <algorithm>

#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/guard.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/code_names.h"
#include "client/texts/durations.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using alert::v1::Handling;
using alert::v1::Person;

bool HasCode(const Handling& handling, alert::v1::HandlingCode code) {
  return std::ranges::find(handling.codes(), static_cast<int>(code)) != handling.codes().end();
}

// Missing or unknown: an error at the sender, RED at the receiver (rule 3).
void CheckTlp(const Checked& checked) {
  const int tlp = checked.alert.handling().tlp();
  if (tlp != 0 && alert::v1::Tlp_IsValid(tlp)) return;
  if (checked.context.side == Side::kSender) {
    checked.report.Error(Reason::kTlpRequired, "handling.tlp");
  } else {
    checked.report.Warn(Reason::kTlpRequired, "handling.tlp");
  }
}

void CheckCodes(const Checked& checked) {
  const Handling& handling = checked.alert.handling();
  if (handling.purpose() == alert::v1::PURPOSE_PREVENT_COMBAT_CRIME && handling.codes().empty()) {
    checked.report.Error(Reason::kHandlingCodesRequired, "handling.codes");
  }
  if (HasCode(handling, alert::v1::HANDLING_CODE_H3) && handling.restriction_note().empty()) {
    checked.report.Error(Reason::kRestrictionNoteRequired, "handling.restriction_note");
  }
}

void CheckRetention(const Checked& checked) {
  const Handling& handling = checked.alert.handling();
  Require(handling.has_review_at(), "handling.review_at", checked.report);
  Require(handling.has_delete_after(), "handling.delete_after", checked.report);
  if (!handling.has_delete_after()) return;
  const int64_t delete_ms = ToMs(handling.delete_after());
  const bool comparable = checked.alert.has_created_at() && !checked.clock_skewed;
  const int64_t created_ms = CreatedMs(checked.alert);
  if (comparable && delete_ms <= created_ms) {
    return checked.report.Error(Reason::kRetentionOrder, "handling.delete_after",
                                {Both("what", "The deletion is not after created_at.",
                                      "El borrado no es posterior a created_at.")});
  }
  if (handling.has_review_at() && ToMs(handling.review_at()) > delete_ms) {
    checked.report.Error(Reason::kRetentionOrder, "handling.review_at",
                         {Both("what", "The review is after the deletion.",
                               "La revisión es posterior al borrado.")});
  }
  if (!comparable) return;
  const int64_t longest_ms = checked.context.retention_ms_max;
  if (longest_ms > 0 && delete_ms - created_ms > longest_ms) {
    checked.report.Warn(Reason::kRetentionShortened, "handling.delete_after",
                        {Same("days", std::to_string(longest_ms / kDayMs))});
  }
}

bool SharesIdentity(const Person& person) {
  if (person.pseudonym() || person.role() == alert::v1::PERSON_ROLE_DECEASED) return false;
  return !person.given_names().empty() || !person.family_names().empty() ||
         !person.documents().empty() || !person.phones().empty();
}

// What stands in where the person did not agree.
bool StandsInForConsent(alert::v1::ConsentBasis basis) {
  return basis == alert::v1::CONSENT_BASIS_BEST_INTERESTS ||
         basis == alert::v1::CONSENT_BASIS_VITAL_INTERESTS ||
         basis == alert::v1::CONSENT_BASIS_LEGAL_DUTY;
}

void CheckStanding(const OfficeEntry& office, int role, int tlp, const std::string& field,
                   const Checked& checked) {
  const auto forbid = [&](const std::string& en, const std::string& es) {
    checked.report.Error(Reason::kStandingForbids, field, {Both("what", en, es)});
  };
  if (role == alert::v1::ROLE_ACTION && !office.may_be_action) {
    forbid(office.office_id + " cannot be addressed for action.",
           office.office_id + " no puede ser destinataria de acción.");
  }
  if (role == alert::v1::ROLE_INFO && !office.may_be_info) {
    forbid(office.office_id + " cannot be informed.",
           office.office_id + " no puede ser informada.");
  }
  if (office.tlp_max != 0 && tlp > office.tlp_max) {
    const std::string highest = texts::CodeWord(texts::CodeKind::kTlp, office.tlp_max);
    forbid(office.office_id + " receives " + highest + " at most.",
           office.office_id + " recibe como máximo " + highest + ".");
  }
}

void CheckRecipientEntry(const alert::v1::Recipient& recipient, const std::string& field,
                         const Checked& checked) {
  if (!IsOfficeId(recipient.office_id())) return;
  const auto office = checked.context.directory->FindOffice(recipient.office_id());
  if (!office) {
    Violation violation = MakeViolation(Reason::kOfficeUnknown, Severity::kError, field,
                                        {Same("office", recipient.office_id())});
    const Phrase nearest =
        DidYouMean(NearestOf(recipient.office_id(), checked.context.directory->OfficeIds()));
    violation.message_en += nearest.en;
    violation.message_es += nearest.es;
    return checked.report.Add(std::move(violation));
  }
  if (office->closed) {
    checked.report.Error(Reason::kOfficeClosed, field,
                         {Same("value", recipient.office_id()),
                          {"nearest", DidYouMean(office->successor_office_id)}});
  }
  CheckStanding(*office, recipient.role(), checked.alert.handling().tlp(), field, checked);
}

void CheckSenderEntry(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  const std::string& id = alert.sender().office_id();
  if (!IsOfficeId(id)) return;
  const auto office = checked.context.directory->FindOffice(id);
  if (!office)
    return checked.report.Error(Reason::kOfficeUnknown, "sender.office_id", {Same("office", id)});
  if (alert.message_type() == alert::v1::MESSAGE_TYPE_ALERT && !office->may_open_cases) {
    checked.report.Error(Reason::kStandingForbids, "sender.office_id",
                         {Both("what", id + " cannot open cases.", id + " no puede abrir casos.")});
  }
  const std::string& country = alert.sender().country();
  if (!country.empty() && !office->country.empty() && country != office->country) {
    checked.report.Error(
        Reason::kCountryMismatch, "sender.country",
        {Same("office", id), Same("expected", office->country), Same("value", country)});
  }
}

}  // namespace

void CheckHandling(const Checked& checked) {
  const Handling& handling = checked.alert.handling();
  CheckTlp(checked);
  CheckCodes(checked);
  Require(handling.purpose() != 0, "handling.purpose", checked.report);
  Require(handling.origin_country_disclosure() != 0, "handling.origin_country_disclosure",
          checked.report);
  CheckRetention(checked);
  for (int i = 0; i < handling.excluded_countries_size(); ++i) {
    CheckCountry(handling.excluded_countries(i), Indexed("handling.excluded_countries", i),
                 checked.report);
  }
}

void CheckConsent(const Checked& checked) {
  const auto& persons = checked.alert.persons();
  if (std::none_of(persons.begin(), persons.end(), SharesIdentity)) return;
  const alert::v1::Consent& consent = checked.alert.handling().consent();
  if (consent.status() == 0 || consent.basis() == 0 || !consent.has_recorded_at()) {
    return checked.report.Error(Reason::kConsentRequired, "handling.consent");
  }
  const bool refused = consent.status() == alert::v1::CONSENT_STATUS_REFUSED ||
                       consent.status() == alert::v1::CONSENT_STATUS_WITHDRAWN ||
                       consent.status() == alert::v1::CONSENT_STATUS_NOT_ASKED;
  if (refused && !StandsInForConsent(consent.basis())) {
    checked.report.Error(Reason::kConsentRefused, "handling.consent.status");
  }
}

void CheckDirectory(const Checked& checked) {
  if (checked.context.directory == nullptr) return;
  CheckSenderEntry(checked);
  for (int i = 0; i < checked.alert.recipients_size(); ++i) {
    CheckRecipientEntry(checked.alert.recipients(i), Under(Indexed("recipients", i), "office_id"),
                        checked);
  }
}

}  // namespace enlace::alerts
