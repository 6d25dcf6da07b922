#include "client/delivery/receipts.h"

#include <algorithm>
#include <map>

#include "client/alerts/compose.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/limits.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kReceiptsDue = "receipts-due";
constexpr size_t kReceiptsAtOnce = 500;

Bytes RowOf(BytesView room_id, uint64_t sequence) {
  codec::Writer row;
  row.Raw(room_id);
  row.U64(sequence);
  return row.Take();
}

struct Owed {
  Bytes row;
  Bytes room_id;
  uint64_t sequence = 0;
  int64_t due_ms = 0;
};

absl::StatusOr<std::vector<Owed>> AllOwed(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault.Scan(kReceiptsDue, {{}, {}, kReceiptsAtOnce}));
  std::vector<Owed> owed;
  for (const VaultRow& row : rows) {
    Owed& one = owed.emplace_back();
    one.row = row.row;
    if (row.row.size() <= sizeof(uint64_t))
      return MakeError(Reason::kVaultDamaged, {{"what", "receipts-due"}});
    const size_t id_bytes = row.row.size() - sizeof(uint64_t);
    one.room_id = ToBytes(BytesView(row.row).first(id_bytes));
    codec::Reader key(BytesView(row.row).subspan(id_bytes));
    codec::Reader value(row.value.view());
    uint64_t due_ms = 0;
    ENLACE_RETURN_IF_ERROR(key.ReadU64(one.sequence));
    ENLACE_RETURN_IF_ERROR(value.ReadU64(due_ms));
    one.due_ms = static_cast<int64_t>(due_ms);
  }
  return owed;
}

// The alert of a stored message, with the digest of its signed content.
struct AlertRef {
  std::string alert_id;
  std::string case_ref;
  Bytes digest;
};
absl::StatusOr<std::optional<AlertRef>> AlertAt(const Vault& vault, const Owed& owed) {
  ENLACE_ASSIGN_OR_RETURN(const auto stored,
                          CaseStore(vault).ContentAt(owed.room_id, owed.sequence));
  // What was withdrawn meanwhile is not receipted any more.
  if (!stored || stored->signed_content().empty()) return std::optional<AlertRef>();
  const absl::StatusOr<alert::v1::Content> content = ContentOf(*stored);
  if (!content.ok() || !content->has_alert()) return std::optional<AlertRef>();
  const alert::v1::CaseAlert& alert = content->alert().alert();
  const merkle::Hash digest = merkle::Sha256(AsBytes(stored->signed_content()));
  return std::make_optional(AlertRef{alert.alert_id(), alert.case_ref(), ToBytes(digest)});
}

// The office of this device for which a receipt is sent in this room.
absl::StatusOr<std::string> OfficeIn(const Services& services, BytesView room_id) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, RoomStore(services.vault()).Load(room_id));
  if (!record) return std::string();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy,
                          room::DecodeRoomPolicy(AsBytes(record->policy())));
  for (const std::string& office : services.Offices()) {
    if (policy.origin_office == office || policy.FindParticipant(office) != nullptr) return office;
  }
  return std::string();
}

}  // namespace

absl::Status OweReceipt(const Services& services, VaultTransaction& tx, BytesView room_id,
                        uint64_t sequence) {
  uint16_t random = 0;
  const Bytes bytes = services.rooms.rng.PublicBytes(sizeof(random));
  random = static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
  codec::Writer due;
  due.U64(static_cast<uint64_t>(services.now_ms() + random % kReceiptGatherMs));
  return tx.Put(kReceiptsDue, RowOf(room_id, sequence), due.view(), kVaultKey);
}

absl::Status SettleReceipts(const Services& services, VaultTransaction& tx, BytesView room_id,
                            const alert::v1::DeliveryReceipt& receipt) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Owed> owed, AllOwed(services.vault()));
  for (const Owed& one : owed) {
    if (!EqualBytes(one.room_id, room_id)) continue;
    ENLACE_ASSIGN_OR_RETURN(const std::optional<AlertRef> alert, AlertAt(services.vault(), one));
    const bool covered = alert && std::find(receipt.alert_ids().begin(), receipt.alert_ids().end(),
                                            alert->alert_id) != receipt.alert_ids().end();
    if (covered) ENLACE_RETURN_IF_ERROR(tx.Delete(kReceiptsDue, one.row));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<int64_t>> SendDueReceipts(const Services& services, Outbox& outbox) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Owed> owed, AllOwed(services.vault()));
  const int64_t now = services.now_ms();
  std::map<Bytes, std::vector<const Owed*>> rooms;
  std::optional<int64_t> next;
  for (const Owed& one : owed) {
    if (one.due_ms <= now) rooms[one.room_id];
  }
  // A receipt that goes takes along everything that is owed in its room.
  for (const Owed& one : owed) {
    const auto due = rooms.find(one.room_id);
    if (due != rooms.end()) {
      due->second.push_back(&one);
    } else {
      next = std::min(next.value_or(one.due_ms), one.due_ms);
    }
  }
  for (const auto& [room_id, items] : rooms) {
    ENLACE_ASSIGN_OR_RETURN(const std::string office, OfficeIn(services, room_id));
    alert::v1::Content content;
    content.set_version(1);
    alert::v1::DeliveryReceipt& receipt = *content.mutable_delivery_receipt();
    receipt.set_office_id(office);
    *receipt.mutable_at() = alerts::FromMs(now);
    std::string case_ref;
    ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services.vault().Begin());
    for (const Owed* one : items) {
      ENLACE_ASSIGN_OR_RETURN(const std::optional<AlertRef> alert, AlertAt(services.vault(), *one));
      ENLACE_RETURN_IF_ERROR(tx->Delete(kReceiptsDue, one->row));
      if (!alert) continue;
      case_ref = alert->case_ref;
      receipt.add_alert_ids(alert->alert_id);
      receipt.add_content_digests(ToText(alert->digest));
    }
    if (!office.empty() && !case_ref.empty()) {
      vault::v1::OutboxItem item;
      item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
      item.set_case_ref(case_ref);
      item.set_room_id(ToText(room_id));
      item.set_office_id(office);
      item.set_content(content.SerializeAsString());
      item.set_urgency(v1::URGENCY_ROUTINE);
      item.set_housekeeping(true);
      ENLACE_RETURN_IF_ERROR(outbox.Enqueue(*tx, std::move(item)).status());
    }
    ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  }
  return next;
}

}  // namespace enlace::client
