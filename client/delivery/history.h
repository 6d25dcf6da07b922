// History for devices that enter a room: a new colleague's machine, an office that a case is
// referred to (DESIGN section 4).
//
// Who enters reads nothing from before. A device of the joiner's own office, else one of the
// origin, sends it the room's earlier messages as they were signed, sealed to a key package of the
// joiner, in pages, as messages of the room; whoever sees that another was faster stays silent. The
// joiner verifies every message by itself, and takes the page only from its own office, the origin
// or an ACTION office. Nothing is sent while the room is frozen.
//
// What is owed stands in table "history-due", row = room id ‖ certificate of the joiner, value =
// due time: it survives a crash.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "client/delivery/outbox.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "enlace/alert/v1/content.pb.h"

namespace enlace::client {

// A device entered the room. Notes that this device may have to send it the history; does nothing
// when it is neither of its office nor of the origin's nor `at_once` (the device that let it in).
absl::Status OweHistory(const Services& services, VaultTransaction& tx, const Room& room,
                        const merkle::Hash& joiner, bool at_once);
// Somebody sent it.
absl::Status SettleHistory(VaultTransaction& tx, BytesView room_id,
                           const alert::v1::SealedHistory& history);
// Queues what is due; the time of the next that is not. The session's errors.
absl::StatusOr<std::optional<int64_t>> SendDueHistory(const Services& services, RoomBook& book,
                                                      Outbox& outbox);

// The page, when it is for this device; the key package that opened it is spent. Nothing when it is
// another's, or does not open.
absl::StatusOr<std::optional<alert::v1::HistoryBundle>> OpenHistory(
    const Services& services, VaultTransaction& tx, const alert::v1::SealedHistory& history);

}  // namespace enlace::client
