#include "server/core/room_care.h"

#include "crypto/primitives/sha256.h"
#include "crypto/room/log_chain.h"
#include "crypto/room/room_rules.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {

absl::StatusOr<LiveRoom*> RoomCare::FindOwn(const Caller& caller, const std::string& room_id) {
  ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, rooms_.Find(AsBytes(room_id)));
  if (!room->IsMember(caller.device_uri)) return MakeError(Reason::kNotAMember);
  return room;
}

bool RoomCare::MayEnter(const Caller& caller, const LiveRoom& room, int64_t now_ms) const {
  const identity::Registry& registry = registry_.latest();
  const identity::DeviceRecord* device = registry.FindDevice(caller.device_uri);
  return device != nullptr && room::MayEnter(room.policy, *device, registry, registry.Now(now_ms));
}

absl::Status RoomCare::AcquireRemovalLease(const Caller& caller,
                                           const v1::AcquireRemovalLeaseRequest& request,
                                           int64_t now_ms,
                                           v1::AcquireRemovalLeaseResponse& answer) {
  ENLACE_ASSIGN_OR_RETURN(const LiveRoom* room, FindOwn(caller, request.room_id()));
  std::erase_if(leases_,
                [now_ms](const auto& lease) { return lease.second.expires_at_ms <= now_ms; });
  const auto [lease, added] =
      leases_.try_emplace(room->id, Lease{caller.device_uri, now_ms + kRemovalLeaseMs});
  answer.set_granted(added || lease->second.device_uri == caller.device_uri);
  answer.set_expires_at_ms(static_cast<uint64_t>(lease->second.expires_at_ms));
  return absl::OkStatus();
}

absl::StatusOr<bool> RoomCare::HoldsCommit(const LiveRoom& room,
                                           const v1::ReportUnprocessableRequest& report) const {
  bool found = false;
  const auto log = storage::PrefixRange(storage::KeyBuilder(keys::kRoomLog).Blob(room.id));
  const absl::Status walked =
      ForEachRow(store_, log, [&](const storage::Row& row) -> absl::StatusOr<bool> {
        ENLACE_ASSIGN_OR_RETURN(const auto entry, ParseRecord<v1::RoomEntry>(row.key, row.value));
        ENLACE_ASSIGN_OR_RETURN(const auto header, room::DecodeLogHeader(AsBytes(entry.header())));
        found = header.kind == room::LogKind::kCommit && header.epoch == report.epoch() &&
                AsText(header.content_hash) == report.commit_hash();
        return !found;
      });
  if (!walked.ok()) return walked;
  return found;
}

absl::StatusOr<bool> RoomCare::HoldsHeader(const LiveRoom& room,
                                           const room::LogHeader& header) const {
  const Bytes key = keys::RoomLog(room.id, header.sequence);
  ENLACE_ASSIGN_OR_RETURN(const auto entry, ReadRecord<v1::RoomEntry>(store_, key));
  if (!entry) return false;
  ENLACE_ASSIGN_OR_RETURN(const auto held, room::DecodeLogHeader(AsBytes(entry->header())));
  return held == header;
}

absl::StatusOr<bool> RoomCare::ProvenBehind(const LiveRoom& room,
                                            const v1::ReportUnprocessableRequest& request) const {
  if (!server_log_.had_loss()) return false;
  if (request.last_header().empty()) {
    ENLACE_ASSIGN_OR_RETURN(const bool held, HoldsCommit(room, request));
    return !held;
  }
  const auto header = room::DecodeLogHeader(AsBytes(request.last_header()));
  if (!header.ok() || header->room_id != room.id) return Malformed("last_header");
  ENLACE_ASSIGN_OR_RETURN(const bool held, HoldsHeader(room, *header));
  return !held;
}

absl::Status RoomCare::TurnReadOnly(LiveRoom& room) {
  rooms_.Changing(room);
  room.record.set_read_only(true);
  WriteRecord(store_, keys::Room(room.id), room.record);
  return fan_out_.Send(room.id, MakeRoomOpenedEntry(room.id), *room.audience);
}

absl::Status RoomCare::ReportUnprocessable(const Caller& caller,
                                           const v1::ReportUnprocessableRequest& request,
                                           int64_t now_ms,
                                           v1::ReportUnprocessableResponse& answer) {
  ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, rooms_.Find(AsBytes(request.room_id())));
  if (!room->IsMember(caller.device_uri) && !MayEnter(caller, *room, now_ms))
    return MakeError(Reason::kNotAMember);
  const bool of_commit = request.commit_hash().size() == crypto::kHashBytes;
  if (!of_commit && (!request.commit_hash().empty() || request.last_header().empty()))
    return Malformed("commit_hash");
  ENLACE_ASSIGN_OR_RETURN(const bool behind, ProvenBehind(*room, request));
  if (behind && !room->record.read_only()) ENLACE_RETURN_IF_ERROR(TurnReadOnly(*room));
  answer.set_read_only(room->record.read_only());
  // A header that the log holds after all says nothing against the room.
  if (!of_commit && !behind) return absl::OkStatus();
  Bytes key = keys::Unprocessable(room->id, request.epoch(), caller.device_uri);
  ENLACE_ASSIGN_OR_RETURN(const auto known, store_.Get(key));
  if (known) return absl::OkStatus();
  store::v1::UnprocessableReport report;
  report.set_reported_at_ms(static_cast<uint64_t>(now_ms));
  report.set_commit_hash(request.commit_hash());
  WriteRecord(store_, std::move(key), report);
  return absl::OkStatus();
}

}  // namespace enlace::server
