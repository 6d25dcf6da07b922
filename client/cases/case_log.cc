#include "client/cases/case_log.h"

#include <algorithm>
#include <set>

#include "client/alerts/identity_split.h"
#include "client/cases/case_keys.h"
#include "client/cases/case_store.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"
#include "crypto/room/signed_content.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kContents = "contents";
constexpr std::string_view kIdentities = "identities";

absl::Status Damaged() { return MakeError(Reason::kVaultDamaged, {{"what", "contents"}}); }

// The step; one whose digest is of another text than the alert's is about nothing that is known
// here.
alerts::ActionStep StepOn(const alert::v1::CaseAction& action, const CaseLog& log) {
  alerts::ActionStep step = alerts::StepOf(action);
  const auto digest = log.digests.find(step.alert_id);
  const bool other_text = !action.alert_digest().empty() && digest != log.digests.end() &&
                          digest->second != action.alert_digest();
  if (other_text) step.alert_id.clear();
  return step;
}

// The alert with its identity part, where this device has it; the table is always the notice's.
template <typename Source>
absl::Status JoinIdentity(const Source& source, const alert::v1::AlertContent& notice,
                          CaseLog& log) {
  if (notice.part() != alert::v1::ALERT_PART_NOTICE) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> kept,
                          source.Get(kIdentities, AlertKey(notice.alert().alert_id())));
  if (!kept) {
    ++log.identities_withheld;
    return absl::OkStatus();
  }
  alert::v1::AlertContent identity;
  if (!identity.ParseFromArray(kept->view().data(), static_cast<int>(kept->size())))
    return Damaged();
  ++log.identities_held;
  log.alerts.back() = alerts::JoinIdentity(notice.alert(), identity.alert());
  return absl::OkStatus();
}

// Lets one verified message tell its part; `place` as in CasePlaceOf.
template <typename Source>
absl::Status Tell(const Source& source, const vault::v1::StoredContent& stored, uint64_t place,
                  CaseLog& log) {
  ENLACE_ASSIGN_OR_RETURN(const alert::v1::Content content, ContentOf(stored));
  const alerts::LogFacts facts{place, stored.accepted_at_ms(), stored.office_id(),
                               stored.officer_id()};
  if (content.has_alert()) {
    const alert::v1::CaseAlert& alert = log.alerts.emplace_back(content.alert().alert());
    log.ordered.push_back(
        {&alert, place, stored.accepted_at_ms(), stored.office_id(), stored.officer_id()});
    log.digests[alert.alert_id()] = stored.digest();
    log.workflow.ApplyAlert(facts, alert);
    ENLACE_RETURN_IF_ERROR(JoinIdentity(source, content.alert(), log));
  } else if (content.has_action()) {
    log.workflow.ApplyAction(facts, StepOn(content.action().action(), log));
  } else if (content.has_delivery_receipt()) {
    const auto& receipt = content.delivery_receipt();
    log.workflow.ApplyReceipt(
        facts, {receipt.alert_ids().begin(), receipt.alert_ids().end()},
        {receipt.unreadable_alert_ids().begin(), receipt.unreadable_alert_ids().end()});
  }
  return absl::OkStatus();
}

// `Source` is a Vault or a VaultTransaction.
template <typename Source>
absl::StatusOr<std::vector<Bytes>> FindRooms(const Source& source, BytesView room_id) {
  std::vector<Bytes> rooms;
  Bytes next = ToBytes(room_id);
  while (!next.empty() && rooms.size() < kCaseRoomsMax &&
         std::find(rooms.begin(), rooms.end(), next) == rooms.end()) {
    rooms.insert(rooms.begin(), next);
    ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, source.Get("rooms", next));
    // The room before may be one that this device never was in; it counts all the same.
    if (!stored) break;
    vault::v1::RoomRecord record;
    if (!record.ParseFromArray(stored->view().data(), static_cast<int>(stored->size())))
      return MakeError(Reason::kVaultDamaged, {{"what", "rooms"}});
    const absl::StatusOr<room::RoomPolicy> policy =
        room::DecodeRoomPolicy(AsBytes(record.policy()));
    next = policy.ok() ? policy->predecessor.room_id : Bytes();
  }
  return rooms;
}

// Takes one stored message of the room number log.rooms; `told` has the digests of those before.
template <typename Source>
absl::Status Take(const Source& source, vault::v1::StoredContent stored,
                  std::set<std::string>& told, CaseLog& log) {
  log.last_sequence = stored.sequence();
  const bool valid = stored.invalid_reason().empty();
  if (valid && !told.insert(stored.digest()).second) {
    log.offered_again[stored.digest()] = stored.sequence();
    return absl::OkStatus();
  }
  const uint64_t place = CasePlaceOf(log.rooms, stored.sequence());
  log.places.push_back(place);
  log.messages.push_back(std::move(stored));
  return valid ? Tell(source, log.messages.back(), place, log) : absl::OkStatus();
}

template <typename Source>
absl::Status LoadRoom(const Source& source, const Bytes& room_id, std::set<std::string>& told,
                      CaseLog& log) {
  log.last_sequence = 0;
  log.offered_again.clear();
  VaultRange range{room_id, {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, source.Scan(kContents, range));
    for (const VaultRow& row : rows) {
      vault::v1::StoredContent stored;
      if (!stored.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size())))
        return Damaged();
      ENLACE_RETURN_IF_ERROR(Take(source, std::move(stored), told, log));
    }
    if (rows.size() < kVaultPageRows) return absl::OkStatus();
    range.after = rows.back().row;
  }
}

template <typename Source>
absl::StatusOr<CaseLog> Load(const Source& source, const vault::v1::CaseRecord& record) {
  CaseLog log;
  log.record = record;
  if (record.room_id().empty()) return log;
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms,
                          FindRooms(source, AsBytes(record.room_id())));
  std::set<std::string> told;
  for (const Bytes& room_id : rooms) {
    ENLACE_RETURN_IF_ERROR(LoadRoom(source, room_id, told, log));
    ++log.rooms;
  }
  return log;
}

}  // namespace

absl::StatusOr<alert::v1::Content> ContentOf(const vault::v1::StoredContent& stored) {
  alert::v1::Content content;
  if (stored.signed_content().empty()) {
    if (!content.ParseFromString(stored.redacted())) return Damaged();
    return content;
  }
  ENLACE_ASSIGN_OR_RETURN(const room::SignedContent signed_content,
                          room::DecodeSignedContent(AsBytes(stored.signed_content())));
  if (!content.ParseFromArray(signed_content.content.data(),
                              static_cast<int>(signed_content.content.size()))) {
    return Damaged();
  }
  return content;
}

uint64_t SequenceInRoom(const CaseLog& log, const vault::v1::StoredContent& stored) {
  if (stored.room_id() == log.record.room_id()) return stored.sequence();
  const auto again = log.offered_again.find(stored.digest());
  return again == log.offered_again.end() ? 0 : again->second;
}

absl::StatusOr<std::vector<Bytes>> RoomsOfCase(const Vault& vault, BytesView room_id) {
  return FindRooms(vault, room_id);
}

absl::StatusOr<std::vector<Bytes>> RoomsOfCase(const VaultTransaction& tx, BytesView room_id) {
  return FindRooms(tx, room_id);
}

absl::StatusOr<CaseLog> LoadCaseLog(const Vault& vault, std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(vault).Find(case_ref));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", std::string(case_ref)}});
  return Load(vault, *record);
}

absl::StatusOr<CaseLog> LoadCaseLog(const VaultTransaction& tx,
                                    const vault::v1::CaseRecord& record) {
  return Load(tx, record);
}

}  // namespace enlace::client
