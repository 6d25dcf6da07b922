// HMAC-SHA-256 (RFC 2104) and HKDF (RFC 5869).
//
// HmacKey keeps the state after the key block, which halves the cost of every further use of the
// same key. Promises that tags are compared in constant time and only at full length.
//
// Thread safety: a const HmacKey may be shared. Ownership: keys are move-only and wiped.
#pragma once

#include <initializer_list>
#include <span>

#include "absl/status/status.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::crypto {

class HmacKey {
 public:
  // A key of any length; the caller still wipes its own copy.
  explicit HmacKey(BytesView key);

  // What is hashed, in this order and without anything between.
  using Parts = std::initializer_list<BytesView>;

  // HMAC of the concatenation of `parts`, for a tag that is public.
  Digest Tag(Parts parts) const;
  // The same for an output that is itself a key: kHashBytes bytes (CHECKed).
  void Derive(Parts parts, std::span<uint8_t> out) const;
  // HKDF-Expand with this key as the pseudorandom key; `out` has at most 255 * 32 bytes (CHECKed:
  // lengths are ours, never a peer's).
  void Expand(Parts info, std::span<uint8_t> out) const;
  // True when `tag` is exactly the kHashBytes-long HMAC of `parts`; constant time for that length.
  bool Verify(Parts parts, BytesView tag) const;

  HmacKey Clone() const { return HmacKey(state_.Clone()); }

 private:
  explicit HmacKey(SecretBytes state) : state_(std::move(state)) {}

  SecretBytes state_;  // A crypto_auth_hmacsha256_state after its key block.
};

// HKDF-Extract(salt, ikm): kHashBytes bytes.
SecretBytes HkdfExtract(BytesView salt, BytesView ikm);

// HKDF-Expand(prk, info, size_bytes), as HmacKey::Expand.
SecretBytes HkdfExpand(const HmacKey& prk, BytesView info, size_t size_bytes);
SecretBytes HkdfExpand(BytesView prk, BytesView info, size_t size_bytes);

}  // namespace enlace::crypto
