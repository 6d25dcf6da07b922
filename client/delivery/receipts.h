// Delivery receipts: one for each office, whoever of it is first.
//
// A device that decrypted an alert owes its office's receipt; it waits for up to kReceiptGatherMs,
// so that one receipt covers all that arrived together, and keeps silent when another device of the
// office was faster. What is owed survives a crash: table "receipts-due", row = room id ‖ sequence
// (8 bytes, big endian), value = due time.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <optional>

#include "client/delivery/outbox.h"
#include "client/delivery/services.h"
#include "enlace/alert/v1/content.pb.h"

namespace enlace::client {

absl::Status OweReceipt(const Services& services, VaultTransaction& tx, BytesView room_id,
                        uint64_t sequence);

// A receipt of this device's office came by: what it covers is no longer owed.
absl::Status SettleReceipts(const Services& services, VaultTransaction& tx, BytesView room_id,
                            const alert::v1::DeliveryReceipt& receipt);

// Queues the receipts that are due; the time of the next one that is not.
absl::StatusOr<std::optional<int64_t>> SendDueReceipts(const Services& services, Outbox& outbox);

}  // namespace enlace::client
