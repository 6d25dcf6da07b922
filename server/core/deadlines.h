// Deadlines: offices that owe an acknowledgement, and the notices of 50, 100 and 200 % of the time
// they have.
//
// Promises that an obligation runs from the server's acceptance, that each step is raised once even
// across restarts, without any client running, and that only a device of the office settles it. A
// notice carries metadata only and changes nobody's rights.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_core.h"
#include "server/core/keys.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

class Deadlines {
 public:
  Deadlines(GroupOverlay& store, const SharedRegistry& registry, InboxCore& inboxes)
      : store_(store), registry_(registry), inboxes_(inboxes) {}

  // An accepted message and who sent it.
  struct Accepted {
    BytesView room;
    uint64_t sequence = 0;
    int64_t accepted_at_ms = 0;
    const Caller& sender;
    const v1::Envelope& envelope;
  };
  // Opens what the envelope asks for, with its first step at half of the time.
  void Open(const Accepted& accepted);
  // The message settles an obligation. NOT_YOUR_OFFICE for another's; nothing when it is settled or
  // never was.
  absl::Status Settle(const Caller& caller, BytesView room, const v1::Settles& settles);
  // An envelope was withdrawn: what it asked for is no longer owed.
  absl::Status Cancel(BytesView room, uint64_t sequence);

  // Raises the steps that are due; at most `count_max`. Gives how many.
  absl::StatusOr<size_t> Raise(int64_t now_ms, size_t count_max);

 private:
  absl::Status RaiseOne(const keys::ObligationId& id, int64_t now_ms);
  void Close(const keys::ObligationId& id, const store::v1::Obligation& obligation);
  std::vector<std::string> RecipientsOf(const keys::ObligationId& id,
                                        const store::v1::Obligation& obligation,
                                        int64_t now_ms) const;

  GroupOverlay& store_;
  const SharedRegistry& registry_;
  InboxCore& inboxes_;
};

}  // namespace enlace::server
