// Presence: which offices have a connected device, and whom the operator's wake hook has to wake.
//
// An office is woken when something waits for it and none of its devices has been connected for
// kWakeAfterMs, and again every kWakeAgainMs while that lasts. Connections are known to this
// process only; what waits is kept across restarts. The hook learns office and urgency, nothing
// else.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "server/core/group_effects.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_core.h"

namespace enlace::server {

class Presence {
 public:
  Presence(GroupOverlay& store, InboxCore& inboxes) : store_(store), inboxes_(inboxes) {}

  // Reads for which offices something waits. Also after a dropped operation or group.
  absl::Status Load();

  absl::Status StreamOpened(const Caller& caller, int64_t now_ms);
  // When the office's last device goes while its inbox holds something, the office waits from now
  // on.
  absl::Status StreamClosed(const Caller& caller, int64_t now_ms);
  // A message was accepted for an office.
  void MessageFor(std::string_view office, v1::Urgency urgency, int64_t now_ms);
  // Offices to be woken now; notes that they were.
  std::vector<WakeCall> TakeWakeCalls(int64_t now_ms);

  void KeepOperation() { changed_ = false; }
  absl::Status DropOperation() { return changed_ ? Load() : absl::OkStatus(); }
  absl::Status AbandonGroup() { return Load(); }

 private:
  void Wait(std::string_view office, v1::Urgency urgency, int64_t now_ms);

  GroupOverlay& store_;
  InboxCore& inboxes_;
  // Streams that are open, by device, and how many devices an office has among them; facts, not
  // decisions: they stay when an operation is dropped.
  std::map<std::string, std::vector<std::string>, std::less<>> offices_of_open_device_;
  std::map<std::string, size_t, std::less<>> open_devices_;
  std::map<std::string, store::v1::WaitingOffice, std::less<>> waiting_;
  bool changed_ = false;
};

}  // namespace enlace::server
