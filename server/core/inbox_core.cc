#include "server/core/inbox_core.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::Pointer;

// The cursor in the key of an inbox's row.
absl::StatusOr<uint64_t> CursorOf(const storage::Row& row) {
  storage::KeyReader key(row.key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Text().status());
  return key.U64();
}

// Longer stretches are deleted as a range, shorter ones key by key, which keeps later scans quick.
constexpr uint64_t kSingleDeletesMax = 256;

absl::StatusOr<v1::InboxItem> ResolveEntry(const storage::ReadView& view,
                                           const store::v1::EntryPointer& pointer) {
  const Bytes key = keys::RoomLog(AsBytes(pointer.room_id()), pointer.sequence());
  ENLACE_ASSIGN_OR_RETURN(auto entry, ReadRecord<v1::RoomEntry>(view, key));
  if (!entry) return DamagedRecord(key);
  v1::InboxItem item;
  *item.mutable_entry() = std::move(*entry);
  return item;
}

absl::StatusOr<v1::InboxItem> ResolveWelcome(const storage::ReadView& view,
                                             const store::v1::WelcomePointer& pointer) {
  const Bytes key = keys::Welcome(AsBytes(pointer.room_id()), pointer.epoch());
  ENLACE_ASSIGN_OR_RETURN(const auto welcome, ReadRecord<store::v1::StoredWelcome>(view, key));
  v1::InboxItem item;
  item.mutable_welcome()->set_room_id(pointer.room_id());
  item.mutable_welcome()->set_epoch(pointer.epoch());
  // A Welcome that is too old to be used is gone: the device enters by external commit.
  if (!welcome) return item;
  item.mutable_welcome()->set_header(welcome->header());
  item.mutable_welcome()->set_welcome(welcome->welcome());
  return item;
}

}  // namespace

InboxEntry MakeEntry(const Pointer& pointer, v1::InboxItem item) {
  return {pointer.SerializeAsString(), std::make_shared<const v1::InboxItem>(std::move(item))};
}

InboxEntry MakeDeadlineEntry(const v1::DeadlineNotice& notice) {
  Pointer pointer;
  *pointer.mutable_deadline() = notice;
  v1::InboxItem item;
  *item.mutable_deadline() = notice;
  return MakeEntry(pointer, std::move(item));
}

InboxEntry MakeRoomOpenedEntry(BytesView room) {
  Pointer pointer;
  pointer.mutable_room_opened()->set_room_id(BytesField(room));
  v1::InboxItem item;
  *item.mutable_room_opened() = pointer.room_opened();
  return MakeEntry(pointer, std::move(item));
}

absl::StatusOr<v1::InboxItem> ResolvePointer(const storage::ReadView& view,
                                             const Pointer& pointer) {
  v1::InboxItem item;
  switch (pointer.kind_case()) {
    case Pointer::kEntry:
      return ResolveEntry(view, pointer.entry());
    case Pointer::kWelcome:
      return ResolveWelcome(view, pointer.welcome());
    case Pointer::kDeadline:
      *item.mutable_deadline() = pointer.deadline();
      return item;
    case Pointer::kRoomOpened:
      *item.mutable_room_opened() = pointer.room_opened();
      return item;
    case Pointer::KIND_NOT_SET:
      break;
  }
  return MakeError(Reason::kStorageDamaged, {{"what", "inbox item of unknown kind"}});
}

absl::StatusOr<uint64_t> NewestCursor(const storage::ReadView& view, std::string_view device_uri) {
  const auto range = storage::PrefixRange(keys::InboxOf(device_uri));
  ENLACE_ASSIGN_OR_RETURN(const auto last, FirstRow(view, range, storage::Order::kReverse));
  return last ? CursorOf(*last) : 0;
}

absl::StatusOr<uint64_t> CountItems(const storage::ReadView& view, const InboxStretch& stretch,
                                    const std::vector<uint64_t>& bases) {
  uint64_t count = 0;
  uint64_t first = stretch.confirmed;
  for (const uint64_t base : bases) {
    if (base < first || base >= stretch.last) continue;
    // What stands below the base ends wherever the lost part began.
    const storage::KeyRange below = {keys::Inbox(stretch.device_uri, first + 1),
                                     keys::Inbox(stretch.device_uri, base + 1)};
    ENLACE_ASSIGN_OR_RETURN(const auto row, FirstRow(view, below, storage::Order::kReverse));
    if (row) {
      ENLACE_ASSIGN_OR_RETURN(const uint64_t cursor, CursorOf(*row));
      count += cursor - first;
    }
    first = base;
  }
  return count + (stretch.last > first ? stretch.last - first : 0);
}

absl::StatusOr<InboxCore::Position*> InboxCore::Find(std::string_view device_uri) {
  const auto cached = positions_.find(std::string(device_uri));
  if (cached != positions_.end()) return &cached->second;
  Position position;
  ENLACE_ASSIGN_OR_RETURN(const auto state,
                          ReadRecord<store::v1::InboxState>(store_, keys::InboxState(device_uri)));
  if (state) position.confirmed = state->confirmed();
  ENLACE_ASSIGN_OR_RETURN(const uint64_t newest, NewestCursor(store_, device_uri));
  if (newest != 0 && newest <= position.confirmed)
    return DamagedRecord(keys::Inbox(device_uri, newest));
  position.last = std::max(newest, position.confirmed);
  ENLACE_ASSIGN_OR_RETURN(
      position.waiting,
      CountItems(store_, {device_uri, position.confirmed, position.last}, bases_));
  return &positions_.emplace(std::string(device_uri), position).first->second;
}

void InboxCore::Change(std::string_view device_uri, Position& position, const Position& to) {
  undo_.emplace_back(std::string(device_uri), position);
  position = to;
}

uint64_t InboxCore::NextOf(const Position& position) const {
  return std::max(position.last, bases_.empty() ? 0 : bases_.back()) + 1;
}

absl::Status InboxCore::Append(std::string_view device_uri, const InboxEntry& entry) {
  ENLACE_ASSIGN_OR_RETURN(Position * position, Find(device_uri));
  if (position->waiting >= kInboxPointersMax) return Lapse(device_uri);
  const uint64_t cursor = NextOf(*position);
  store_.Put(keys::Inbox(device_uri, cursor), entry.pointer);
  effects_.Deliver({std::string(device_uri), cursor, entry.item});
  Change(device_uri, *position, {position->confirmed, cursor, position->waiting + 1});
  return absl::OkStatus();
}

void InboxCore::WriteConfirmed(std::string_view device_uri, uint64_t confirmed) {
  store::v1::InboxState state;
  state.set_confirmed(confirmed);
  WriteRecord(store_, keys::InboxState(device_uri), state);
}

absl::Status InboxCore::Lapse(std::string_view device_uri) {
  ENLACE_RETURN_IF_ERROR(Forget(device_uri));
  effects_.CheckDevice(device_uri);
  return lapsed_ ? lapsed_(device_uri) : absl::OkStatus();
}

absl::Status InboxCore::Confirm(std::string_view device_uri, uint64_t cursor) {
  ENLACE_ASSIGN_OR_RETURN(Position * position, Find(device_uri));
  uint64_t last = std::min(cursor, position->last);
  if (last <= position->confirmed) return absl::OkStatus();
  if (!bases_.empty()) {
    // The cursor of a device that had come further in the lost part lies in the gap.
    const storage::KeyRange gone = {keys::Inbox(device_uri, position->confirmed + 1),
                                    keys::Inbox(device_uri, last + 1)};
    ENLACE_ASSIGN_OR_RETURN(const auto row, FirstRow(store_, gone, storage::Order::kReverse));
    if (!row) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(last, CursorOf(*row));
  }
  ENLACE_ASSIGN_OR_RETURN(const uint64_t confirmed,
                          CountItems(store_, {device_uri, position->confirmed, last}, bases_));
  if (last - position->confirmed > kSingleDeletesMax) {
    store_.DeleteRange(
        {keys::Inbox(device_uri, position->confirmed + 1), keys::Inbox(device_uri, last + 1)});
  } else {
    for (uint64_t at = position->confirmed + 1; at <= last; ++at)
      store_.Delete(keys::Inbox(device_uri, at));
  }
  WriteConfirmed(device_uri, last);
  Change(device_uri, *position, {last, position->last, position->waiting - confirmed});
  return absl::OkStatus();
}

absl::Status InboxCore::Forget(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(Position * position, Find(device_uri));
  if (position->waiting == 0) return absl::OkStatus();
  store_.DeleteRange(storage::PrefixRange(keys::InboxOf(device_uri)));
  WriteConfirmed(device_uri, position->last);
  Change(device_uri, *position, {position->last, position->last, 0});
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> InboxCore::LastCursor(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Position* position, Find(device_uri));
  return position->last;
}

absl::StatusOr<uint64_t> InboxCore::Waiting(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Position* position, Find(device_uri));
  return position->waiting;
}

void InboxCore::DropOperation() {
  for (auto change = undo_.rbegin(); change != undo_.rend(); ++change)
    positions_[change->first] = change->second;
  undo_.clear();
}

void InboxCore::GroupCommitted() {
  if (positions_.size() > kInboxesCachedMax) positions_.clear();
}

}  // namespace enlace::server
