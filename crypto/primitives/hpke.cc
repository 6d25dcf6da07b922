#include "crypto/primitives/hpke.h"

#include <openssl/bn.h>
#include <sodium.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/status.h"

namespace enlace::crypto {
namespace {

constexpr uint16_t kKemX25519HkdfSha256 = 0x0020;
constexpr uint16_t kKdfHkdfSha256 = 0x0001;
constexpr uint8_t kModeBase = 0x00;

void AppendU16(Bytes& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

// "KEM" || I2OSP(kem_id, 2), RFC 9180 section 4.1.
Bytes KemSuiteId() {
  Bytes out = ToBytes("KEM");
  AppendU16(out, kKemX25519HkdfSha256);
  return out;
}

// "HPKE" || kem_id || kdf_id || aead_id, RFC 9180 section 5.1.
Bytes HpkeSuiteId(AeadId aead) {
  Bytes out = ToBytes("HPKE");
  AppendU16(out, kKemX25519HkdfSha256);
  AppendU16(out, kKdfHkdfSha256);
  AppendU16(out, static_cast<uint16_t>(aead));
  return out;
}

// RFC 9180 section 4. The salt is public here or the shared secret; the key state handles either.
SecretBytes LabeledExtract(BytesView suite_id, BytesView salt, std::string_view label,
                           BytesView ikm) {
  SecretBytes out(kHashBytes);
  HmacKey(salt).Derive({AsBytes("HPKE-v1"), suite_id, AsBytes(label), ikm}, out.mutable_view());
  return out;
}

SecretBytes LabeledExpand(BytesView suite_id, const HmacKey& prk, std::string_view label,
                          BytesView info, size_t size_bytes) {
  Bytes labeled;
  labeled.reserve(info.size() + 32);
  AppendU16(labeled, size_bytes);
  Append(labeled, AsBytes("HPKE-v1"));
  Append(labeled, suite_id);
  Append(labeled, AsBytes(label));
  Append(labeled, info);
  return HkdfExpand(prk, labeled, size_bytes);
}

// ExtractAndExpand of DHKEM, RFC 9180 section 4.1.
SecretBytes SharedSecret(BytesView dh, BytesView kem_output, BytesView recipient_public) {
  const Bytes suite_id = KemSuiteId();
  const HmacKey prk(LabeledExtract(suite_id, {}, "eae_prk", dh).view());
  Bytes kem_context = ToBytes(kem_output);
  Append(kem_context, recipient_public);
  return LabeledExpand(suite_id, prk, "shared_secret", kem_context, kHashBytes);
}

struct FreeBignum {
  void operator()(BIGNUM* value) const { BN_free(value); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Bignum = std::unique_ptr<BIGNUM, FreeBignum>;

// 2^255 - 19.
const BIGNUM* FieldPrime() {
  static const BIGNUM* const prime = [] {
    BIGNUM* value = BN_new();
    const bool ok = value != nullptr && BN_set_bit(value, 255) == 1 && BN_sub_word(value, 19) == 1;
    if (!ok) std::abort();
    return value;
  }();
  return prime;
}

// The u-coordinate of the Montgomery curve for the y-coordinate of a point of the Edwards curve,
// (1 + y) / (1 - y) (RFC 7748 section 4.1). The point is a public key, so nothing here is secret.
void ToMontgomery(std::span<uint8_t> point) {
  const BIGNUM* prime = FieldPrime();
  const std::unique_ptr<BN_CTX, FreeBignum> context(BN_CTX_new());
  // The topmost bit is the sign of x.
  point.back() &= 0x7f;
  const Bignum y(BN_lebin2bn(point.data(), static_cast<int>(point.size()), nullptr));
  const Bignum divisor(BN_new());
  const Bignum u(BN_new());
  const bool ok = context && y && divisor && u && BN_one(divisor.get()) == 1 &&
                  BN_mod_sub(divisor.get(), divisor.get(), y.get(), prime, context.get()) == 1 &&
                  BN_add_word(y.get(), 1) == 1 &&
                  BN_mod_inverse(u.get(), divisor.get(), prime, context.get()) != nullptr &&
                  BN_mod_mul(u.get(), u.get(), y.get(), prime, context.get()) == 1 &&
                  BN_bn2lebinpad(u.get(), point.data(), static_cast<int>(point.size())) >= 0;
  if (!ok) std::abort();
}

// The public key of a private one. libsodium multiplies the base point of the Edwards curve, in
// constant time and with a table, twice as fast as that of the Montgomery curve, which is the same
// point; the result is then mapped over.
Bytes BasePoint(BytesView private_key) {
  // Clamped here, as libsodium refuses a scalar of zero before it clamps it itself (RFC 7748
  // section 5).
  SecretBytes scalar = SecretBytes::CopyOf(private_key);
  scalar.mutable_view().front() &= 0xf8;
  scalar.mutable_view().back() &= 0x7f;
  scalar.mutable_view().back() |= 0x40;
  Bytes public_key(kHpkePublicKeyBytes);
  // The base point has prime order: no clamped scalar takes it to the neutral element.
  if (crypto_scalarmult_ed25519_base(public_key.data(), scalar.view().data()) != 0) std::abort();
  ToMontgomery(public_key);
  return public_key;
}

}  // namespace

HpkeKeyPair HpkeKeyPair::Generate(Rng& rng) {
  SecretBytes private_key = rng.Secret(kHpkePrivateKeyBytes);
  Bytes public_key = BasePoint(private_key.view());
  return HpkeKeyPair(std::move(private_key), std::move(public_key));
}

HpkeKeyPair HpkeKeyPair::Derive(BytesView ikm) {
  const Bytes suite_id = KemSuiteId();
  const HmacKey prk(LabeledExtract(suite_id, {}, "dkp_prk", ikm).view());
  SecretBytes private_key = LabeledExpand(suite_id, prk, "sk", {}, kHpkePrivateKeyBytes);
  Bytes public_key = BasePoint(private_key.view());
  return HpkeKeyPair(std::move(private_key), std::move(public_key));
}

absl::StatusOr<HpkeKeyPair> HpkeKeyPair::FromPrivate(BytesView private_key) {
  if (private_key.size() != kHpkePrivateKeyBytes)
    return InvalidArgument("HPKE private key is not 32 bytes");
  return HpkeKeyPair(SecretBytes::CopyOf(private_key), BasePoint(private_key));
}

absl::StatusOr<HpkeKeyPair> HpkeKeyPair::FromStored(BytesView private_key, BytesView public_key) {
  if (private_key.size() != kHpkePrivateKeyBytes)
    return InvalidArgument("HPKE private key is not 32 bytes");
  if (public_key.size() != kHpkePublicKeyBytes)
    return InvalidArgument("HPKE public key is not 32 bytes");
  return HpkeKeyPair(SecretBytes::CopyOf(private_key), ToBytes(public_key));
}

absl::StatusOr<SecretBytes> X25519(BytesView private_key, BytesView public_key) {
  if (private_key.size() != kHpkePrivateKeyBytes)
    return InvalidArgument("X25519 private key is not 32 bytes");
  if (public_key.size() != kHpkePublicKeyBytes)
    return InvalidArgument("X25519 public key is not 32 bytes");
  SecretBytes shared(crypto_scalarmult_BYTES);
  // libsodium reports the all-zero output of low-order points here (RFC 7748 section 6.1).
  if (crypto_scalarmult(shared.mutable_view().data(), private_key.data(), public_key.data()) != 0) {
    return InvalidArgument("X25519 public key is of low order");
  }
  return shared;
}

HpkeInfo::HpkeInfo(Aead aead, BytesView info) : aead_(aead), key_schedule_context_{kModeBase} {
  const Bytes suite_id = HpkeSuiteId(aead.id());
  Append(key_schedule_context_, LabeledExtract(suite_id, {}, "psk_id_hash", {}).view());
  Append(key_schedule_context_, LabeledExtract(suite_id, {}, "info_hash", info).view());
}

HpkeContext::HpkeContext(const HpkeInfo& info, BytesView shared_secret) : aead_(info.aead_) {
  const Bytes suite_id = HpkeSuiteId(aead_.id());
  const BytesView context = info.key_schedule_context_;
  const HmacKey secret(LabeledExtract(suite_id, shared_secret, "secret", {}).view());
  key_ = LabeledExpand(suite_id, secret, "key", context, aead_.key_bytes());
  base_nonce_ = LabeledExpand(suite_id, secret, "base_nonce", context, kAeadNonceBytes);
  exporter_secret_ = LabeledExpand(suite_id, secret, "exp", context, kHashBytes);
}

SecretBytes HpkeContext::Nonce(uint64_t sequence) const {
  SecretBytes nonce = base_nonce_.Clone();
  for (size_t i = 0; i < 8; ++i) {
    nonce.mutable_view()[kAeadNonceBytes - 1 - i] ^= static_cast<uint8_t>(sequence >> (8 * i));
  }
  return nonce;
}

Bytes HpkeContext::Seal(uint64_t sequence, BytesView aad, BytesView plaintext) const {
  const SecretBytes nonce = Nonce(sequence);
  return aead_.Seal({key_.view(), nonce.view()}, aad, plaintext);
}

absl::StatusOr<SecretBytes> HpkeContext::Open(uint64_t sequence, BytesView aad,
                                              BytesView ciphertext) const {
  const SecretBytes nonce = Nonce(sequence);
  return aead_.Open({key_.view(), nonce.view()}, aad, ciphertext);
}

SecretBytes HpkeContext::Export(BytesView exporter_context, size_t size_bytes) const {
  const HmacKey exporter(exporter_secret_.view());
  return LabeledExpand(HpkeSuiteId(aead_.id()), exporter, "sec", exporter_context, size_bytes);
}

absl::StatusOr<Hpke::Sender> Hpke::SetupSender(const HpkeInfo& info, BytesView public_key,
                                               Rng& rng) {
  return SetupSender(info, public_key, HpkeKeyPair::Generate(rng));
}

absl::StatusOr<Hpke::Sender> Hpke::SetupSender(const HpkeInfo& info, BytesView public_key,
                                               const HpkeKeyPair& ephemeral) {
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes dh, X25519(ephemeral.private_key(), public_key));
  const SecretBytes shared = SharedSecret(dh.view(), ephemeral.public_key(), public_key);
  return Sender{ToBytes(ephemeral.public_key()), HpkeContext(info, shared.view())};
}

absl::StatusOr<HpkeContext> Hpke::SetupReceiver(const HpkeInfo& info, const HpkeKeyPair& own,
                                                BytesView kem_output) {
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes dh, X25519(own.private_key(), kem_output));
  const SecretBytes shared = SharedSecret(dh.view(), kem_output, own.public_key());
  return HpkeContext(info, shared.view());
}

}  // namespace enlace::crypto
