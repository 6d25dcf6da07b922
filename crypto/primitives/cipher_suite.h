// The cipher suites of RFC 9420 section 5.1 and the labelled operations of section 5 over them.
//
// Two suites are known: 0x0003 on libsodium, which rooms use, and 0x0001, the RFC's mandatory one.
// They share X25519, SHA-256 and Ed25519 and differ in the AEAD alone, so only what touches the
// AEAD is a method of CipherSuite; the rest are functions. Labels are given without the "MLS 1.0 "
// prefix.
//
// Thread safety: values and functions without state.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/primitives/aead.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::crypto {

class CipherSuite {
 public:
  enum Id : uint16_t {
    kX25519Aes128GcmSha256Ed25519 = 0x0001,
    kX25519ChaCha20Poly1305Sha256Ed25519 = 0x0003,
  };

  // UNIMPLEMENTED for a suite that is neither.
  static absl::StatusOr<CipherSuite> FromId(uint16_t id);
  // The suite of rooms, 0x0003.
  static CipherSuite Rooms() { return CipherSuite(kX25519ChaCha20Poly1305Sha256Ed25519); }

  uint16_t id() const { return id_; }
  Aead aead() const {
    return Aead(id_ == kX25519Aes128GcmSha256Ed25519 ? AeadId::kAes128Gcm
                                                     : AeadId::kChaCha20Poly1305);
  }

  friend bool operator==(CipherSuite a, CipherSuite b) { return a.id_ == b.id_; }

 private:
  explicit CipherSuite(Id id) : id_(id) {}
  Id id_;
};

// RefHash(label, value), section 5.2; MakeKeyPackageRef and MakeProposalRef are this with their
// labels, which are given whole because they carry the prefix "MLS 1.0 " themselves.
Digest RefHash(std::string_view whole_label, BytesView value);

// ExpandWithLabel(secret, label, context, size_bytes), section 8. `secret` may be a kept key state.
SecretBytes ExpandWithLabel(const HmacKey& secret, std::string_view label, BytesView context,
                            size_t size_bytes);
SecretBytes ExpandWithLabel(BytesView secret, std::string_view label, BytesView context,
                            size_t size_bytes);

// DeriveSecret(secret, label) = ExpandWithLabel(secret, label, "", kHashBytes).
SecretBytes DeriveSecret(const HmacKey& secret, std::string_view label);
SecretBytes DeriveSecret(BytesView secret, std::string_view label);

// DeriveTreeSecret(secret, label, generation, size_bytes), section 9.1.
SecretBytes DeriveTreeSecret(const HmacKey& secret, std::string_view label, uint32_t generation,
                             size_t size_bytes);

// SignWithLabel and VerifyWithLabel, section 5.1.2. Verify: INVALID_ARGUMENT when the signature is
// not valid.
Bytes SignWithLabel(const SigningKey& key, std::string_view label, BytesView content);
absl::Status VerifyWithLabel(BytesView public_key, std::string_view label, BytesView content,
                             BytesView signature);
// What stands before a content of `content_bytes` in what is signed, SignContent of section 5.1.2:
// for callers that put it together themselves and use SigningKey::Sign and VerifySignature.
Bytes SignContentHead(std::string_view label, size_t content_bytes);

// What EncryptWithLabel and DecryptWithLabel bind: the suite, and the label and context that become
// HPKE's info.
struct EncryptionScope {
  CipherSuite suite;
  std::string_view label;
  BytesView context;
};

// EncryptWithLabel for many recipients in one scope: label and context are hashed once.
class LabelEncryptor {
 public:
  explicit LabelEncryptor(const EncryptionScope& scope);
  // With a fresh ephemeral key of HpkeKeyPair::Generate or GenerateMany, which serves once.
  // INVALID_ARGUMENT for a public key that is malformed or of low order.
  absl::StatusOr<HpkeCiphertext> Encrypt(BytesView public_key, BytesView plaintext,
                                         HpkeKeyPair ephemeral) const;

 private:
  HpkeInfo info_;
};

// EncryptWithLabel, section 5.1.3. INVALID_ARGUMENT for a public key that is malformed or of low
// order.
absl::StatusOr<HpkeCiphertext> EncryptWithLabel(const EncryptionScope& scope, BytesView public_key,
                                                BytesView plaintext, Rng& rng);
// DecryptWithLabel. INVALID_ARGUMENT when it does not open.
absl::StatusOr<SecretBytes> DecryptWithLabel(const EncryptionScope& scope, const HpkeKeyPair& own,
                                             const HpkeCiphertext& sealed);

}  // namespace enlace::crypto
