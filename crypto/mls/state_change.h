// One write of a saved group (Group::TakeChanges).
//
// Thread safety: as a value's. Ownership: move-only, the value is wiped.
#pragma once

#include <optional>
#include <string>

#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// The value under a key, or its deletion.
struct StateChange {
  std::string key;
  std::optional<SecretBytes> value;
};

}  // namespace enlace::mls
