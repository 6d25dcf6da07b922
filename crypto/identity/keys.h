// Private keys of devices, CAs and the server as certificates need them: Ed25519 or P-256, stored
// as PKCS#8.
//
// Promises that the private half stands in SecretBytes only, that generation takes its randomness
// from the caller, and that P-256 scalars are uniform. ECDSA's per-signature nonce comes from
// OpenSSL, which has no deterministic mode: P-256 keys sign only CSRs, the server's own certificate
// and TLS handshakes.
//
// Thread safety: const objects may be shared. Ownership: move-only, wiped.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::identity {

enum class KeyType { kP256, kEd25519 };

class PrivateKey {
 public:
  static PrivateKey Generate(KeyType type, crypto::Rng& rng);

  // From an unencrypted PKCS#8 structure (RFC 5958). INVALID_ARGUMENT for another algorithm or
  // curve, or bytes left over.
  static absl::StatusOr<PrivateKey> FromPkcs8(BytesView der);
  // An Ed25519 key from RFC 8032's 32 private bytes. INVALID_ARGUMENT for another length.
  static absl::StatusOr<PrivateKey> FromEd25519Seed(BytesView seed);

  KeyType type() const { return type_; }
  // PKCS#8 DER, unencrypted. Borrowed, secret.
  const SecretBytes& pkcs8() const { return pkcs8_; }
  // The public half as SubjectPublicKeyInfo DER.
  const Bytes& public_key_info() const { return public_key_info_; }

  // The key for our own signatures and for MLS. FAILED_PRECONDITION for a P-256 key.
  absl::StatusOr<crypto::SigningKey> ToSigningKey() const;

  // PKCS#8 as PEM, for libraries that take a file (gRPC). Secret: the caller's copy is SecretBytes.
  SecretBytes ToPem() const;

  PrivateKey Clone() const;

 private:
  PrivateKey(KeyType type, SecretBytes pkcs8, Bytes public_key_info);

  KeyType type_;
  SecretBytes pkcs8_;
  Bytes public_key_info_;
};

}  // namespace enlace::identity
