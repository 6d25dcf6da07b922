// The two AEADs of our cipher suites: ChaCha20-Poly1305 (libsodium) and AES-128-GCM (OpenSSL, which
// libsodium lacks).
//
// Promises RFC 5116's interface: ciphertext is plaintext plus a tag of 16 bytes, opening compares
// in constant time and releases nothing unless the tag is right. Uniqueness of nonces is the
// caller's duty.
//
// Thread safety: a value without state; share freely.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::crypto {

inline constexpr size_t kAeadNonceBytes = 12;
inline constexpr size_t kAeadTagBytes = 16;

// Identifiers of RFC 9180 section 7.3.
enum class AeadId : uint16_t { kAes128Gcm = 1, kChaCha20Poly1305 = 3 };

class Aead {
 public:
  // A borrowed key and nonce; lengths are CHECKed, since both are always derived by us.
  struct Key {
    BytesView key;
    BytesView nonce;
  };

  explicit Aead(AeadId id) : id_(id) {}

  AeadId id() const { return id_; }
  size_t key_bytes() const { return id_ == AeadId::kAes128Gcm ? 16 : 32; }

  // plaintext.size() + kAeadTagBytes bytes.
  Bytes Seal(const Key& key, BytesView aad, BytesView plaintext) const;
  // The same, over a buffer whose last kAeadTagBytes bytes receive the tag: no second copy of the
  // plaintext is made.
  void SealInPlace(const Key& key, BytesView aad, std::span<uint8_t> plaintext_then_tag) const;

  // INVALID_ARGUMENT when the ciphertext is too short or the tag is wrong.
  absl::StatusOr<SecretBytes> Open(const Key& key, BytesView aad, BytesView ciphertext) const;
  // The same into `out`, which has exactly kAeadTagBytes bytes less than the ciphertext (CHECKed)
  // and is all zero after an error.
  absl::Status OpenInto(const Key& key, BytesView aad, BytesView ciphertext,
                        std::span<uint8_t> out) const;

 private:
  AeadId id_;
};

}  // namespace enlace::crypto
