#include "client/delivery/housekeeping.h"

#include <algorithm>

#include "client/delivery/content_signing.h"
#include "client/delivery/inbox_pump.h"
#include "client/delivery/limits.h"
#include "client/rooms/entering.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Whether a known room is one to enter again: this device left it, and not because its members want
// it out or its case was purged here.
bool MayReturn(const vault::v1::RoomRecord& record) {
  if (record.membership() != vault::v1::ROOM_MEMBERSHIP_LEFT || record.purged()) return false;
  if (!record.successor_room_id().empty()) return false;
  return record.left_reason() != static_cast<int>(room::RemovalReason::kGuardExcluded);
}

// Whether the server lost this device's entry into the room after it had accepted it.
bool LostItsEntry(const vault::v1::RoomRecord& record, const v1::RoomSummary& summary) {
  return record.membership() == vault::v1::ROOM_MEMBERSHIP_ENTERING &&
         record.pending_request().empty() && !summary.member();
}

}  // namespace

absl::Status Housekeeping::TendRooms() {
  const RoomStore store(services_.vault());
  ENLACE_ASSIGN_OR_RETURN(const auto waiting, store.LoadWaiting());
  for (const vault::v1::RoomRecord& record : waiting) ENLACE_RETURN_IF_ERROR(TendKnown(record));
  // A room whose successor is still to come: it may be here, or this device's turn to open it.
  if (list_again_ || std::any_of(waiting.begin(), waiting.end(), Recovery::Waits))
    ENLACE_RETURN_IF_ERROR(EnterRooms());
  for (const Bytes& room_id : book_.Ids()) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, store.Load(room_id));
    if (record) ENLACE_RETURN_IF_ERROR(TendKnown(*record));
  }
  const uint64_t registry_size = services_.rooms.registry().size();
  const bool old = services_.now_ms() - lap_begun_ms_ >= kTendLapMs;
  if (registry_size != lap_registry_size_ || old) {
    lap_ = Bytes();
    lap_begun_ms_ = services_.now_ms();
    lap_registry_size_ = registry_size;
  }
  return TendMoreRooms();
}

absl::Status Housekeeping::TendMoreRooms() {
  ENLACE_RETURN_IF_ERROR(recovery_.LookOn());
  if (!lap_) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto records,
                          RoomStore(services_.vault()).LoadPage(*lap_, kRoomsTendedAtOnce));
  for (const vault::v1::RoomRecord& record : records) {
    ENLACE_RETURN_IF_ERROR(TendKnown(record));
    lap_ = ToBytes(record.room_id());
  }
  if (records.size() < kRoomsTendedAtOnce) lap_.reset();
  return absl::OkStatus();
}

absl::Status Housekeeping::TendKnown(const vault::v1::RoomRecord& record) {
  if (record.membership() == vault::v1::ROOM_MEMBERSHIP_LEFT) return absl::OkStatus();
  if (Recovery::IsLost(record)) return absl::OkStatus();
  return TendRoom(AsBytes(record.room_id()));
}

absl::Status Housekeeping::TendRoom(BytesView room_id) {
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(room_id));
  // A first alert or a removal that carries a message belongs to its outbox item, which offers it.
  const bool of_an_item =
      std::any_of(outbox_.items().begin(), outbox_.items().end(), [&](const auto& item) {
        return item.phase() == vault::v1::OUTBOX_PHASE_PREPARED &&
               item.room_id() == AsText(room_id);
      });
  if (!room->record().pending_request().empty()) {
    if (of_an_item) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(const OfferResult result, offers_.Offer(room_id));
    return result.verdict == OfferResult::Verdict::kLater ? result.refusal : absl::OkStatus();
  }
  if (!room->is_member() || room->has_pending_commit()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const std::vector<room::FreezeReason> offending, room->Offending());
  const bool self =
      std::any_of(offending.begin(), offending.end(), [&](const room::FreezeReason& reason) {
        return reason.member.certificate == services_.device().fingerprint;
      });
  // A device that has to go itself leaves it to the others.
  if (offending.empty() || self || !room->Guard()) return absl::OkStatus();
  return RemoveOffending(*room, offending);
}

absl::Status Housekeeping::RemoveOffending(Room& room,
                                           const std::vector<room::FreezeReason>& offending) {
  const Bytes room_id = ToBytes(room.id());
  v1::AcquireRemovalLeaseRequest lease;
  lease.set_room_id(ToText(room_id));
  ENLACE_ASSIGN_OR_RETURN(const v1::AcquireRemovalLeaseResponse granted,
                          services_.session.AcquireRemovalLease(lease, kCallTimeoutMs));
  if (!granted.granted()) return absl::OkStatus();
  CommitIntent intent;
  for (const room::FreezeReason& reason : offending) {
    intent.removes.push_back({reason.member.leaf, reason.reason});
    const identity::DeviceRecord* device =
        services_.rooms.registry().FindDeviceByMls(reason.member.certificate);
    const bool against_guard =
        reason.reason == room::RemovalReason::kGuardExcluded && device != nullptr;
    if (against_guard) room.mutable_record().add_guard_incidents(device->uri.text());
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  absl::StatusOr<PreparedCommit> prepared = room.PrepareCommit(*tx, intent);
  absl::Status saved = prepared.status();
  if (saved.ok()) {
    v1::CommitRequest request;
    request.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
    request.set_room_id(ToText(room_id));
    FillBundle(*prepared, {}, *request.mutable_bundle());
    saved = offers_.KeepCommit(*tx, room, request);
    if (saved.ok()) saved = Finish(std::move(tx));
  }
  if (!saved.ok()) {
    book_.Drop(room_id);
    return saved;
  }
  return offers_.Offer(room_id).status();
}

absl::Status Housekeeping::EnterRooms() {
  ENLACE_ASSIGN_OR_RETURN(const v1::ListRoomsResponse listed,
                          services_.session.ListRooms({}, kCallTimeoutMs));
  const absl::Status looked = recovery_.Look(listed);
  list_again_ = false;
  std::optional<bool> arrived;
  for (const v1::RoomSummary& summary : listed.rooms()) {
    // Nobody enters a room whose log was lost.
    if (summary.read_only()) continue;
    const absl::StatusOr<Room*> known = book_.Get(AsBytes(summary.room_id()));
    if (known.ok() && !MayReturn((*known)->record()) && !LostItsEntry((*known)->record(), summary))
      continue;
    // The Welcome of a room that this device was just added to may be on its way.
    if (!known.ok() && summary.member() && !arrived) {
      ENLACE_ASSIGN_OR_RETURN(arrived, recovery_.HasEverything());
    }
    if (!known.ok() && summary.member() && !*arrived) {
      list_again_ = true;
      continue;
    }
    const absl::Status entered = Enter(summary.room_id());
    // One room that can't be entered keeps nobody out of the others; no answer ends it.
    if (!entered.ok() && VerdictOf(entered) == OfferResult::Verdict::kLater) return entered;
  }
  return looked;
}

absl::Status Housekeeping::Enter(const std::string& room_id) {
  v1::GetRoomRequest request;
  request.set_room_id(room_id);
  ENLACE_ASSIGN_OR_RETURN(const v1::GetRoomResponse room,
                          services_.session.GetRoom(request, kCallTimeoutMs));
  ENLACE_ASSIGN_OR_RETURN(const Bytes tree, FetchTree(services_.session, room_id, room.epoch()));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  book_.Drop(AsBytes(room_id));
  ENLACE_RETURN_IF_ERROR(RoomStore(services_.vault()).Forget(*tx, AsBytes(room_id)));
  ENLACE_ASSIGN_OR_RETURN(
      ExternalEntry entry,
      EnterByExternalCommit(services_.rooms, *tx, AsBytes(room.group_info()), tree));
  v1::CommitRequest commit;
  commit.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
  commit.set_room_id(room_id);
  commit.mutable_bundle()->set_commit(ToText(entry.commit));
  commit.mutable_bundle()->set_group_info(ToText(entry.group_info));
  ENLACE_RETURN_IF_ERROR(offers_.KeepCommit(*tx, *entry.room, commit));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  book_.Put(std::move(entry.room));
  ENLACE_ASSIGN_OR_RETURN(const OfferResult result, offers_.Offer(AsBytes(room_id)));
  return result.verdict == OfferResult::Verdict::kAccepted ? absl::OkStatus() : result.refusal;
}

absl::Status Housekeeping::Reenter(const Unprocessable& commit) {
  v1::ReportUnprocessableRequest report;
  report.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
  report.set_room_id(ToText(commit.room_id));
  report.set_epoch(commit.epoch);
  report.set_commit_hash(ToText(commit.commit_hash));
  ENLACE_ASSIGN_OR_RETURN(const v1::ReportUnprocessableResponse answer,
                          services_.session.ReportUnprocessable(report, kCallTimeoutMs));
  // Its successor follows.
  if (answer.read_only()) return absl::OkStatus();
  return Enter(ToText(commit.room_id));
}

absl::StatusOr<std::optional<int64_t>> Housekeeping::SendGuardNotices() {
  std::optional<int64_t> next;
  ENLACE_ASSIGN_OR_RETURN(const auto records, RoomStore(services_.vault()).LoadWaiting());
  for (const vault::v1::RoomRecord& record : records) {
    if (record.guard_wanted_leaves().empty() || record.guard().empty() || record.case_ref().empty())
      continue;
    if (record.guard_due_ms() > services_.now_ms()) {
      next = std::min(next.value_or(record.guard_due_ms()), record.guard_due_ms());
      continue;
    }
    ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(AsBytes(record.room_id())));
    alert::v1::Content content;
    content.set_version(1);
    content.mutable_guard()->set_guard(record.guard());
    vault::v1::OutboxItem item;
    item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
    item.set_case_ref(record.case_ref());
    item.set_room_id(record.room_id());
    item.set_office_id(services_.Offices().front());
    item.set_content(content.SerializeAsString());
    item.set_urgency(v1::URGENCY_HIGH);
    item.set_housekeeping(true);
    ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
    room->mutable_record().clear_guard_wanted_leaves();
    room->mutable_record().clear_guard_due_ms();
    ENLACE_RETURN_IF_ERROR(room->Save(*tx, /*new_epoch=*/false));
    ENLACE_RETURN_IF_ERROR(outbox_.Enqueue(*tx, std::move(item)).status());
    ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  }
  return next;
}

}  // namespace enlace::client
