// Whether a log entry admits a device: exactly its keys, as its invitation says, by the charter's
// CA.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/invitation.h"
#include "crypto/identity/statement.h"

namespace enlace::client {

// What an entry is measured against.
struct ExpectedAdmission {
  const identity::Invitation& invitation;
  const identity::DeviceKeys& keys;
  const identity::Charter& charter;
};

// The statement of `entry` (EncodeLogEntry's bytes). REGISTRY_ENTRY_INVALID says what is wrong;
// CA_NOT_IN_CHARTER when the charter no longer names the CA of the invitation.
absl::StatusOr<identity::DeviceEnrolled> CheckAdmission(BytesView entry,
                                                        const ExpectedAdmission& expected);

}  // namespace enlace::client
