#include "client/alerts/validation.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdlib>

#include "client/alerts/alert_json.h"
#include "client/alerts/case_ref.h"
#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/guard.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/countries.h"
#include "client/texts/durations.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr uint32_t kSchemaVersion = 1;

char UpperCase(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// "72 h", "18 min": rounded, as one number.
std::string SkewText(int64_t skew_ms) {
  const int64_t whole_ms = std::llabs(skew_ms);
  if (whole_ms < kHourMs) return std::to_string((whole_ms + kMinuteMs / 2) / kMinuteMs) + " min";
  return std::to_string((whole_ms + kHourMs / 2) / kHourMs) + " h";
}

// How far the sender's clock is from the server's, when that is worth a warning.
int64_t SkewMs(const CaseAlert& alert, const ValidationContext& context) {
  if (!context.server_time_ms || !alert.has_created_at()) return 0;
  const int64_t skew_ms = CreatedMs(alert) - *context.server_time_ms;
  return std::llabs(skew_ms) > kClockSkewMsMax ? skew_ms : 0;
}

void CheckSkew(const Checked& checked) {
  const int64_t skew_ms = SkewMs(checked.alert, checked.context);
  if (skew_ms == 0) return;
  const std::string span = SkewText(skew_ms);
  checked.report.Warn(Reason::kClockSkew, "created_at",
                      {Both("what",
                            "Your clock differs from the server by " + span +
                                "; deadlines are counted from the server time.",
                            "Su reloj difiere " + span +
                                " del servidor; los plazos se cuentan con la hora del servidor.")});
}

void CheckVersion(const Checked& checked) {
  const uint32_t version = checked.alert.schema_version();
  Require(version != 0, "schema_version", checked.report);
  if (version <= kSchemaVersion) return;
  checked.report.Warn(
      Reason::kSchemaNewer, "schema_version",
      {Same("version", std::to_string(version)), Same("known", std::to_string(kSchemaVersion))});
}

// A case belongs to the authority that opens it.
void CheckCaseAuthority(const Checked& checked) {
  const auto ref = ParseCaseRef(checked.alert.case_ref());
  const std::string& office = checked.alert.sender().office_id();
  if (!ref || !IsOfficeId(office)) return;
  if (checked.alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT) return;
  std::string authority(AuthorityOfOffice(office));
  std::ranges::transform(authority, authority.begin(), UpperCase);
  if (authority == ref->authority) return;
  checked.report.Error(Reason::kCaseRefAuthority, "case_ref",
                       {Same("value", checked.alert.case_ref()), Same("authority", authority)});
}

bool IsCountryAuthority(std::string_view authority) {
  std::string alpha2(authority);
  std::ranges::transform(alpha2, alpha2.begin(), UpperCase);
  return alpha2.size() == 2 && texts::FindCountry(alpha2) != nullptr;
}

void CheckSenderParty(const Checked& checked) {
  const alert::v1::Party& sender = checked.alert.sender();
  CheckOfficeId(sender.office_id(), "sender.office_id", checked.report);
  CheckOfficerId(sender.officer_id(), "sender.officer_id", checked.report);
  CheckPhone(sender.duty_phone(), "sender.duty_phone", sender.country(), checked.report);
  if (sender.country().empty()) return;
  CheckCountry(sender.country(), "sender.country", checked.report);
  const std::string own = AuthorityOfCountry(sender.country());
  const std::string_view authority = AuthorityOfOffice(sender.office_id());
  // An organisation's authority ("iom", "ts") is no country's, and its officers may state where
  // they are.
  if (own.empty() || own == authority || !IsCountryAuthority(authority)) return;
  checked.report.Error(Reason::kCountryMismatch, "sender.country",
                       {Same("office", sender.office_id()), Same("expected", authority),
                        Same("value", sender.country())});
}

void CheckRecipientList(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  Require(alert.recipients_size() > 0, "recipients", checked.report);
  if (alert.recipients_size() > kRecipientsMax) {
    checked.report.Error(Reason::kListTooLong, "recipients",
                         {Same("count", std::to_string(alert.recipients_size())),
                          Same("limit", std::to_string(kRecipientsMax))});
  }
  for (int i = 0; i < alert.recipients_size(); ++i) {
    const alert::v1::Recipient& recipient = alert.recipients(i);
    const std::string path = Indexed("recipients", i);
    const std::string office_path = Under(path, "office_id");
    CheckOfficeId(recipient.office_id(), office_path, checked.report);
    Require(recipient.role() != 0, Under(path, "role"), checked.report);
    const auto same = [&](const alert::v1::Recipient& other) {
      return other.office_id() == recipient.office_id();
    };
    const auto earlier = alert.recipients().begin() + i;
    if (std::any_of(alert.recipients().begin(), earlier, same)) {
      checked.report.Error(Reason::kRecipientDuplicate, office_path,
                           {Same("office", recipient.office_id())});
    }
    if (recipient.office_id() == alert.sender().office_id() && !recipient.office_id().empty()) {
      checked.report.Error(Reason::kRecipientIsSender, office_path,
                           {Same("office", recipient.office_id())});
    }
  }
}

void CheckRequested(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  Require(alert.requested_actions_size() > 0, "requested_actions", checked.report);
  const bool asks = std::ranges::any_of(alert.requested_actions(), [](int action) {
    return action != alert::v1::REQUESTED_ACTION_INFORMATION_ONLY;
  });
  const bool answers =
      std::ranges::any_of(alert.recipients(), [](const alert::v1::Recipient& recipient) {
        return recipient.role() != alert::v1::ROLE_INFO;
      });
  if (asks && !answers && alert.recipients_size() > 0) {
    checked.report.Error(Reason::kActionRecipientRequired, "recipients");
  }
}

void CheckTranslations(const Checked& checked) {
  for (int i = 0; i < checked.alert.translations_size(); ++i) {
    const alert::v1::Translation& translation = checked.alert.translations(i);
    const std::string path = Indexed("translations", i);
    if (translation.language().empty()) {
      Require(false, Under(path, "language"), checked.report);
    } else {
      CheckLanguage(translation.language(), Under(path, "language"), checked.report);
    }
    Require(translation.origin() != 0, Under(path, "origin"), checked.report);
    Require(!translation.subject().empty() || !translation.body().empty(), Under(path, "body"),
            checked.report);
  }
}

template <typename Change>
void ForEachString(Message& message, const Change& change) {
  std::vector<const FieldDescriptor*> fields;
  const Reflection* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        ForEachString(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                           : *reflection->MutableMessage(&message, field),
                      change);
      } else if (field->type() == FieldDescriptor::TYPE_STRING && field->is_repeated()) {
        reflection->SetRepeatedString(&message, field, i,
                                      change(reflection->GetRepeatedString(message, field, i)));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        reflection->SetString(&message, field, change(reflection->GetString(message, field)));
      }
    }
  }
}

}  // namespace

void CheckEnvelope(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  Report& report = checked.report;
  CheckVersion(checked);
  CheckUuid(alert.alert_id(), "alert_id", report);
  CheckCaseRef(alert.case_ref(), "case_ref", report);
  CheckCaseAuthority(checked);
  Require(alert.message_type() != 0, "message_type", report);
  Require(alert.status() != 0, "status", report);
  Require(alert.alert_type() != 0, "alert_type", report);
  Require(alert.priority() != 0, "priority", report);
  Require(alert.has_created_at(), "created_at", report);
  CheckSkew(checked);
  CheckDeadlines(checked);
  CheckRequested(checked);
  CheckHandling(checked);
  CheckSenderParty(checked);
  CheckRecipientList(checked);
  if (alert.language().empty()) {
    Require(false, "language", report);
  } else {
    CheckLanguage(alert.language(), "language", report);
  }
  Require(!alert.subject().empty(), "subject", report);
  Require(!alert.body().empty(), "body", report);
  CheckTranslations(checked);
}

void CheckDeadlines(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  Require(alert.has_ack_due_at(), "ack_due_at", checked.report);
  if (!alert.has_created_at() || !alert.has_ack_due_at() || checked.clock_skewed) return;
  const int64_t ack_ms = ToMs(alert.ack_due_at());
  if (ack_ms <= CreatedMs(alert)) {
    checked.report.Error(Reason::kDeadlineOrder, "ack_due_at",
                         {Both("what", "The acknowledge deadline is not after created_at.",
                               "El plazo de acuse no es posterior a created_at.")});
  }
  if (alert.has_response_due_at() && ToMs(alert.response_due_at()) < ack_ms) {
    checked.report.Error(Reason::kDeadlineOrder, "response_due_at",
                         {Both("what", "The answer would be due before the acknowledgement.",
                               "La respuesta vencería antes que el acuse.")});
  }
}

Violations ValidateAlert(const CaseAlert& alert, const ValidationContext& context) {
  Report report;
  const Checked checked{alert, context, report, SkewMs(alert, context) != 0};
  CheckEnvelope(checked);
  CheckPersons(checked);
  CheckIdentity(checked);
  CheckConsent(checked);
  CheckEvents(checked);
  CheckLinks(checked);
  CheckAttachments(checked);
  CheckGroup(checked);
  CheckDetail(checked);
  CheckFields(alert, report);
  report.AddAll(CheckRecipients(alert));
  report.AddAll(CheckRoom(GuardOf(alert), context.room_offices));
  CheckDirectory(checked);
  CheckRecommended(checked);
  Violations violations = std::move(report).Take();
  Normalise(violations);
  return violations;
}

CheckedJson CheckAlertJson(std::string_view json, const ValidationContext& context) {
  ParsedAlert parsed = ParseAlertJson(json);
  CheckedJson checked{std::move(parsed.alert), std::move(parsed.violations)};
  if (!checked.alert) return checked;
  for (Violation& violation : ValidateAlert(*checked.alert, context)) {
    checked.violations.push_back(std::move(violation));
  }
  Normalise(checked.violations);
  return checked;
}

void ToNfc(CaseAlert& alert) {
  ForEachString(alert, [](const std::string& text) { return Nfc(text); });
}

Violations CheckSender(const CaseAlert& alert, const SenderFacts& facts) {
  Report report;
  const alert::v1::Party& sender = alert.sender();
  const bool same_office = sender.office_id() == facts.authenticated_office_id;
  const bool same_officer = facts.authenticated_officer_id.empty() ||
                            sender.officer_id() == facts.authenticated_officer_id;
  if (!same_office || !same_officer) {
    report.Error(Reason::kSenderMismatch, same_office ? "sender.officer_id" : "sender.office_id",
                 {Same("claimed", same_office ? sender.officer_id() : sender.office_id()),
                  Same("actual", same_office ? facts.authenticated_officer_id
                                             : facts.authenticated_office_id)});
  }
  const bool opens = alert.message_type() == alert::v1::MESSAGE_TYPE_ALERT;
  if (!opens && std::ranges::find(facts.parties, sender.office_id()) == facts.parties.end()) {
    report.Error(Reason::kNotAParty, "links[0].alert_id",
                 {Same("office", sender.office_id()), Same("case", alert.case_ref())});
  }
  return std::move(report).Take();
}

std::optional<Violation> CheckIdReuse(std::string_view kept_digest, std::string_view new_digest) {
  if (kept_digest == new_digest) return std::nullopt;
  return MakeViolation(Reason::kIdReused, Severity::kError, "alert_id");
}

Violation AlreadyAccepted(int64_t accepted_at_ms) {
  return MakeViolation(Reason::kAlreadyAccepted, Severity::kWarning, "alert_id",
                       {Same("time", texts::Rfc3339(accepted_at_ms))});
}

}  // namespace enlace::alerts
