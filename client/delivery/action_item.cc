#include "client/delivery/action_item.h"

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/cases/case_store.h"
#include "client/cases/registry_directory.h"
#include "client/delivery/limits.h"
#include "crypto/primitives/status.h"
#include "enlace/v1/room.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

const vault::v1::StoredContent* MessageOf(const CaseLog& log, std::string_view alert_id) {
  for (const alerts::OrderedAlert& ordered : log.ordered) {
    if (ordered.alert->alert_id() != alert_id) continue;
    const auto place = std::find(log.places.begin(), log.places.end(), ordered.sequence);
    if (place != log.places.end()) return &log.messages[place - log.places.begin()];
  }
  return nullptr;
}

// Whether the item is one that was in a room before and is being offered again.
bool IsTold(const vault::v1::OutboxItem& item, const CaseLog& log) {
  if (log.rooms < 2) return false;
  const std::string digest = ToText(merkle::Sha256(AsBytes(item.content())));
  return std::any_of(log.messages.begin(), log.messages.end(),
                     [&](const auto& stored) { return stored.digest() == digest; });
}

// Whether the log has not brought the item back yet.
bool IsAhead(const vault::v1::OutboxItem& item, const CaseLog& log) {
  if (item.phase() == vault::v1::OUTBOX_PHASE_FAILED) return false;
  if (item.phase() != vault::v1::OUTBOX_PHASE_ACCEPTED) return !IsTold(item, log);
  return item.room_id() == log.record.room_id() && item.sequence() > log.last_sequence;
}

absl::Status PlayQueued(const vault::v1::OutboxItem& item, const alerts::LogFacts& facts,
                        CaseLog& log) {
  alert::v1::Content content;
  if (!content.ParseFromString(item.content()))
    return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
  if (content.has_action()) {
    log.workflow.ApplyAction(facts, alerts::StepOf(content.action().action()));
  } else if (content.has_alert() && content.alert().part() != alert::v1::ALERT_PART_IDENTITY) {
    alert::v1::CaseAlert& alert =
        log.alerts.emplace_back(std::move(*content.mutable_alert()->mutable_alert()));
    log.ordered.push_back(
        {&alert, facts.sequence, facts.accepted_at_ms, facts.office_id, facts.officer_id});
    log.workflow.ApplyAlert(facts, alert);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CaseLog> LoadCaseLogAhead(const Services& services, const Outbox& outbox,
                                         std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(CaseLog log, LoadCaseLog(services.vault(), case_ref));
  uint64_t sequence = CasePlaceOf(log.rooms == 0 ? 0 : log.rooms - 1, log.last_sequence);
  for (const vault::v1::OutboxItem& item : outbox.items()) {
    if (item.case_ref() != log.record.case_ref() || !IsAhead(item, log)) continue;
    ENLACE_RETURN_IF_ERROR(
        PlayQueued(item, {++sequence, services.now_ms(), item.office_id(), ""}, log));
  }
  return log;
}

absl::Status ErrorOf(const alerts::Refusal& refusal) {
  const std::optional<Reason> reason = ReasonByName(refusal.reason);
  return reason ? MakeError(*reason, refusal.values) : FailedPrecondition(refusal.message_en);
}

alert::v1::CaseAction ActionOf(const Services& services, const CaseLog& log,
                               const alerts::ActionStep& step) {
  alert::v1::CaseAction action;
  std::array<uint8_t, 10> random{};
  services.rooms.rng.Fill(random);
  action.set_action_id(alerts::MakeUuidV7(services.now_ms(), random));
  action.set_alert_id(step.alert_id);
  action.set_case_ref(log.record.case_ref());
  action.set_action(static_cast<alert::v1::Action>(step.action));
  action.mutable_actor()->set_office_id(step.office_id);
  action.mutable_actor()->set_officer_id(step.officer_id);
  const auto office = RegistryDirectory(services.rooms.registry()).FindOffice(step.office_id);
  if (office) action.mutable_actor()->set_country(office->country);
  *action.mutable_at() = alerts::FromMs(services.now_ms());
  action.set_assignee_officer_id(step.assignee_officer_id);
  action.set_refer_to_office_id(step.refer_to_office_id);
  action.set_decline_reason(static_cast<alert::v1::DeclineReason>(step.decline_reason));
  action.set_outcome(static_cast<alert::v1::Outcome>(step.outcome));
  action.set_note(step.note);
  if (step.new_due_at_ms != 0) *action.mutable_new_due_at() = alerts::FromMs(step.new_due_at_ms);
  for (const std::string& field : step.corrected_fields) action.add_corrected_fields(field);
  action.set_about_action_id(step.about_action_id);
  // An alert that is still queued has no digest: its actions follow it in the same queue.
  if (const vault::v1::StoredContent* message = MessageOf(log, step.alert_id))
    action.set_alert_digest(message->digest());
  return action;
}

vault::v1::OutboxItem ItemForAction(const CaseLog& log, const alert::v1::ActionContent& content) {
  const alert::v1::CaseAction& action = content.action();
  alert::v1::Content whole;
  whole.set_version(1);
  *whole.mutable_action() = content;
  vault::v1::OutboxItem item;
  item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
  item.set_case_ref(log.record.case_ref());
  item.set_room_id(log.record.room_id());
  item.set_alert_id(action.alert_id());
  item.set_action_id(action.action_id());
  item.set_office_id(action.actor().office_id());
  item.set_urgency(v1::URGENCY_HIGH);
  item.set_content(whole.SerializeAsString());
  item.set_housekeeping(action.action() == alert::v1::ACTION_READ ||
                        action.action() == alert::v1::ACTION_CONFIRM);
  const vault::v1::StoredContent* about = MessageOf(log, action.alert_id());
  if (about == nullptr) return item;
  if (action.action() == alert::v1::ACTION_ACKNOWLEDGE)
    item.set_settles_sequence(SequenceInRoom(log, *about));
  const bool of_office = about->office_id() == action.actor().office_id();
  const uint64_t here = SequenceInRoom(log, *about);
  if (action.action() == alert::v1::ACTION_WITHDRAW && of_office && here != 0)
    item.add_withdraws(here);
  if (action.action() == alert::v1::ACTION_REFER)
    item.set_refer_to_office_id(action.refer_to_office_id());
  return item;
}

}  // namespace enlace::client
