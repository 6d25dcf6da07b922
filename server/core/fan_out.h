// Fan-out: one item into the inboxes of an audience.
//
// Up to kFanOutDirectMax devices are written with the item itself. A larger audience becomes a job
// that is durable with the item and written in slices; a crash between slices goes on with the
// next. While a room has a job, its further items queue behind it, so that every device sees a
// room's items in the room's order.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/effects_buffer.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_core.h"

namespace enlace::server {

class FanOut {
 public:
  FanOut(GroupOverlay& store, EffectsBuffer& effects, InboxCore& inboxes)
      : store_(store), effects_(effects), inboxes_(inboxes) {}

  // Reads which jobs wait. Also after a dropped operation or group that changed them.
  absl::Status Load();

  absl::Status Send(BytesView room, const InboxEntry& entry,
                    const std::vector<std::string>& audience);
  // Writes the next slice; true when more waits.
  absl::StatusOr<bool> Continue();
  bool waits() const { return !waiting_.empty(); }

  void KeepOperation() { changed_ = false; }
  absl::Status DropOperation();
  absl::Status AbandonGroup() { return Load(); }

 private:
  absl::Status Finish(const Bytes& room);

  GroupOverlay& store_;
  EffectsBuffer& effects_;
  InboxCore& inboxes_;
  // Numbers of the waiting jobs of each room, oldest first.
  std::map<Bytes, std::deque<uint64_t>> waiting_;
  // The room that had the last slice; the next slice goes to the room after it.
  Bytes last_room_;
  bool changed_ = false;
};

}  // namespace enlace::server
