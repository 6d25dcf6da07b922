// psk_secret, RFC 9420 section 8.4.
//
// Thread safety: functions without state. Ownership: secrets are move-only.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/psk_id.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

struct PskInput {
  PreSharedKeyId id;
  SecretBytes psk;
};

// The psk_secret of `psks` in their order; the all-zero string of kHashBytes when there are none.
// RESOURCE_EXHAUSTED for more than 65,535, which the uint16 of PSKLabel can't count.
absl::StatusOr<SecretBytes> DerivePskSecret(const std::vector<PskInput>& psks);

}  // namespace enlace::mls
