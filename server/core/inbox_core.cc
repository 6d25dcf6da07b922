#include "server/core/inbox_core.h"

#include <algorithm>
#include <span>

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

// More rows are deleted as a range, fewer key by key, which keeps later scans quick.
constexpr size_t kSingleDeletesMax = 256;

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

InboxEntry MakeEntry(const Pointer& pointer, const v1::InboxItem& item) {
  return {PointerOf(pointer), std::make_shared<const std::string>(item.SerializeAsString())};
}

InboxEntry MakeDeadlineEntry(const v1::DeadlineNotice& notice) {
  Pointer pointer;
  *pointer.mutable_deadline() = notice;
  v1::InboxItem item;
  *item.mutable_deadline() = notice;
  return MakeEntry(pointer, item);
}

InboxEntry MakeRoomOpenedEntry(BytesView room) {
  Pointer pointer;
  pointer.mutable_room_opened()->set_room_id(BytesField(room));
  v1::InboxItem item;
  *item.mutable_room_opened() = pointer.room_opened();
  return MakeEntry(pointer, item);
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

absl::StatusOr<InboxCore::Inbox*> InboxCore::Find(std::string_view device_uri) {
  const auto cached = inboxes_.find(absl::string_view(device_uri.data(), device_uri.size()));
  if (cached != inboxes_.end()) return &cached->second;
  Inbox inbox;
  Position& position = inbox.position;
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
  inbox.device = std::make_shared<const std::string>(device_uri);
  return &inboxes_.emplace(std::string(device_uri), std::move(inbox)).first->second;
}

void InboxCore::Change(Inbox& inbox, const Position& to) {
  undo_.emplace_back(&inbox, inbox.position);
  inbox.position = to;
}

uint64_t InboxCore::NextOf(const Position& position) const {
  return std::max(position.last, bases_.empty() ? 0 : bases_.back()) + 1;
}

absl::Status InboxCore::Append(std::string_view device_uri, const InboxEntry& entry) {
  ENLACE_ASSIGN_OR_RETURN(Inbox * inbox, Find(device_uri));
  const Position& position = inbox->position;
  if (position.waiting >= kInboxPointersMax) return Lapse(device_uri);
  const uint64_t cursor = NextOf(position);
  if (inbox->pending.empty()) pending_.push_back(inbox);
  inbox->pending.push_back(entry.pointer);
  effects_.Deliver({inbox->device, cursor, entry.item});
  Change(*inbox, {position.confirmed, cursor, position.waiting + 1});
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

absl::Status InboxCore::DeleteRows(std::string_view device_uri, uint64_t first, uint64_t last) {
  const storage::KeyRange gone = {keys::Inbox(device_uri, first),
                                  keys::Inbox(device_uri, last + 1)};
  ENLACE_ASSIGN_OR_RETURN(const auto rows, FirstRows(store_, gone, kSingleDeletesMax + 1));
  if (rows.size() > kSingleDeletesMax) {
    store_.DeleteRange(gone);
    return absl::OkStatus();
  }
  for (const storage::Row& row : rows) store_.Delete(row.key);
  return absl::OkStatus();
}

absl::Status InboxCore::Confirm(std::string_view device_uri, uint64_t cursor) {
  ENLACE_ASSIGN_OR_RETURN(Inbox * inbox, Find(device_uri));
  const Position& position = inbox->position;
  uint64_t last = std::min(cursor, position.last);
  if (last <= position.confirmed) return absl::OkStatus();
  if (!bases_.empty() && last + inbox->pending.size() <= position.last) {
    // The cursor of a device that had come further in the lost part lies in the gap.
    ENLACE_ASSIGN_OR_RETURN(const auto newest, NewestItemUpTo(store_, device_uri, last));
    if (!newest || *newest <= position.confirmed) return absl::OkStatus();
    last = *newest;
  }
  ENLACE_ASSIGN_OR_RETURN(const uint64_t confirmed,
                          CountItems(store_, {device_uri, position.confirmed, last}, bases_));
  ENLACE_RETURN_IF_ERROR(DeleteRows(device_uri, position.confirmed + 1, last));
  WriteConfirmed(device_uri, last);
  Change(*inbox, {last, position.last, position.waiting - confirmed});
  return absl::OkStatus();
}

absl::Status InboxCore::Forget(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(Inbox * inbox, Find(device_uri));
  const uint64_t last = inbox->position.last;
  if (inbox->position.waiting == 0) return absl::OkStatus();
  store_.DeleteRange(storage::PrefixRange(keys::InboxOf(device_uri)));
  WriteConfirmed(device_uri, last);
  Change(*inbox, {last, last, 0});
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> InboxCore::LastCursor(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Inbox* inbox, Find(device_uri));
  return inbox->position.last;
}

absl::StatusOr<uint64_t> InboxCore::Waiting(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const Inbox* inbox, Find(device_uri));
  return inbox->position.waiting;
}

void InboxCore::WritePending(Inbox& inbox) {
  const Position& position = inbox.position;
  std::span<const ItemPointer> rest = inbox.pending;
  rest = rest.last(std::min<uint64_t>(rest.size(), position.last - position.confirmed));
  while (!rest.empty()) {
    const auto together = rest.first(std::min(rest.size(), kItemsOfRowMax));
    rest = rest.subspan(together.size());
    WriteRecord(store_, keys::Inbox(*inbox.device, position.last - rest.size()),
                MakeInboxRow(together));
  }
  inbox.pending.clear();
  inbox.kept = 0;
}

void InboxCore::Flush() {
  for (Inbox* inbox : pending_) WritePending(*inbox);
  pending_.clear();
}

void InboxCore::KeepOperation() {
  for (const auto& [inbox, before] : undo_) inbox->kept = inbox->pending.size();
  undo_.clear();
}

void InboxCore::DropOperation() {
  for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
    Inbox& inbox = *change->first;
    inbox.position = change->second;
    inbox.pending.resize(inbox.kept);
  }
  undo_.clear();
}

void InboxCore::AbandonGroup() {
  undo_.clear();
  pending_.clear();
  inboxes_.clear();
}

void InboxCore::GroupCommitted() {
  if (inboxes_.size() > kInboxesCachedMax) inboxes_.clear();
}

}  // namespace enlace::server
