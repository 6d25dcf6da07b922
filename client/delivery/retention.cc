#include "client/delivery/retention.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "client/cases/case_keys.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/cases/draft_store.h"
#include "client/delivery/action_item.h"
#include "client/delivery/attaching.h"
#include "client/texts/durations.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kWithdrawnDue = "withdrawn-due";
constexpr size_t kCasesAtOnce = 100;

// Confirmations that this device's offices owe for withdrawals.
std::vector<alerts::ActionStep> ConfirmationsFor(const Services& services, const CaseLog& log,
                                                 std::set<std::string>& alert_ids) {
  std::vector<alerts::ActionStep> steps;
  const alerts::CaseTable& table = log.workflow.table();
  for (const alerts::Row& row : table.rows) {
    if (!services.ActsFor(row.office_id) || row.state != alerts::RowState::kWithdrawn) continue;
    alert_ids.insert(row.alert_id);
    for (const alerts::Confirmation& one : row.confirmations) {
      if (!one.is_withdrawal || one.confirmed.happened()) continue;
      alerts::ActionStep step;
      step.alert_id = row.alert_id;
      step.action = alert::v1::ACTION_CONFIRM;
      step.office_id = row.office_id;
      step.officer_id = std::string(services.device().uri.officer_id());
      step.about_action_id = one.action_id;
      steps.push_back(std::move(step));
    }
  }
  const bool whole =
      table.state == alerts::CaseState::kWithdrawn && !services.ActsFor(table.origin_office_id);
  if (!whole) return steps;
  // The whole case: what other offices wrote in it was about the same persons.
  for (const alerts::OrderedAlert& ordered : log.ordered)
    alert_ids.insert(ordered.alert->alert_id());
  return steps;
}

}  // namespace

absl::Status OweRedaction(VaultTransaction& tx, std::string_view case_ref) {
  return tx.Put(kWithdrawnDue, CaseKey(case_ref), AsBytes(case_ref), kVaultKey);
}

int64_t Retention::DeadlineOf(const vault::v1::CaseRecord& record) const {
  const std::string text = services_.profile.Setting(std::string(kRetentionSetting), "");
  int64_t days = 0;
  std::from_chars(text.data(), text.data() + text.size(), days);
  const int64_t own = days > 0 ? record.opened_at_ms() + days * kDayMs : INT64_MAX;
  const int64_t senders = record.delete_after_ms() == 0 ? INT64_MAX : record.delete_after_ms();
  return std::min(own, senders);
}

absl::StatusOr<size_t> Retention::PurgeWithdrawn() {
  size_t purged = 0;
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> withdrawn,
                          services_.vault().Scan(kWithdrawnDue, {{}, {}, kCasesAtOnce}));
  for (const VaultRow& row : withdrawn) {
    ENLACE_ASSIGN_OR_RETURN(const bool redacted,
                            PurgeWithdrawnCase(ToText(row.value.view()), row.row));
    purged += redacted ? 1 : 0;
  }
  file_to_clean_ = file_to_clean_ || purged > 0;
  ENLACE_RETURN_IF_ERROR(CleanFile());
  return purged;
}

absl::Status Retention::ForgetDraft(BytesView draft_id) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(DropDraft(*tx, draft_id));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  file_to_clean_ = true;
  return CleanFile();
}

absl::Status Retention::ForgetOldDrafts() {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<StoredDraft> drafts, ListDrafts(services_.vault()));
  for (const StoredDraft& draft : drafts) {
    if (draft.saved_at_ms + kDraftKeptMs > services_.now_ms()) continue;
    ENLACE_RETURN_IF_ERROR(ForgetDraft(draft.id));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Retention::PurgeExpired() {
  size_t purged = 0;
  ENLACE_RETURN_IF_ERROR(ForgetOldDrafts());
  ENLACE_ASSIGN_OR_RETURN(const std::vector<vault::v1::CaseRecord> records,
                          CaseStore(services_.vault()).All());
  for (const vault::v1::CaseRecord& record : records) {
    if (record.case_ref().empty() || DeadlineOf(record) > services_.now_ms()) continue;
    ENLACE_RETURN_IF_ERROR(PurgeCase(record));
    ++purged;
  }
  file_to_clean_ = file_to_clean_ || purged > 0;
  ENLACE_RETURN_IF_ERROR(CleanFile());
  return purged;
}

absl::Status Retention::CleanFile() {
  if (!file_to_clean_) return absl::OkStatus();
  const absl::Status cleaned = services_.vault().Purge();
  // A screen is being drawn: the next round tries again.
  if (HasReason(cleaned, Reason::kVaultBusy)) return absl::OkStatus();
  file_to_clean_ = !cleaned.ok();
  return cleaned;
}

absl::StatusOr<bool> Retention::PurgeWithdrawnCase(const std::string& case_ref, BytesView due_row) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(tx->Delete(kWithdrawnDue, due_row));
  const absl::StatusOr<CaseLog> log = LoadCaseLogAhead(services_, outbox_, case_ref);
  std::set<std::string> alert_ids;
  if (HasReason(log.status(), Reason::kCaseUnknown)) {
    ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
    return false;
  }
  ENLACE_RETURN_IF_ERROR(log.status());
  const std::vector<alerts::ActionStep> steps = ConfirmationsFor(services_, *log, alert_ids);
  // Nothing of this device's offices was withdrawn: it is the sender's.
  const bool concerned =
      !alert_ids.empty() && !services_.ActsFor(log->workflow.table().origin_office_id);
  if (concerned) {
    for (const alerts::ActionStep& step : steps) {
      alert::v1::ActionContent content;
      *content.mutable_action() = ActionOf(services_, *log, step);
      ENLACE_RETURN_IF_ERROR(outbox_.Enqueue(*tx, ItemForAction(*log, content)).status());
    }
    ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).Redact(*tx, case_ref, alert_ids));
    ENLACE_ASSIGN_OR_RETURN(const auto dropped, outbox_.ForgetAlerts(*tx, case_ref, alert_ids));
    for (const vault::v1::OutboxItem& item : dropped) DropSpool(transfers_, item);
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  return concerned;
}

absl::Status Retention::LeaveRoom(VaultTransaction& tx, const std::string& room_id) {
  if (room_id.empty()) return absl::OkStatus();
  const absl::StatusOr<Room*> room = book_.Get(AsBytes(room_id));
  if (HasReason(room.status(), Reason::kRoomUnknown)) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(room.status());
  vault::v1::RoomRecord& record = (*room)->mutable_record();
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_LEFT);
  record.set_purged(true);
  record.clear_case_ref();
  record.clear_guard();
  record.clear_pending_request();
  return (*room)->Save(tx, /*new_epoch=*/true);
}

// Every room that the case and its identity part have been in.
absl::StatusOr<std::vector<Bytes>> Retention::RoomsOf(const vault::v1::CaseRecord& record) const {
  ENLACE_ASSIGN_OR_RETURN(std::vector<Bytes> rooms,
                          RoomsOfCase(services_.vault(), AsBytes(record.room_id())));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> of_identity,
                          RoomsOfCase(services_.vault(), AsBytes(record.identity_room_id())));
  rooms.insert(rooms.end(), of_identity.begin(), of_identity.end());
  return rooms;
}

absl::Status Retention::PurgeCase(const vault::v1::CaseRecord& record) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms, RoomsOf(record));
  ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).Purge(*tx, record.case_ref()));
  absl::Status left;
  for (const Bytes& room_id : rooms) {
    if (left.ok()) left = LeaveRoom(*tx, ToText(room_id));
  }
  using Dropped = absl::StatusOr<std::vector<vault::v1::OutboxItem>>;
  const Dropped dropped =
      left.ok() ? outbox_.ForgetAlerts(*tx, record.case_ref(), {}) : Dropped(left);
  const absl::Status purged = dropped.ok() ? Finish(std::move(tx)) : dropped.status();
  if (!purged.ok()) {
    for (const Bytes& room_id : rooms) book_.Drop(room_id);
    return purged;
  }
  for (const vault::v1::OutboxItem& item : *dropped) DropSpool(transfers_, item);
  return absl::OkStatus();
}

}  // namespace enlace::client
