#include "server/core/live_room.h"

#include <algorithm>
#include <limits>

#include "crypto/room/limits.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

// The device in a row of kMember or kStale.
absl::StatusOr<std::string> DeviceOfRow(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Blob().status());
  return key.Text();
}

// Reads all rows of one room and kind into a map by device.
template <typename Record>
absl::Status ReadByDevice(const storage::ReadView& view, const Bytes& prefix,
                          std::map<std::string, Record, std::less<>>& out) {
  return ForEachRow(view, storage::PrefixRange(prefix),
                    [&out](const storage::Row& row) -> absl::StatusOr<bool> {
                      ENLACE_ASSIGN_OR_RETURN(const std::string device, DeviceOfRow(row.key));
                      ENLACE_ASSIGN_OR_RETURN(out[device], ParseRecord<Record>(row.key, row.value));
                      return true;
                    });
}

}  // namespace

void LiveRoom::Refresh() {
  auto out = std::make_shared<std::vector<std::string>>();
  out->reserve(members.size());
  earliest_expiry_ms = std::numeric_limits<uint64_t>::max();
  for (const auto& [uri, member] : members) {
    earliest_expiry_ms = std::min(earliest_expiry_ms, member.not_after_ms());
    const auto found = stale.find(uri);
    // One that only moved learns from the entries that it is removed.
    if (found == stale.end() || found->second.reason() == store::v1::STALE_REASON_MOVED)
      out->push_back(uri);
  }
  audience = std::move(out);
}

absl::StatusOr<std::unique_ptr<LiveRoom>> RoomCache::Load(const Bytes& id) const {
  auto out = std::make_unique<LiveRoom>();
  ENLACE_ASSIGN_OR_RETURN(auto record, ReadRecord<store::v1::RoomRecord>(store_, keys::Room(id)));
  if (!record) return MakeError(Reason::kRoomUnknown);
  ENLACE_ASSIGN_OR_RETURN(const auto epoch,
                          ReadRecord<store::v1::RoomEpoch>(store_, keys::RoomEpoch(id)));
  if (!epoch) return DamagedRecord(keys::RoomEpoch(id));
  out->id = id;
  out->record = std::move(*record);
  ENLACE_ASSIGN_OR_RETURN(out->policy, room::DecodeRoomPolicy(AsBytes(epoch->policy())));
  ENLACE_ASSIGN_OR_RETURN(out->mark, room::DecodeHeadMark(AsBytes(epoch->head_mark())));
  ENLACE_RETURN_IF_ERROR(ReadByDevice(store_, keys::Members(id), out->members));
  ENLACE_RETURN_IF_ERROR(ReadByDevice(store_, keys::StaleOfRoom(id), out->stale));
  if (out->members.size() != epoch->members()) return DamagedRecord(keys::RoomEpoch(id));
  out->Refresh();
  return out;
}

absl::StatusOr<LiveRoom*> RoomCache::Find(BytesView id) {
  if (id.size() != room::kRoomIdBytes) return MakeError(Reason::kRoomUnknown);
  const Bytes key = ToBytes(id);
  const auto found = rooms_.find(key);
  if (found != rooms_.end()) {
    uses_.splice(uses_.begin(), uses_, found->second.use);
    return found->second.room.get();
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<LiveRoom> loaded, Load(key));
  return &Insert(std::move(loaded));
}

absl::StatusOr<mls::PublicGroup*> RoomCache::GroupOf(LiveRoom& room) {
  if (room.group) return &*room.group;
  std::map<std::string, Bytes> saved;
  const auto range = storage::PrefixRange(keys::RoomGroups(room.id));
  const absl::Status read =
      ForEachRow(store_, range, [&saved](const storage::Row& row) -> absl::StatusOr<bool> {
        ENLACE_ASSIGN_OR_RETURN(const std::string name, DeviceOfRow(row.key));
        saved[name] = row.value;
        return true;
      });
  if (!read.ok()) return read;
  ENLACE_ASSIGN_OR_RETURN(mls::PublicGroup group, mls::PublicGroup::Restore(saved));
  if (group.epoch() != room.record.epoch()) return DamagedRecord(keys::RoomGroups(room.id));
  room.group.emplace(std::move(group));
  return &*room.group;
}

LiveRoom& RoomCache::Insert(std::unique_ptr<LiveRoom> room) {
  const Bytes id = room->id;
  Erase(id);
  uses_.push_front(id);
  return *rooms_.emplace(id, Slot{std::move(room), uses_.begin()}).first->second.room;
}

LiveRoom& RoomCache::Add(std::unique_ptr<LiveRoom> room) {
  LiveRoom& added = Insert(std::move(room));
  Changing(added);
  return added;
}

void RoomCache::Erase(const Bytes& id) {
  const auto found = rooms_.find(id);
  if (found == rooms_.end()) return;
  uses_.erase(found->second.use);
  rooms_.erase(found);
}

void RoomCache::KeepOperation() {
  for (Bytes& id : changed_) {
    if (changed_in_group_.empty() || changed_in_group_.back() != id)
      changed_in_group_.push_back(std::move(id));
  }
  changed_.clear();
}

void RoomCache::DropOperation() {
  for (const Bytes& id : changed_) Erase(id);
  changed_.clear();
}

void RoomCache::AbandonGroup() {
  DropOperation();
  for (const Bytes& id : changed_in_group_) Erase(id);
  changed_in_group_.clear();
}

void RoomCache::GroupCommitted() {
  changed_in_group_.clear();
  while (rooms_.size() > rooms_max_) Erase(Bytes(uses_.back()));
}

}  // namespace enlace::server
