// Where a group finds pre-shared keys (RFC 9420 section 8.4): external ones, and resumption PSKs of
// other groups.
//
// A group keeps the resumption PSKs of its own last epochs itself and asks here for the rest.
//
// Thread safety: as the implementation says. Ownership: passed as a pointer that outlives the call.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/mls/psk_id.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

class PskStore {
 public:
  virtual ~PskStore() = default;

  // The key that `id` names, its nonce aside. NOT_FOUND when this client does not have it.
  virtual absl::StatusOr<SecretBytes> Find(const PreSharedKeyId& id) const = 0;
};

}  // namespace enlace::mls
