#include "client/delivery/identity_rooms.h"

#include <algorithm>

#include "client/cases/case_keys.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/limits.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/v1/room.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kIdentityDue = "identity-due";
constexpr size_t kCasesAtOnce = 100;

struct Due {
  Bytes row;
  int64_t due_ms = 0;
  std::string case_ref;
};

absl::StatusOr<std::vector<Due>> AllDue(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault.Scan(kIdentityDue, {{}, {}, kCasesAtOnce}));
  std::vector<Due> all;
  for (const VaultRow& row : rows) {
    Due& due = all.emplace_back();
    due.row = row.row;
    codec::Reader in(row.value.view());
    uint64_t at = 0;
    BytesView case_ref;
    ENLACE_RETURN_IF_ERROR(in.ReadU64(at));
    ENLACE_RETURN_IF_ERROR(in.ReadVector(case_ref));
    ENLACE_RETURN_IF_ERROR(in.Done());
    due.due_ms = static_cast<int64_t>(at);
    due.case_ref = ToText(case_ref);
  }
  return all;
}

// ACTION offices that accepted the case and are not in the identity room yet.
std::vector<std::string> OfficesToLetIn(const alerts::CaseTable& table,
                                        const room::RoomPolicy& policy) {
  std::vector<std::string> offices;
  for (const alerts::Row& row : table.rows) {
    const bool takes_it = row.alert_id == table.opening_alert_id &&
                          row.role == alert::v1::ROLE_ACTION && row.accepted.happened() &&
                          row.state != alerts::RowState::kWithdrawn;
    if (takes_it && policy.FindParticipant(row.office_id) == nullptr)
      offices.push_back(row.office_id);
  }
  return offices;
}

vault::v1::OutboxItem ItemFor(const CaseLog& log, const std::string& alert_id,
                              const SecretBytes& identity) {
  alert::v1::Content content;
  content.set_version(1);
  content.mutable_alert()->ParseFromArray(identity.view().data(),
                                          static_cast<int>(identity.size()));
  vault::v1::OutboxItem item;
  item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
  item.set_case_ref(log.record.case_ref());
  item.set_room_id(log.record.identity_room_id());
  item.set_alert_id(alert_id);
  item.set_office_id(log.record.origin_office_id());
  item.set_urgency(v1::URGENCY_HIGH);
  item.set_content(content.SerializeAsString());
  item.set_delete_after_ms(log.record.delete_after_ms());
  item.set_housekeeping(true);
  return item;
}

// Whether an item that lets the office in waits already.
bool IsOnItsWay(const Outbox& outbox, const CaseLog& log, const std::string& office_id) {
  return std::any_of(outbox.items().begin(), outbox.items().end(), [&](const auto& item) {
    return item.room_id() == log.record.identity_room_id() &&
           item.refer_to_office_id() == office_id &&
           item.phase() != vault::v1::OUTBOX_PHASE_FAILED &&
           item.phase() != vault::v1::OUTBOX_PHASE_ACCEPTED;
  });
}

absl::Status Open(const Services& services, RoomBook& book, Outbox& outbox, VaultTransaction& tx,
                  const std::string& case_ref) {
  const CaseStore cases(services.vault());
  absl::StatusOr<CaseLog> log = LoadCaseLog(services.vault(), case_ref);
  // A case that was purged meanwhile owes nothing.
  if (HasReason(log.status(), Reason::kCaseUnknown)) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(log.status());
  if (log->record.identity_room_id().empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(Room * room, book.Get(AsBytes(log->record.identity_room_id())));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room->Policy());
  for (const std::string& office : OfficesToLetIn(log->workflow.table(), policy)) {
    if (IsOnItsWay(outbox, *log, office)) continue;
    for (const alerts::OrderedAlert& ordered : log->ordered) {
      ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> identity,
                              cases.Identity(ordered.alert->alert_id()));
      if (!identity) continue;
      vault::v1::OutboxItem item = ItemFor(*log, ordered.alert->alert_id(), *identity);
      item.set_refer_to_office_id(office);
      ENLACE_RETURN_IF_ERROR(outbox.Enqueue(tx, std::move(item)).status());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status OweIdentity(const Services& services, VaultTransaction& tx, std::string_view case_ref,
                         std::string_view origin_office_id) {
  if (!services.ActsFor(origin_office_id)) return absl::OkStatus();
  const Bytes random = services.rooms.rng.PublicBytes(2);
  const int64_t delay = (random[0] << 8 | random[1]) % kIdentityDelayMsMax;
  codec::Writer value;
  value.U64(static_cast<uint64_t>(services.now_ms() + delay));
  value.Vector(AsBytes(case_ref));
  return tx.Put(kIdentityDue, CaseKey(case_ref), value.view(), kVaultKey);
}

absl::StatusOr<std::optional<int64_t>> OpenDueIdentities(const Services& services, RoomBook& book,
                                                         Outbox& outbox) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Due> all, AllDue(services.vault()));
  std::optional<int64_t> next;
  for (const Due& due : all) {
    if (due.due_ms > services.now_ms()) {
      next = std::min(next.value_or(due.due_ms), due.due_ms);
      continue;
    }
    ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services.vault().Begin());
    ENLACE_RETURN_IF_ERROR(Open(services, book, outbox, *tx, due.case_ref));
    ENLACE_RETURN_IF_ERROR(tx->Delete(kIdentityDue, due.row));
    ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  }
  return next;
}

}  // namespace enlace::client
