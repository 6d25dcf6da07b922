// The half of Outbox that offers again what the server lost.

#include <algorithm>

#include "client/cases/case_store.h"
#include "client/delivery/outbox.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Meant for the members of one room at one time.
bool IsOfOneRoom(const vault::v1::OutboxItem& item) {
  alert::v1::Content content;
  return content.ParseFromString(item.content()) && (content.has_guard() || content.has_history());
}

// A message that the case keeps, here as at every member.
bool IsStored(const vault::v1::OutboxItem& item) {
  alert::v1::Content content;
  return content.ParseFromString(item.content()) && (content.has_alert() || content.has_action());
}

// Asks for the acknowledgements that are still missing.
void AskAgain(const alerts::CaseTable* table, vault::v1::OutboxItem& item) {
  const auto wanted = item.ack_office_ids();
  item.clear_ack_office_ids();
  for (const std::string& office : wanted) {
    const alerts::Row* row = table == nullptr ? nullptr : table->FindRow(item.alert_id(), office);
    if (row == nullptr || !row->acknowledged.happened()) item.add_ack_office_ids(office);
  }
  if (item.ack_office_ids().empty()) item.clear_ack_due_after_ms();
}

// Nothing of it has been to the server.
void StartAnew(vault::v1::OutboxItem& item) {
  item.set_phase(vault::v1::OUTBOX_PHASE_QUEUED);
  item.clear_sequence();
  item.clear_settles_sequence();
  item.clear_withdraws();
  item.clear_prepared_request();
  item.clear_message_hash();
  item.clear_stale_tries();
  auto& attachments = *item.mutable_attachments();
  const auto uploaded = std::remove_if(attachments.begin(), attachments.end(),
                                       [](const auto& one) { return one.complete(); });
  attachments.erase(uploaded, attachments.end());
  for (vault::v1::OutboxAttachment& one : attachments) {
    one.set_announced(false);
    one.set_uploaded_bytes(0);
  }
}

}  // namespace

absl::Status Outbox::MoveRoom(VaultTransaction& tx, const Move& move) {
  for (Item& item : items_) {
    if (item.room_id() != AsText(move.from) || item.phase() == vault::v1::OUTBOX_PHASE_FAILED)
      continue;
    if (IsOfOneRoom(item)) {
      // Failed housekeeping is swept.
      item.set_phase(vault::v1::OUTBOX_PHASE_FAILED);
      item.clear_prepared_request();
    } else {
      StartAnew(item);
      AskAgain(move.table, item);
      // The case is open: its first alert is a message of the successor like any other.
      item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
      item.set_room_id(ToText(move.to));
      item.set_next_attempt_ms(services_.now_ms());
    }
    ENLACE_RETURN_IF_ERROR(Save(tx, item));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Outbox::Vanished(BytesView room_id, uint64_t seen,
                                                          uint64_t listed) const {
  std::vector<std::string> vanished;
  for (const Item& item : items_) {
    if (item.room_id() != AsText(room_id) || item.phase() != vault::v1::OUTBOX_PHASE_ACCEPTED ||
        item.sequence() == 0 || !IsStored(item)) {
      continue;
    }
    bool gone = item.sequence() > listed;
    if (item.sequence() <= seen) {
      ENLACE_ASSIGN_OR_RETURN(const auto stored,
                              CaseStore(services_.vault()).ContentAt(room_id, item.sequence()));
      gone = !stored || !stored->own();
    }
    if (gone) vanished.push_back(item.item_id());
  }
  return vanished;
}

absl::Status Outbox::OfferAgain(VaultTransaction& tx, const std::vector<std::string>& item_ids) {
  for (Item& item : items_) {
    if (std::find(item_ids.begin(), item_ids.end(), item.item_id()) == item_ids.end()) continue;
    StartAnew(item);
    item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
    item.set_next_attempt_ms(services_.now_ms());
    ENLACE_RETURN_IF_ERROR(Save(tx, item));
  }
  return absl::OkStatus();
}

absl::Status Outbox::RequeueFounding(VaultTransaction& tx, BytesView room_id) {
  for (Item& item : items_) {
    if (item.room_id() != AsText(room_id) || item.phase() == vault::v1::OUTBOX_PHASE_FAILED)
      continue;
    StartAnew(item);
    item.clear_room_id();
    item.set_next_attempt_ms(services_.now_ms());
    ENLACE_RETURN_IF_ERROR(Save(tx, item));
  }
  return absl::OkStatus();
}

}  // namespace enlace::client
