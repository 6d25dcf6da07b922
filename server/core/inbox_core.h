// Inboxes: what waits for one device, under a cursor of its own that rises by one with each item.
//
// What a group of operations puts into an inbox is kept in memory until the group is written, and
// then shares rows (inbox_rows.h): Flush writes them.
//
// Promises that an item stands in the inbox in the batch of what it tells of, that cursors are
// never used twice and leave no gap that a declared loss does not explain, and that a confirmed
// item is gone. A device with kInboxPointersMax items waiting is lapsed: its inbox is emptied and
// the rooms are told (OnLapsed), which take it for gone until it enters again.
//
// A declared loss of the log leaves one gap: what is given out after it has cursors above a base
// that no device can have stored before, since a device asks for what stands after its cursor.
//
// Invariants: 1. The items of a device are those from confirmed + 1 to last, but for the gaps that
// end at a base. 2. A cached position is that of the store and of the group. 3. What a device's
// inbox has pending are its newest items, with cursors that follow each other. Thread safety: the
// committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/effects_buffer.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_rows.h"

namespace enlace::server {

// What is put into inboxes: the stored pointer and the item that streams send.
struct InboxEntry {
  ItemPointer pointer;
  WireItem item;  // Shared by the deliveries of all devices.
};

InboxEntry MakeEntry(const store::v1::Pointer& pointer, const v1::InboxItem& item);
// Items that stand in the pointer whole.
InboxEntry MakeDeadlineEntry(const v1::DeadlineNotice& notice);
InboxEntry MakeRoomOpenedEntry(BytesView room);

// The item that a stored pointer stands for, without cursor. Content that is gone comes as an entry
// with its header only; an entry of which not even the header is left is DATA_LOSS.
absl::StatusOr<v1::InboxItem> ResolvePointer(const storage::ReadView& view,
                                             const store::v1::Pointer& pointer);

// How many items stand after `confirmed` and up to `last`, the newest one. `bases` as in
// InboxCore::SetCursorBases.
struct InboxStretch {
  std::string_view device_uri;
  uint64_t confirmed = 0;
  uint64_t last = 0;
};
absl::StatusOr<uint64_t> CountItems(const storage::ReadView& view, const InboxStretch& stretch,
                                    const std::vector<uint64_t>& bases);
// The newest cursor that stands in a device's inbox; 0 when it is empty.
absl::StatusOr<uint64_t> NewestCursor(const storage::ReadView& view, std::string_view device_uri);

class InboxCore {
 public:
  using Lapsed = std::function<absl::Status(std::string_view device_uri)>;

  InboxCore(GroupOverlay& store, EffectsBuffer& effects) : store_(store), effects_(effects) {}
  void OnLapsed(Lapsed listener) { lapsed_ = std::move(listener); }
  // The bases of the losses declared so far, ascending; before anything else.
  void SetCursorBases(std::vector<uint64_t> bases) { bases_ = std::move(bases); }

  absl::Status Append(std::string_view device_uri, const InboxEntry& entry);
  // Forgets everything up to `cursor`, at most what is there.
  absl::Status Confirm(std::string_view device_uri, uint64_t cursor);
  // The device is gone for good: so is what waits for it.
  absl::Status Forget(std::string_view device_uri);
  // The newest cursor given out; 0 when nothing ever waited.
  absl::StatusOr<uint64_t> LastCursor(std::string_view device_uri);
  // How many items wait.
  absl::StatusOr<uint64_t> Waiting(std::string_view device_uri);

  // Writes what the group's inboxes have pending, once per group, before the batch is taken; what
  // was confirmed meanwhile is left out. Until then no read of the store sees it.
  void Flush();
  bool dirty() const { return !pending_.empty(); }

  void KeepOperation();
  void DropOperation();
  // Positions may be those of a group that never happened, or be too many to keep.
  void AbandonGroup();
  void GroupCommitted();

 private:
  struct Position {
    uint64_t confirmed = 0;
    uint64_t last = 0;  // The newest cursor given out.
    uint64_t waiting = 0;
  };

  // The inbox of a device that is in use.
  struct Inbox {
    std::shared_ptr<const std::string> device;  // Shared with deliveries.
    Position position;
    // Items that the store does not have yet, those of kept operations first.
    std::vector<ItemPointer> pending;
    size_t kept = 0;
  };

  absl::StatusOr<Inbox*> Find(std::string_view device_uri);
  void Change(Inbox& inbox, const Position& to);
  absl::Status Lapse(std::string_view device_uri);
  // The next cursor to be given out.
  uint64_t NextOf(const Position& position) const;
  void WriteConfirmed(std::string_view device_uri, uint64_t confirmed);
  // Deletes the rows whose last item stands from `first` to `last`.
  absl::Status DeleteRows(std::string_view device_uri, uint64_t first, uint64_t last);
  void WritePending(Inbox& inbox);

  GroupOverlay& store_;
  EffectsBuffer& effects_;
  Lapsed lapsed_;
  std::vector<uint64_t> bases_;
  // Inboxes stay where they are while a group lasts.
  absl::node_hash_map<std::string, Inbox> inboxes_;
  // Those that have, or had, something pending.
  std::vector<Inbox*> pending_;
  // What the operation changed, as it was before.
  std::vector<std::pair<Inbox*, Position>> undo_;
};

}  // namespace enlace::server
