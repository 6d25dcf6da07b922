// HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256 and the AEAD of a cipher
// suite.
//
// Private keys and everything derived from them stay with libsodium. Public keys are computed on
// the Edwards curve by libsodium and mapped to the Montgomery curve with OpenSSL's arithmetic,
// which sees nothing but the public point.
//
// Promises that a shared point of zero (a low-order key of the peer) is an error, never a key, and
// that no context outlives its one use. Single-shot sealing and opening is all that MLS needs;
// SetupSender/SetupReceiver with Export serve external_init (RFC 9420 section 8.3).
//
// Thread safety: const objects may be shared. Ownership: private keys are move-only and wiped.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/primitives/aead.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::crypto {

inline constexpr size_t kHpkePublicKeyBytes = 32;
inline constexpr size_t kHpkePrivateKeyBytes = 32;
inline constexpr size_t kKemOutputBytes = 32;

// An X25519 private key with its public key.
class HpkeKeyPair {
 public:
  static HpkeKeyPair Generate(Rng& rng);
  // RFC 9180 DeriveKeyPair(ikm); RFC 9420 derives node keys this way (section 7.4).
  static HpkeKeyPair Derive(BytesView ikm);
  // `count` pairs at once, or one for each of `ikms`: cheaper than one after the other, since the
  // public keys share an inversion.
  static std::vector<HpkeKeyPair> GenerateMany(size_t count, Rng& rng);
  static std::vector<HpkeKeyPair> DeriveMany(std::span<const SecretBytes> ikms);
  // From a serialised private key; computes the public one. INVALID_ARGUMENT for a length other
  // than 32.
  static absl::StatusOr<HpkeKeyPair> FromPrivate(BytesView private_key);
  // From both halves as stored together by this program: no base multiplication. INVALID_ARGUMENT
  // for wrong lengths.
  static absl::StatusOr<HpkeKeyPair> FromStored(BytesView private_key, BytesView public_key);

  BytesView public_key() const { return public_key_; }
  BytesView private_key() const { return private_key_.view(); }

  HpkeKeyPair Clone() const { return HpkeKeyPair(private_key_.Clone(), public_key_); }

 private:
  using PublicKey = std::array<uint8_t, kHpkePublicKeyBytes>;

  HpkeKeyPair(SecretBytes private_key, const PublicKey& public_key)
      : private_key_(std::move(private_key)), public_key_(public_key) {}
  // One pair for each private key of 32 bytes.
  static std::vector<HpkeKeyPair> FromPrivateKeys(std::vector<SecretBytes> private_keys);
  static HpkeKeyPair FromPrivateKey(SecretBytes private_key);

  SecretBytes private_key_;
  PublicKey public_key_;
};

// X25519(private_key, public_key): 32 secret bytes. INVALID_ARGUMENT when a length is wrong or the
// result is all zero.
absl::StatusOr<SecretBytes> X25519(BytesView private_key, BytesView public_key);

struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
};

// The part of the key schedule of RFC 9180 section 5.1 that depends on `info` alone, so that one
// long info is hashed once for many recipients.
class HpkeInfo {
 public:
  HpkeInfo(Aead aead, BytesView info);

 private:
  friend class HpkeContext;
  friend class Hpke;
  Aead aead_;
  Bytes key_schedule_context_;
};

// One direction after the key schedule. Key, nonce and exporter secret are derived by the call that
// needs them: every context of MLS serves one call.
class HpkeContext {
 public:
  // Sealing and opening at a sequence number; MLS uses number 0 only.
  Bytes Seal(uint64_t sequence, BytesView aad, BytesView plaintext) const;
  absl::StatusOr<SecretBytes> Open(uint64_t sequence, BytesView aad, BytesView ciphertext) const;
  // Context.Export(exporter_context, size_bytes).
  SecretBytes Export(BytesView exporter_context, size_t size_bytes) const;

 private:
  friend class Hpke;
  HpkeContext(const HpkeInfo& info, BytesView shared_secret);
  SecretBytes Key() const;
  SecretBytes Nonce(uint64_t sequence) const;

  Aead aead_;
  Bytes key_schedule_context_;
  HmacKey secret_;
};

// The two set-ups of base mode.
class Hpke {
 public:
  struct Sender {
    Bytes kem_output;
    HpkeContext context;
  };

  // SetupBaseS and SetupBaseR. INVALID_ARGUMENT for a key that is malformed or of low order.
  static absl::StatusOr<Sender> SetupSender(const HpkeInfo& info, BytesView public_key, Rng& rng);
  // The same with a given ephemeral key, for test vectors; a key must never serve twice.
  static absl::StatusOr<Sender> SetupSender(const HpkeInfo& info, BytesView public_key,
                                            const HpkeKeyPair& ephemeral);
  static absl::StatusOr<HpkeContext> SetupReceiver(const HpkeInfo& info, const HpkeKeyPair& own,
                                                   BytesView kem_output);
};

}  // namespace enlace::crypto
