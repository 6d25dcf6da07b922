#include "client/delivery/actions.h"

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/cases/case_store.h"
#include "client/cases/registry_directory.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/v1/room.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using alerts::Row;

uint64_t SequenceOf(const CaseLog& log, std::string_view alert_id) {
  for (const alerts::OrderedAlert& ordered : log.ordered) {
    if (ordered.alert->alert_id() == alert_id) return ordered.sequence;
  }
  return 0;
}

absl::Status AsError(const alerts::Refusal& refusal) {
  const std::optional<Reason> reason = ReasonByName(refusal.reason);
  return reason ? MakeError(*reason) : FailedPrecondition(refusal.message_en);
}

std::array<uint8_t, 10> TenBytes(crypto::Rng& rng) {
  std::array<uint8_t, 10> out{};
  rng.Fill(out);
  return out;
}

}  // namespace

absl::StatusOr<std::string> CaseActions::OfficeFor(const CaseLog& log,
                                                   std::string_view wanted) const {
  if (!wanted.empty() && !services_.ActsFor(wanted)) {
    return MakeError(Reason::kNotYourOffice, {{"office", std::string(wanted)}});
  }
  for (const Row& row : log.workflow.table().rows) {
    const bool asked = wanted.empty() ? services_.ActsFor(row.office_id) : row.office_id == wanted;
    if (asked) return row.office_id;
  }
  return MakeError(Reason::kNothingToAcknowledge, {{"case", log.record.case_ref()}});
}

absl::StatusOr<std::string> CaseActions::Queue(VaultTransaction& tx, const CaseLog& log,
                                               const alerts::ActionStep& step) {
  alert::v1::Content content;
  content.set_version(1);
  alert::v1::CaseAction& action = *content.mutable_action()->mutable_action();
  action.set_action_id(alerts::MakeUuidV7(services_.now_ms(), TenBytes(services_.rooms.rng)));
  action.set_alert_id(step.alert_id);
  action.set_case_ref(log.record.case_ref());
  action.set_action(static_cast<alert::v1::Action>(step.action));
  action.mutable_actor()->set_office_id(step.office_id);
  action.mutable_actor()->set_officer_id(step.officer_id);
  const auto office = RegistryDirectory(services_.rooms.registry()).FindOffice(step.office_id);
  if (office) action.mutable_actor()->set_country(office->country);
  *action.mutable_at() = alerts::FromMs(services_.now_ms());

  vault::v1::OutboxItem item;
  item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
  item.set_case_ref(log.record.case_ref());
  item.set_room_id(log.record.room_id());
  item.set_alert_id(step.alert_id);
  item.set_action_id(action.action_id());
  item.set_office_id(step.office_id);
  item.set_urgency(v1::URGENCY_HIGH);
  item.set_content(content.SerializeAsString());
  item.set_housekeeping(step.action == alert::v1::ACTION_READ);
  if (step.action == alert::v1::ACTION_ACKNOWLEDGE)
    item.set_settles_sequence(SequenceOf(log, step.alert_id));
  return outbox_.Enqueue(tx, std::move(item));
}

absl::StatusOr<Acted> CaseActions::Acknowledge(std::string_view case_ref,
                                               std::string_view office_id) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(services_.vault(), case_ref));
  Acted acted;
  acted.outcome.case_ref = log.record.case_ref();
  ENLACE_ASSIGN_OR_RETURN(acted.outcome.office_id, OfficeFor(log, office_id));
  const alerts::CaseTable& table = log.workflow.table();
  const std::string officer_id(services_.device().uri.officer_id());
  std::vector<alerts::ActionStep> steps;
  std::optional<alerts::Refusal> refusal;
  const Row* done = nullptr;
  for (const Row& row : table.rows) {
    if (row.office_id != acted.outcome.office_id) continue;
    if (row.acknowledged.happened()) done = &row;
    if (row.acknowledged.happened() || row.role != alert::v1::ROLE_ACTION) continue;
    alerts::ActionStep step;
    step.alert_id = row.alert_id;
    step.action = alert::v1::ACTION_ACKNOWLEDGE;
    step.office_id = row.office_id;
    step.officer_id = officer_id;
    refusal = alerts::CheckStep(log.workflow, step, services_.now_ms());
    if (!refusal) steps.push_back(std::move(step));
    acted.outcome.response_due_ms = row.response_due_ms;
  }
  if (steps.empty() && done != nullptr) {
    acted.outcome.already_done = true;
    acted.outcome.officer_id = done->acknowledged.officer_id;
    acted.outcome.at_ms = done->acknowledged.at_ms;
    acted.outcome.response_due_ms = done->response_due_ms;
    acted.outcome.state = alerts::RowState::kAcknowledged;
    return acted;
  }
  if (steps.empty() && refusal) return AsError(*refusal);
  if (steps.empty())
    return MakeError(Reason::kNothingToAcknowledge, {{"case", log.record.case_ref()}});
  acted.outcome.officer_id = officer_id;
  acted.outcome.state = alerts::RowState::kQueued;
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  for (const alerts::ActionStep& step : steps) {
    ENLACE_ASSIGN_OR_RETURN(std::string item_id, Queue(*tx, log, step));
    acted.item_ids.push_back(std::move(item_id));
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  return acted;
}

absl::StatusOr<Acted> CaseActions::MarkRead(std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(services_.vault(), case_ref));
  Acted acted;
  acted.outcome.case_ref = log.record.case_ref();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).MarkRead(*tx, log.record.case_ref()));
  for (const Row& row : log.workflow.table().rows) {
    // INFO offices send no read receipt (DESIGN: receipts are per office).
    const bool asked = services_.ActsFor(row.office_id) && row.role == alert::v1::ROLE_ACTION;
    if (!asked || row.read.happened()) continue;
    alerts::ActionStep step;
    step.alert_id = row.alert_id;
    step.action = alert::v1::ACTION_READ;
    step.office_id = row.office_id;
    step.officer_id = std::string(services_.device().uri.officer_id());
    const bool queued =
        std::any_of(outbox_.items().begin(), outbox_.items().end(), [&](const auto& item) {
          return item.housekeeping() && item.alert_id() == row.alert_id &&
                 item.office_id() == row.office_id;
        });
    if (queued || alerts::CheckStep(log.workflow, step, services_.now_ms())) continue;
    ENLACE_ASSIGN_OR_RETURN(std::string item_id, Queue(*tx, log, step));
    acted.item_ids.push_back(std::move(item_id));
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  return acted;
}

}  // namespace enlace::client
