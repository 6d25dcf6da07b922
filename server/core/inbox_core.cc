#include "server/core/inbox_core.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::Pointer;

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

absl::StatusOr<InboxCore::Position*> InboxCore::Find(std::string_view device_uri) {
  const auto cached = positions_.find(std::string(device_uri));
  if (cached != positions_.end()) return &cached->second;
  Position position;
  ENLACE_ASSIGN_OR_RETURN(const auto state,
                          ReadRecord<store::v1::InboxState>(store_, keys::InboxState(device_uri)));
  if (state) position.confirmed = state->confirmed();
  position.next = position.confirmed + 1;
  const auto range = storage::PrefixRange(keys::InboxOf(device_uri));
  ENLACE_ASSIGN_OR_RETURN(const auto last, FirstRow(store_, range, storage::Order::kReverse));
  if (last) {
    storage::KeyReader key(last->key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.Text().status());
    ENLACE_ASSIGN_OR_RETURN(const uint64_t cursor, key.U64());
    if (cursor < position.next) return DamagedRecord(last->key);
    position.next = cursor + 1;
  }
  return &positions_.emplace(std::string(device_uri), position).first->second;
}

void InboxCore::Change(std::string_view device_uri, Position& position, const Position& to) {
  undo_.emplace_back(std::string(device_uri), position);
  position = to;
}

absl::Status InboxCore::Append(std::string_view device_uri, const InboxEntry& entry) {
  ENLACE_ASSIGN_OR_RETURN(Position * position, Find(device_uri));
  if (position->next - position->confirmed > kInboxPointersMax) return Lapse(device_uri);
  const uint64_t cursor = position->next;
  store_.Put(keys::Inbox(device_uri, cursor), entry.pointer);
  effects_.Deliver({std::string(device_uri), cursor, entry.item});
  Change(device_uri, *position, {position->confirmed, cursor + 1});
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
  const uint64_t last = std::min(cursor, position->next - 1);
  if (last <= position->confirmed) return absl::OkStatus();
  if (last - position->confirmed > kSingleDeletesMax) {
    store_.DeleteRange(
        {keys::Inbox(device_uri, position->confirmed + 1), keys::Inbox(device_uri, last + 1)});
  } else {
    for (uint64_t gone = position->confirmed + 1; gone <= last; ++gone)
      store_.Delete(keys::Inbox(device_uri, gone));
  }
  WriteConfirmed(device_uri, last);
  Change(device_uri, *position, {last, position->next});
  return absl::OkStatus();
}

absl::Status InboxCore::Forget(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(Position * position, Find(device_uri));
  if (position->next == position->confirmed + 1) return absl::OkStatus();
  store_.DeleteRange(storage::PrefixRange(keys::InboxOf(device_uri)));
  WriteConfirmed(device_uri, position->next - 1);
  Change(device_uri, *position, {position->next - 1, position->next});
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> InboxCore::LastCursor(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Position* position, Find(device_uri));
  return position->next - 1;
}

absl::StatusOr<uint64_t> InboxCore::Waiting(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Position* position, Find(device_uri));
  return position->next - 1 - position->confirmed;
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
