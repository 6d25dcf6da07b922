// Deadlines that the server says have passed (DOMAIN: escalation is a flag, never a state).
//
// An office's devices are told at half of the window, its supervisor and the sender at its end, the
// other network's office of the country and the coordinator at twice it: the last ones are not in
// the room and learn office, step and urgency only. Kept in table "deadlines", row = room id ‖
// sequence ‖ office ‖ step, for kDeadlineKeptMs; `watch` shows them and calls its hook.
//
// Thread safety: the engine's thread. Ownership: borrows for the call.
#pragma once

#include "absl/status/status.h"
#include "client/delivery/services.h"
#include "enlace/v1/inbox.pb.h"

namespace enlace::client {

absl::Status NoteDeadline(const Services& services, VaultTransaction& tx,
                          const v1::DeadlineNotice& notice);
// Drops what is older than kDeadlineKeptMs.
absl::Status SweepDeadlines(const Services& services);

}  // namespace enlace::client
