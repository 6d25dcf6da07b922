// A request to be admitted that waits for its outcome: what the vault keeps of it.
//
// Thread safety: values and free functions. Ownership: move-only; code and keys are wiped.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/invitation.h"

namespace enlace::client {

inline constexpr std::string_view kEnrolmentTable = "enrolment";
inline constexpr uint16_t kPendingJoinVersion = 1;

struct PendingJoin {
  identity::Invitation invitation;
  identity::DeviceKeys keys;
  identity::EnrolmentRequest request;
};

absl::Status SavePendingJoin(const PendingJoin& pending, VaultTransaction& transaction);
// NOT_ENROLLED when none waits, VAULT_DAMAGED, PROGRAM_TOO_OLD.
absl::StatusOr<PendingJoin> LoadPendingJoin(const Vault& vault);
absl::Status DeletePendingJoin(VaultTransaction& transaction);

}  // namespace enlace::client
