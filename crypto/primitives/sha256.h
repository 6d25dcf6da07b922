// SHA-256 (FIPS 180-4), whole or in parts.
//
// Promises the digest of what was written, and that hashing never allocates. Secrets are keyed
// through HMAC (hkdf.h).
//
// Thread safety: one object, one thread.
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <initializer_list>

#include "crypto/primitives/bytes.h"

namespace enlace::crypto {

inline constexpr size_t kHashBytes = 32;
using Digest = std::array<uint8_t, kHashBytes>;

// Hash of one message.
Digest Sha256(BytesView message);

// The same hash of the concatenation of `parts` by OpenSSL, which is five times as fast where the
// processor has SHA instructions, but leaves what it hashed in memory: for public data only.
Digest PublicSha256(std::initializer_list<BytesView> parts);

// HMAC-SHA-256 (RFC 2104) with an empty key of the concatenation of `parts`, by OpenSSL too: an
// extraction (RFC 5869 section 2.2) from public data without a salt.
Digest PublicHmacSha256(std::initializer_list<BytesView> parts);

// Hash of a message that comes in parts: Sha256Stream().Add(a).Add(b).Finish(). An object is used
// once.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream& Add(BytesView part);
  Digest Finish();

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace enlace::crypto
