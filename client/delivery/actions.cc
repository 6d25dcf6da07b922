#include "client/delivery/actions.h"

#include <algorithm>

#include "client/alerts/codes_check.h"
#include "client/alerts/validation.h"
#include "client/cases/case_store.h"
#include "client/cases/outcome_json.h"
#include "client/cases/registry_directory.h"
#include "client/delivery/action_item.h"
#include "client/delivery/attaching.h"
#include "client/registry/membership.h"
#include "crypto/primitives/status.h"
#include "crypto/room/limits.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using alerts::ActionStep;
using alerts::Row;

bool IsOriginsStep(int action) {
  return action == alert::v1::ACTION_WITHDRAW || action == alert::v1::ACTION_CORRECT ||
         action == alert::v1::ACTION_PERMIT_REFERRAL;
}

// A row that the step would find; null where the office is the sender.
const Row* RowFor(const CaseLog& log, const ActionStep& step) {
  return log.workflow.table().FindRow(step.alert_id, step.office_id);
}

// A colleague was first: told, and nothing is sent.
void NoteDone(const alerts::Fact& fact, const Row* row, Acted& acted) {
  acted.outcome.already_done = true;
  acted.outcome.officer_id = fact.officer_id;
  acted.outcome.at_ms = fact.at_ms;
  if (row == nullptr) return;
  acted.outcome.state = row->state;
  acted.outcome.response_due_ms = row->response_due_ms;
}

void NoteQueued(const std::vector<ActionStep>& steps, Acted& acted) {
  acted.outcome.state = alerts::RowState::kQueued;
  acted.outcome.officer_id = steps.back().officer_id;
  for (const ActionStep& step : steps) acted.outcome.steps.push_back(step.action);
  acted.outcome.assignee_officer_id = steps.back().assignee_officer_id;
  acted.outcome.other_office_id = steps.back().refer_to_office_id;
  if (steps.back().new_due_at_ms != 0) acted.outcome.response_due_ms = steps.back().new_due_at_ms;
}

// A step that leads to the wanted one carries only what it needs itself.
ActionStep OnTheWay(const ActionStep& wanted, int action) {
  if (action == wanted.action) return wanted;
  ActionStep step;
  step.alert_id = wanted.alert_id;
  step.action = action;
  step.office_id = wanted.office_id;
  step.officer_id = wanted.officer_id;
  // An answer on the way to a close says the same as the close.
  if (action == alert::v1::ACTION_ANSWER) step.outcome = wanted.outcome;
  return step;
}

}  // namespace

absl::StatusOr<std::string> CaseActions::OfficeFor(const CaseLog& log,
                                                   const StepRequest& request) const {
  const std::string& wanted = request.office_id;
  if (!wanted.empty() && !services_.ActsFor(wanted))
    return MakeError(Reason::kNotYourOffice, {{"office", wanted}});
  const alerts::CaseTable& table = log.workflow.table();
  if (!wanted.empty()) return wanted;
  const bool of_origin = services_.ActsFor(table.origin_office_id);
  if (of_origin && IsOriginsStep(request.step.action)) return table.origin_office_id;
  for (const Row& row : table.rows) {
    const bool meant = request.step.alert_id.empty() || row.alert_id == request.step.alert_id;
    if (meant && services_.ActsFor(row.office_id)) return row.office_id;
  }
  if (of_origin) return table.origin_office_id;
  return MakeError(Reason::kNothingToAcknowledge, {{"case", log.record.case_ref()}});
}

absl::StatusOr<std::string> CaseActions::OfficerFor(const StepRequest& request) const {
  const identity::Registry& registry = services_.rooms.registry();
  const identity::DeviceRecord* record = registry.FindDevice(services_.device().uri.text());
  const bool service =
      record != nullptr &&
      identity::HasRole(registry.RolesOf(*record, registry.size()), identity::Role::kService);
  const std::string own(services_.device().uri.officer_id());
  if (!service && (request.officer_id.empty() || request.officer_id == own)) return own;
  if (!service) {
    return MakeError(Reason::kSenderMismatch, {{"claimed", request.officer_id}, {"actual", own}});
  }
  if (!request.officer_id.empty()) return request.officer_id;
  return MakeError(Reason::kOfficerRequired, {{"office", request.office_id}});
}

absl::StatusOr<Acted> CaseActions::Acknowledge(const StepRequest& request) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log,
                          LoadCaseLogAhead(services_, outbox_, request.case_ref));
  Acted acted;
  acted.outcome.case_ref = log.record.case_ref();
  acted.outcome.action = alert::v1::ACTION_ACKNOWLEDGE;
  acted.outcome.status = log.workflow.table().status;
  ENLACE_ASSIGN_OR_RETURN(acted.outcome.office_id, OfficeFor(log, request));
  ENLACE_ASSIGN_OR_RETURN(const std::string officer_id, OfficerFor(request));
  std::vector<ActionStep> steps;
  std::optional<alerts::Refusal> refusal;
  const Row* done = nullptr;
  for (const Row& row : log.workflow.table().rows) {
    if (row.office_id != acted.outcome.office_id) continue;
    if (row.acknowledged.happened()) done = &row;
    if (row.acknowledged.happened() || row.role != alert::v1::ROLE_ACTION) continue;
    ActionStep step;
    step.alert_id = row.alert_id;
    step.action = alert::v1::ACTION_ACKNOWLEDGE;
    step.office_id = row.office_id;
    step.officer_id = officer_id;
    refusal = alerts::CheckStep(log.workflow, step, services_.now_ms());
    if (!refusal) steps.push_back(std::move(step));
    acted.outcome.response_due_ms = row.response_due_ms;
  }
  if (steps.empty() && done != nullptr) {
    NoteDone(done->acknowledged, done, acted);
    NoteStillQueued(acted);
    return acted;
  }
  if (steps.empty() && refusal) return ErrorOf(*refusal);
  if (steps.empty())
    return MakeError(Reason::kNothingToAcknowledge, {{"case", log.record.case_ref()}});
  ENLACE_RETURN_IF_ERROR(QueueAll(log, request, steps, acted));
  return acted;
}

absl::StatusOr<std::vector<ActionStep>> CaseActions::StepsFor(const CaseLog& log,
                                                              const ActionStep& wanted,
                                                              Acted& acted) const {
  const Row* row = RowFor(log, wanted);
  const std::optional<alerts::Refusal> refusal =
      alerts::CheckStep(log.workflow, wanted, services_.now_ms());
  if (!refusal) return std::vector<ActionStep>{wanted};
  if (refusal->reason == RowOf(Reason::kActionAlreadyDone).name) {
    NoteDone(refusal->by, row, acted);
    NoteStillQueued(acted);
    return std::vector<ActionStep>();
  }
  const bool of_state = refusal->reason == RowOf(Reason::kActionNotPossible).name;
  const std::vector<int> way =
      row != nullptr && of_state ? alerts::StepsTowards(*row, wanted.action) : std::vector<int>();
  if (way.size() < 2) return ErrorOf(*refusal);
  // The way is played on a copy: each step has to be possible after those before it.
  alerts::Workflow ahead = log.workflow;
  uint64_t sequence = UINT64_MAX - way.size();
  std::vector<ActionStep> steps;
  for (const int action : way) {
    const ActionStep step = OnTheWay(wanted, action);
    if (const auto blocked = alerts::CheckStep(ahead, step, services_.now_ms()))
      return ErrorOf(*blocked);
    ahead.ApplyAction({sequence++, services_.now_ms(), step.office_id, ""}, step);
    steps.push_back(step);
  }
  return steps;
}

absl::Status CaseActions::CheckNamed(const ActionStep& step) const {
  const identity::Registry& registry = services_.rooms.registry();
  const std::string& officer = step.assignee_officer_id;
  if (!officer.empty() && !WorksIn(registry, officer, step.office_id))
    return MakeError(Reason::kOfficerNotInOffice,
                     {{"officer", officer}, {"office", step.office_id}});
  const std::string& office = step.refer_to_office_id;
  const identity::OfficeRecord* referred = registry.FindOffice(office);
  if (office.empty() || (referred != nullptr && referred->open())) return absl::OkStatus();
  const std::string nearest = alerts::NearestOf(office, RegistryDirectory(registry).OfficeIds());
  if (nearest.empty()) return MakeError(Reason::kOfficeUnknown, {{"office", office}});
  return MakeError(Reason::kOfficeSuggested, {{"office", office}, {"suggestion", nearest}});
}

void CaseActions::NoteStillQueued(Acted& acted) const {
  for (const vault::v1::OutboxItem& item : outbox_.items()) {
    const bool waits = item.phase() == vault::v1::OUTBOX_PHASE_QUEUED ||
                       item.phase() == vault::v1::OUTBOX_PHASE_PREPARED;
    const bool of_office =
        item.case_ref() == acted.outcome.case_ref && item.office_id() == acted.outcome.office_id;
    alert::v1::Content content;
    if (!waits || !of_office || item.action_id().empty()) continue;
    if (!content.ParseFromString(item.content())) continue;
    if (content.action().action().action() != acted.outcome.action) continue;
    acted.item_ids.push_back(item.item_id());
    acted.outcome.state = alerts::RowState::kQueued;
    acted.outcome.at_ms = 0;
  }
}

absl::StatusOr<Acted> CaseActions::Act(const StepRequest& request) {
  if (request.step.action == alert::v1::ACTION_ACKNOWLEDGE) return Acknowledge(request);
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log,
                          LoadCaseLogAhead(services_, outbox_, request.case_ref));
  Acted acted;
  acted.outcome.case_ref = log.record.case_ref();
  acted.outcome.action = request.step.action;
  acted.outcome.status = log.workflow.table().status;
  ENLACE_ASSIGN_OR_RETURN(acted.outcome.office_id, OfficeFor(log, request));
  ActionStep wanted = request.step;
  wanted.office_id = acted.outcome.office_id;
  ENLACE_ASSIGN_OR_RETURN(wanted.officer_id, OfficerFor(request));
  if (wanted.alert_id.empty()) wanted.alert_id = log.workflow.table().opening_alert_id;
  acted.outcome.by_origin = wanted.office_id == log.workflow.table().origin_office_id;
  ENLACE_RETURN_IF_ERROR(CheckNamed(wanted));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<ActionStep> steps, StepsFor(log, wanted, acted));
  if (steps.empty()) return acted;
  ENLACE_RETURN_IF_ERROR(QueueAll(log, request, steps, acted));
  return acted;
}

absl::Status CaseActions::QueueAll(const CaseLog& log, const StepRequest& request,
                                   const std::vector<ActionStep>& steps, Acted& acted) {
  const RegistryDirectory directory(services_.rooms.registry());
  alerts::ValidationContext context;
  context.directory = &directory;
  std::vector<vault::v1::OutboxItem> items;
  for (const ActionStep& step : steps) {
    alert::v1::ActionContent content;
    *content.mutable_action() = ActionOf(services_, log, step);
    if (!step.note.empty()) content.mutable_action()->set_language(request.language);
    alerts::Violations violations;
    std::vector<DraftFile> files;
    const bool carries = step.action == request.step.action;
    Attaching attaching{*content.mutable_action()->mutable_attachments(), files, violations};
    for (const std::string& path : carries ? request.attach_paths : std::vector<std::string>())
      ENLACE_RETURN_IF_ERROR(AttachFile(path, attaching));
    for (alerts::Violation& one : alerts::ValidateAction(content.action(), context))
      violations.push_back(std::move(one));
    if (alerts::HasError(violations)) return AlertRefusedError(violations);
    vault::v1::OutboxItem sealed;
    for (const DraftFile& file : files) {
      ENLACE_RETURN_IF_ERROR(SealFile(services_.rooms.rng, transfers_, file,
                                      {*content.add_attachment_keys(), *sealed.add_attachments()}));
    }
    items.push_back(ItemForAction(log, content));
    items.back().mutable_attachments()->Swap(sealed.mutable_attachments());
    if (items.back().content().size() > room::kContentBytesMax) {
      return MakeError(Reason::kBodyTooLarge,
                       {{"what", "action"},
                        {"size_bytes", std::to_string(items.back().content().size())},
                        {"limit_bytes", std::to_string(room::kContentBytesMax)}});
    }
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  for (vault::v1::OutboxItem& item : items) {
    ENLACE_ASSIGN_OR_RETURN(std::string item_id, outbox_.Enqueue(*tx, std::move(item)));
    acted.item_ids.push_back(std::move(item_id));
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  NoteQueued(steps, acted);
  return absl::OkStatus();
}

absl::StatusOr<Acted> CaseActions::MarkRead(std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLogAhead(services_, outbox_, case_ref));
  Acted acted;
  acted.outcome.case_ref = log.record.case_ref();
  acted.outcome.action = alert::v1::ACTION_READ;
  const std::string officer_id(services_.device().uri.officer_id());
  std::vector<ActionStep> steps;
  for (const Row& row : log.workflow.table().rows) {
    // INFO offices send no read receipt (DESIGN: receipts are per office).
    const bool reports = services_.ActsFor(row.office_id) && row.role == alert::v1::ROLE_ACTION;
    ActionStep step;
    step.alert_id = row.alert_id;
    step.action = alert::v1::ACTION_READ;
    step.office_id = row.office_id;
    step.officer_id = officer_id;
    if (reports && !row.read.happened()) steps.push_back(step);
    for (const alerts::Confirmation& one : row.confirmations) {
      const bool shown = services_.ActsFor(row.office_id) && !one.is_withdrawal;
      if (!shown || one.confirmed.happened()) continue;
      step.action = alert::v1::ACTION_CONFIRM;
      step.about_action_id = one.action_id;
      steps.push_back(step);
    }
  }
  std::erase_if(steps, [&](const ActionStep& step) {
    return alerts::CheckStep(log.workflow, step, services_.now_ms()).has_value();
  });
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).MarkRead(*tx, log.record.case_ref()));
  for (const ActionStep& step : steps) {
    alert::v1::ActionContent content;
    *content.mutable_action() = ActionOf(services_, log, step);
    ENLACE_ASSIGN_OR_RETURN(std::string item_id, outbox_.Enqueue(*tx, ItemForAction(log, content)));
    acted.item_ids.push_back(std::move(item_id));
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  return acted;
}

}  // namespace enlace::client
