#include "server/core/roster.h"

#include <algorithm>

#include "crypto/room/room_rules.h"
#include "server/core/keys.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::StaleReason;

absl::StatusOr<std::vector<Bytes>> RoomsOf(const storage::ReadView& view,
                                           std::string_view device_uri) {
  std::vector<Bytes> rooms;
  const auto range = storage::PrefixRange(keys::RoomsOfDevice(device_uri));
  const absl::Status read =
      ForEachRow(view, range, [&rooms](const storage::Row& row) -> absl::StatusOr<bool> {
        storage::KeyReader key(row.key);
        ENLACE_RETURN_IF_ERROR(key.Space().status());
        ENLACE_RETURN_IF_ERROR(key.Text().status());
        ENLACE_ASSIGN_OR_RETURN(rooms.emplace_back(), key.Blob());
        return true;
      });
  if (!read.ok()) return read;
  return rooms;
}

}  // namespace

StaleReason Roster::Judge(const LiveRoom& room, std::string_view device_uri, int64_t now_ms) const {
  const auto marked = room.stale.find(device_uri);
  // A lapsed device has lost entries: only a new entry into the room mends that.
  if (marked != room.stale.end() && marked->second.reason() == store::v1::STALE_REASON_LAPSED) {
    return store::v1::STALE_REASON_LAPSED;
  }
  const identity::Registry& registry = registry_.latest();
  const identity::DeviceRecord* device = registry.FindDevice(device_uri);
  if (device == nullptr) return store::v1::STALE_REASON_INACTIVE;
  const identity::LogMoment now = registry.Now(now_ms);
  merkle::Hash certificate{};
  const BytesView stored = AsBytes(room.members.find(device_uri)->second.certificate());
  std::copy_n(stored.begin(), std::min(stored.size(), certificate.size()), certificate.begin());
  const identity::DeviceState state = registry.CertificateStateAt(certificate, now);
  if (state == identity::DeviceState::kUnassigned) return store::v1::STALE_REASON_MOVED;
  if (state != identity::DeviceState::kActive) return store::v1::STALE_REASON_INACTIVE;
  return room::RoleInRoom(room.policy, *device, registry, now) ? store::v1::STALE_REASON_UNSPECIFIED
                                                               : store::v1::STALE_REASON_MOVED;
}

void Roster::Mark(LiveRoom& room, std::string_view device_uri, StaleReason reason) {
  const auto marked = room.stale.find(device_uri);
  const StaleReason before =
      marked == room.stale.end() ? store::v1::STALE_REASON_UNSPECIFIED : marked->second.reason();
  if (before == reason) return;
  rooms_.Changing(room);
  if (reason == store::v1::STALE_REASON_UNSPECIFIED) {
    store_.Delete(keys::Stale(room.id, device_uri));
    room.stale.erase(marked);
    room.Refresh();
    return;
  }
  store::v1::StaleRow row;
  row.set_leaf(room.members.find(device_uri)->second.leaf());
  row.set_reason(reason);
  WriteRecord(store_, keys::Stale(room.id, device_uri), row);
  room.stale[std::string(device_uri)] = row;
  room.Refresh();
}

absl::Status Roster::DevicesChanged(const std::vector<std::string>& device_uris, int64_t now_ms) {
  for (const std::string& uri : device_uris) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms, RoomsOf(store_, uri));
    for (const Bytes& id : rooms) {
      ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, rooms_.Find(id));
      if (!room->IsMember(uri)) return DamagedRecord(keys::RoomOfDevice(uri, id));
      Mark(*room, uri, Judge(*room, uri, now_ms));
    }
  }
  return absl::OkStatus();
}

absl::Status Roster::DeviceLapsed(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms, RoomsOf(store_, device_uri));
  for (const Bytes& id : rooms) {
    ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, rooms_.Find(id));
    if (!room->IsMember(device_uri)) return DamagedRecord(keys::RoomOfDevice(device_uri, id));
    Mark(*room, device_uri, store::v1::STALE_REASON_LAPSED);
  }
  return absl::OkStatus();
}

absl::Status Roster::PolicyChanged(LiveRoom& room, int64_t now_ms) {
  for (const auto& [uri, member] : room.members) Mark(room, uri, Judge(room, uri, now_ms));
  return absl::OkStatus();
}

absl::Status Roster::Check(LiveRoom& room, int64_t now_ms) {
  // Suspensions and certificates end by time alone.
  if (room.earliest_expiry_ms >= static_cast<uint64_t>(now_ms) && room.stale.empty())
    return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(PolicyChanged(room, now_ms));
  if (room.stale.empty()) return absl::OkStatus();
  to_recheck_.insert(room.id);
  return MakeError(Reason::kRosterStale);
}

absl::Status Roster::Recheck(int64_t now_ms) {
  const std::set<Bytes> rooms = std::move(to_recheck_);
  to_recheck_.clear();
  for (const Bytes& id : rooms) {
    ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, rooms_.Find(id));
    ENLACE_RETURN_IF_ERROR(PolicyChanged(*room, now_ms));
  }
  return absl::OkStatus();
}

}  // namespace enlace::server
