// A workflow step by itself: what its kind needs. Whether the table allows it is workflow.h's
// matter.
#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/validation_parts.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAction;

void CheckActor(const CaseAction& action, Report& report) {
  CheckOfficeId(action.actor().office_id(), "actor.office_id", report);
  const std::string& officer = action.actor().officer_id();
  if (officer.empty()) {
    report.Error(Reason::kOfficerRequired, "actor.officer_id",
                 {Same("office", action.actor().office_id())});
  } else {
    CheckOfficerId(officer, "actor.officer_id", report);
  }
}

void CheckReferral(const CaseAction& action, const ValidationContext& context, Report& report) {
  const std::string& office = action.refer_to_office_id();
  CheckOfficeId(office, "refer_to_office_id", report);
  if (context.directory == nullptr || !IsOfficeId(office)) return;
  const auto entry = context.directory->FindOffice(office);
  if (!entry) {
    Violation violation = MakeViolation(Reason::kOfficeUnknown, Severity::kError,
                                        "refer_to_office_id", {Same("office", office)});
    const Phrase nearest = DidYouMean(NearestOf(office, context.directory->OfficeIds()));
    violation.message_en += nearest.en;
    violation.message_es += nearest.es;
    return report.Add(std::move(violation));
  }
  if (!entry->closed) return;
  report.Error(Reason::kOfficeClosed, "refer_to_office_id",
               {Same("value", office), {"nearest", DidYouMean(entry->successor_office_id)}});
}

void CheckNeeds(const CaseAction& action, const ValidationContext& context, Report& report) {
  switch (action.action()) {
    case alert::v1::ACTION_ASSIGN:
    case alert::v1::ACTION_HANDOVER_OFFICER:
      return CheckOfficerId(action.assignee_officer_id(), "assignee_officer_id", report);
    case alert::v1::ACTION_REFER:
    case alert::v1::ACTION_PERMIT_REFERRAL:
      return CheckReferral(action, context, report);
    case alert::v1::ACTION_DECLINE:
      if (action.decline_reason() == 0)
        report.Error(Reason::kDeclineReasonRequired, "decline_reason");
      return;
    case alert::v1::ACTION_CLOSE:
      if (action.outcome() == 0) report.Error(Reason::kOutcomeRequired, "outcome");
      return;
    case alert::v1::ACTION_REQUEST_INFO:
    case alert::v1::ACTION_REOPEN:
      return Require(!action.note().empty(), "note", report);
    case alert::v1::ACTION_ANSWER:
      return Require(
          !action.note().empty() || action.outcome() != 0 || !action.attachments().empty(), "note",
          report);
    case alert::v1::ACTION_CORRECT:
      Require(!action.note().empty(), "note", report);
      return Require(!action.corrected_fields().empty(), "corrected_fields", report);
    case alert::v1::ACTION_EXTEND:
      return Require(action.has_new_due_at(), "new_due_at", report);
    case alert::v1::ACTION_CONFIRM:
      return CheckUuid(action.about_action_id(), "about_action_id", report);
    default:
      return;
  }
}

void CheckFiles(const CaseAction& action, Report& report) {
  for (int i = 0; i < action.attachments_size(); ++i) {
    const auto& file = action.attachments(i);
    const AttachmentEntry entry{file.attachment_id(), file.file_name(), file.media_type(),
                                file.size_bytes(), file.sha256()};
    if (auto violation = CheckAttachment(entry, nullptr, Indexed("attachments", i)))
      report.Add(std::move(*violation));
  }
}

}  // namespace

Violations ValidateAction(const CaseAction& action, const ValidationContext& context) {
  Report report;
  CheckUuid(action.action_id(), "action_id", report);
  CheckUuid(action.alert_id(), "alert_id", report);
  CheckCaseRef(action.case_ref(), "case_ref", report);
  Require(action.action() != 0, "action", report);
  CheckActor(action, report);
  Require(action.has_at(), "at", report);
  CheckNeeds(action, context, report);
  if (!action.language().empty()) CheckLanguage(action.language(), "language", report);
  CheckFiles(action, report);
  CheckFields(action, report);
  Violations violations = std::move(report).Take();
  Normalise(violations);
  return violations;
}

}  // namespace enlace::alerts
