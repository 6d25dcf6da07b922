// Rows of inboxes: what one group put into a device's inbox, up to kItemsOfRowMax items a row.
//
// A row stands under the cursor of its last item. Entries of a room that follow each other are one
// pointer with a count.
//
// Thread safety: free functions and values. Ownership: values.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/room/limits.h"
#include "enlace/store/v1/store.pb.h"
#include "storage/engine.h"

namespace enlace::server {

// What an inbox keeps of an item.
struct ItemPointer {
  // An entry of a room's log; its sequence is 0 when it is something else.
  std::array<uint8_t, room::kRoomIdBytes> room{};
  uint64_t sequence = 0;
  // Anything else. Shared by the inboxes of its audience.
  std::shared_ptr<const store::v1::Pointer> other;
};

// `room` has kRoomIdBytes.
ItemPointer PointerToEntry(BytesView room, uint64_t sequence);
ItemPointer PointerOf(const store::v1::Pointer& pointer);
store::v1::Pointer EncodePointer(const ItemPointer& pointer);

// A row that keeps `items`, in their order.
store::v1::InboxRow MakeInboxRow(std::span<const ItemPointer> items);

// A row as it was read.
struct StoredItems {
  uint64_t first = 0;
  uint64_t last = 0;
  store::v1::InboxRow row;

  // Calls visit(cursor, pointer) for each item after cursor `after`, in order, with pointers to one
  // item each, until it returns false or an error, which is passed on.
  using Visitor = absl::FunctionRef<absl::StatusOr<bool>(uint64_t, const store::v1::Pointer&)>;
  absl::Status ForEachAfter(uint64_t after, Visitor visit) const;
};

// STORAGE_DAMAGED when it is not in its form.
absl::StatusOr<StoredItems> ReadInboxRow(const storage::Row& row);

// The largest cursor up to `cursor` under which an item of the device stands, or nullopt.
absl::StatusOr<std::optional<uint64_t>> NewestItemUpTo(const storage::ReadView& view,
                                                       std::string_view device_uri,
                                                       uint64_t cursor);

}  // namespace enlace::server
