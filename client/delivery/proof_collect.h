// Fetches the server's signed receipts for what proves that a case's offices were notified
// (client/cases/notification_proof.h).
//
// Thread safety: the engine's thread. Ownership: borrows for the call.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "client/cases/notification_proof.h"
#include "client/delivery/services.h"

namespace enlace::client {

// One for each message that belongs to the proof. CASE_UNKNOWN, NOTHING_TO_PROVE when no office has
// confirmed anything, the session's errors.
absl::StatusOr<ServerReceipts> CollectReceipts(const Services& services, std::string_view case_ref);

}  // namespace enlace::client
