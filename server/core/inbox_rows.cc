#include "server/core/inbox_rows.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::Pointer;

uint64_t CountOf(const Pointer& pointer) {
  return pointer.has_entry() ? std::max<uint64_t>(1, pointer.entry().count()) : 1;
}

}  // namespace

ItemPointer PointerToEntry(BytesView room, uint64_t sequence) {
  ItemPointer out;
  std::copy_n(room.begin(), std::min(room.size(), out.room.size()), out.room.begin());
  out.sequence = sequence;
  return out;
}

ItemPointer PointerOf(const Pointer& pointer) {
  if (pointer.has_entry() && pointer.entry().room_id().size() == room::kRoomIdBytes)
    return PointerToEntry(AsBytes(pointer.entry().room_id()), pointer.entry().sequence());
  ItemPointer out;
  out.other = std::make_shared<const Pointer>(pointer);
  return out;
}

Pointer EncodePointer(const ItemPointer& pointer) {
  if (pointer.other != nullptr) return *pointer.other;
  Pointer out;
  out.mutable_entry()->set_room_id(BytesField(pointer.room));
  out.mutable_entry()->set_sequence(pointer.sequence);
  return out;
}

store::v1::InboxRow MakeInboxRow(std::span<const ItemPointer> items) {
  store::v1::InboxRow row;
  const ItemPointer* first = nullptr;  // Of the stretch that the row ends with.
  uint64_t count = 0;
  for (const ItemPointer& item : items) {
    const bool follows = first != nullptr && item.other == nullptr && item.room == first->room &&
                         item.sequence == first->sequence + count;
    if (follows) {
      ++count;
      row.mutable_items(row.items_size() - 1)->mutable_entry()->set_count(count);
      continue;
    }
    *row.add_items() = EncodePointer(item);
    first = item.other == nullptr ? &item : nullptr;
    count = 1;
  }
  return row;
}

absl::Status StoredItems::ForEachAfter(uint64_t after, Visitor visit) const {
  uint64_t cursor = first;
  for (const Pointer& item : row.items()) {
    const uint64_t count = CountOf(item);
    const uint64_t skipped = after < cursor ? 0 : std::min(count, after - cursor + 1);
    Pointer single = item;
    for (uint64_t i = skipped; i < count; ++i) {
      if (single.has_entry()) {
        single.mutable_entry()->set_sequence(item.entry().sequence() + i);
        single.mutable_entry()->clear_count();
      }
      ENLACE_ASSIGN_OR_RETURN(const bool more, visit(cursor + i, single));
      if (!more) return absl::OkStatus();
    }
    cursor += count;
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredItems> ReadInboxRow(const storage::Row& row) {
  storage::KeyReader key(row.key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Text().status());
  StoredItems out;
  ENLACE_ASSIGN_OR_RETURN(out.last, key.U64());
  ENLACE_ASSIGN_OR_RETURN(out.row, ParseRecord<store::v1::InboxRow>(row.key, row.value));
  uint64_t count = 0;
  for (const Pointer& item : out.row.items()) {
    // Also keeps the sum from overflowing.
    if (CountOf(item) > kItemsOfRowMax) return DamagedRecord(row.key);
    count += CountOf(item);
  }
  if (count == 0 || count > kItemsOfRowMax || count > out.last) return DamagedRecord(row.key);
  out.first = out.last - count + 1;
  return out;
}

absl::StatusOr<std::optional<uint64_t>> NewestItemUpTo(const storage::ReadView& view,
                                                       std::string_view device_uri,
                                                       uint64_t cursor) {
  const Bytes all = keys::InboxOf(device_uri);
  ENLACE_ASSIGN_OR_RETURN(
      const auto around,
      FirstRow(view, storage::PrefixRangeFrom(all, keys::Inbox(device_uri, cursor))));
  if (around) {
    ENLACE_ASSIGN_OR_RETURN(const StoredItems stretch, ReadInboxRow(*around));
    if (stretch.first <= cursor) return std::optional<uint64_t>(cursor);
  }
  const storage::KeyRange below = {all, keys::Inbox(device_uri, cursor)};
  ENLACE_ASSIGN_OR_RETURN(const auto before, FirstRow(view, below, storage::Order::kReverse));
  if (!before) return std::optional<uint64_t>();
  ENLACE_ASSIGN_OR_RETURN(const StoredItems stretch, ReadInboxRow(*before));
  return std::optional<uint64_t>(stretch.last);
}

}  // namespace enlace::server
