// Ed25519 signatures (RFC 8032).
//
// A SigningKey keeps the expanded form with its public key, so that no signature recomputes it.
// Verification refuses keys and points of low order and non-canonical encodings.
//
// Thread safety: const objects may be shared. Ownership: SigningKey is move-only and wiped.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::crypto {

inline constexpr size_t kSignatureBytes = 64;
inline constexpr size_t kSignaturePublicKeyBytes = 32;
inline constexpr size_t kSignatureSeedBytes = 32;

class SigningKey {
 public:
  static SigningKey Generate(Rng& rng);
  // From the 32 bytes of RFC 8032's private key. INVALID_ARGUMENT for another length.
  static absl::StatusOr<SigningKey> FromSeed(BytesView seed);

  // The 32-byte public key. Borrowed.
  BytesView public_key() const { return expanded_.view().subspan(kSignatureSeedBytes); }
  // The 32-byte private key, to be sealed and stored. Borrowed, secret.
  BytesView seed() const { return expanded_.view().first(kSignatureSeedBytes); }

  // A signature of kSignatureBytes bytes.
  Bytes Sign(BytesView message) const;

  SigningKey Clone() const { return SigningKey(expanded_.Clone()); }

 private:
  explicit SigningKey(SecretBytes expanded) : expanded_(std::move(expanded)) {}

  SecretBytes expanded_;  // Seed, then public key: libsodium's secret key.
};

// OK when `signature` is that of `message` by `public_key`; INVALID_ARGUMENT when it is not or a
// length is wrong.
absl::Status VerifySignature(BytesView public_key, BytesView message, BytesView signature);

}  // namespace enlace::crypto
