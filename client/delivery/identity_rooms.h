// The identity part of alerts: a room of its own in the case, which an ACTION office enters when it
// accepts (DOMAIN rule 2).
//
// The origin founds the room with its own devices when it sends an alert that withholds something;
// so every device of the origin can open it later. When an office's acceptance comes by in the case
// room, the origin's devices, after a short random delay one of them, let that office in and say
// the identity parts again, since who enters a room reads nothing from before. While nobody of the
// origin is online, the office has accepted and its identity part is pending.
//
// What is owed stands in table "identity-due", row = case key, value = due time and reference: it
// survives a crash. An INFO office is never let in: the room's policy can't name one.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/delivery/outbox.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"

namespace enlace::client {

// Somebody accepted, or an identity part was said for the first time: who may read it is asked
// soon. Does nothing on a device that is not of `origin_office_id`.
absl::Status OweIdentity(const Services& services, VaultTransaction& tx, std::string_view case_ref,
                         std::string_view origin_office_id);

// Queues what lets accepting offices in, for what is due; the time of the next that is not.
absl::StatusOr<std::optional<int64_t>> OpenDueIdentities(const Services& services, RoomBook& book,
                                                         Outbox& outbox);

}  // namespace enlace::client
