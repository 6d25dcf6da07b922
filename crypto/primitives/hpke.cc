#include "crypto/primitives/hpke.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "crypto/primitives/field25519.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/status.h"

namespace enlace::crypto {
namespace {

constexpr uint16_t kKemX25519HkdfSha256 = 0x0020;
constexpr uint16_t kKdfHkdfSha256 = 0x0001;
constexpr uint8_t kModeBase = 0x00;

constexpr uint8_t High(size_t value) { return static_cast<uint8_t>(value >> 8); }
constexpr uint8_t Low(size_t value) { return static_cast<uint8_t>(value); }

constexpr std::string_view kVersionLabel = "HPKE-v1";

// "KEM" || I2OSP(kem_id, 2), RFC 9180 section 4.1.
constexpr std::array<uint8_t, 5> kKemSuiteId = {'K', 'E', 'M', High(kKemX25519HkdfSha256),
                                                Low(kKemX25519HkdfSha256)};

// "HPKE" || kem_id || kdf_id || aead_id, RFC 9180 section 5.1.
std::array<uint8_t, 10> HpkeSuiteId(AeadId aead) {
  const auto id = static_cast<size_t>(aead);
  return {'H',
          'P',
          'K',
          'E',
          High(kKemX25519HkdfSha256),
          Low(kKemX25519HkdfSha256),
          High(kKdfHkdfSha256),
          Low(kKdfHkdfSha256),
          High(id),
          Low(id)};
}

// The key state of an empty salt, which most extractions have: nothing in it is secret.
const HmacKey& EmptySalt() {
  static const auto* const key = new HmacKey(BytesView{});
  return *key;
}

// LabeledExtract and LabeledExpand, RFC 9180 section 4.
SecretBytes LabeledExtract(BytesView suite_id, const HmacKey& salt, std::string_view label,
                           BytesView ikm) {
  SecretBytes out(kHashBytes);
  salt.Derive({AsBytes(kVersionLabel), suite_id, AsBytes(label), ikm}, out.mutable_view());
  return out;
}

// LabeledExtract of public data with an empty salt. The info of a Welcome is its encrypted
// GroupInfo, which has the size of the tree.
Digest PublicExtract(BytesView suite_id, std::string_view label, BytesView ikm) {
  return PublicHmacSha256({AsBytes(kVersionLabel), suite_id, AsBytes(label), ikm});
}

// The info comes in two parts, of which either may be empty.
SecretBytes LabeledExpand(BytesView suite_id, const HmacKey& prk, std::string_view label,
                          std::pair<BytesView, BytesView> info, size_t size_bytes) {
  const std::array<uint8_t, 2> length = {High(size_bytes), Low(size_bytes)};
  SecretBytes out(size_bytes);
  prk.Expand({length, AsBytes(kVersionLabel), suite_id, AsBytes(label), info.first, info.second},
             out.mutable_view());
  return out;
}

// ExtractAndExpand of DHKEM, RFC 9180 section 4.1.
SecretBytes SharedSecret(BytesView dh, BytesView kem_output, BytesView recipient_public) {
  const HmacKey prk(LabeledExtract(kKemSuiteId, EmptySalt(), "eae_prk", dh).view());
  return LabeledExpand(kKemSuiteId, prk, "shared_secret", {kem_output, recipient_public},
                       kHashBytes);
}

// The private key of DeriveKeyPair, RFC 9180 section 7.1.3.
SecretBytes DerivePrivateKey(BytesView ikm) {
  const HmacKey prk(LabeledExtract(kKemSuiteId, EmptySalt(), "dkp_prk", ikm).view());
  return LabeledExpand(kKemSuiteId, prk, "sk", {}, kHpkePrivateKeyBytes);
}

void Check(bool holds) {
  if (!holds) std::abort();
}

using PointBytes = std::array<uint8_t, kHpkePublicKeyBytes>;

// From points of the Edwards curve to the u-coordinates of the same points on the Montgomery curve,
// (1 + y) / (1 - y) (RFC 7748 section 4.1). All denominators are inverted together: the inverse of
// their product, times the product of all others, is that of each. The points are public keys, so
// nothing here is secret.
void ToMontgomery(std::span<PointBytes> points) {
  // The product of the denominators before each point's own.
  std::vector<FieldElement> before;
  before.reserve(points.size());
  const FieldElement one(1);
  FieldElement product = one;
  for (const PointBytes& point : points) {
    before.push_back(product);
    // The topmost bit, the sign of x, is left out. y is not 1 (EdwardsBasePoint).
    product = product * (one - FieldElement::FromBytes(point));
  }
  product = product.Inverse();
  for (size_t i = points.size(); i-- > 0;) {
    // The product is now the inverse of the first i + 1 denominators.
    const FieldElement y = FieldElement::FromBytes(points[i]);
    points[i] = ((one + y) * product * before[i]).ToBytes();
    product = product * (one - y);
  }
}

// The base point times a private key. libsodium multiplies the base point of the Edwards curve, in
// constant time and with a table, twice as fast as that of the Montgomery curve, which is the same
// point.
PointBytes EdwardsBasePoint(BytesView private_key) {
  // Clamped here, as libsodium refuses a scalar of zero before it clamps it itself (RFC 7748
  // section 5).
  SecretBytes scalar = SecretBytes::CopyOf(private_key);
  scalar.mutable_view().front() &= 0xf8;
  scalar.mutable_view().back() &= 0x7f;
  scalar.mutable_view().back() |= 0x40;
  PointBytes point;
  // The base point has prime order: no clamped scalar takes it to the neutral element, whose y
  // is 1.
  Check(crypto_scalarmult_ed25519_base(point.data(), scalar.view().data()) == 0);
  return point;
}

}  // namespace

std::vector<HpkeKeyPair> HpkeKeyPair::FromPrivateKeys(std::vector<SecretBytes> private_keys) {
  std::vector<HpkeKeyPair> out;
  if (private_keys.empty()) return out;
  std::vector<PointBytes> points;
  points.reserve(private_keys.size());
  for (const SecretBytes& key : private_keys) points.push_back(EdwardsBasePoint(key.view()));
  ToMontgomery(points);
  out.reserve(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    out.push_back(HpkeKeyPair(std::move(private_keys[i]), points[i]));
  }
  return out;
}

HpkeKeyPair HpkeKeyPair::FromPrivateKey(SecretBytes private_key) {
  PointBytes point = EdwardsBasePoint(private_key.view());
  ToMontgomery({&point, 1});
  return HpkeKeyPair(std::move(private_key), point);
}

HpkeKeyPair HpkeKeyPair::Generate(Rng& rng) {
  return FromPrivateKey(rng.Secret(kHpkePrivateKeyBytes));
}

HpkeKeyPair HpkeKeyPair::Derive(BytesView ikm) { return FromPrivateKey(DerivePrivateKey(ikm)); }

std::vector<HpkeKeyPair> HpkeKeyPair::GenerateMany(size_t count, Rng& rng) {
  std::vector<SecretBytes> private_keys;
  private_keys.reserve(count);
  for (size_t i = 0; i < count; ++i) private_keys.push_back(rng.Secret(kHpkePrivateKeyBytes));
  return FromPrivateKeys(std::move(private_keys));
}

std::vector<HpkeKeyPair> HpkeKeyPair::DeriveMany(std::span<const SecretBytes> ikms) {
  std::vector<SecretBytes> private_keys;
  private_keys.reserve(ikms.size());
  for (const SecretBytes& ikm : ikms) private_keys.push_back(DerivePrivateKey(ikm.view()));
  return FromPrivateKeys(std::move(private_keys));
}

absl::StatusOr<HpkeKeyPair> HpkeKeyPair::FromPrivate(BytesView private_key) {
  if (private_key.size() != kHpkePrivateKeyBytes)
    return InvalidArgument("HPKE private key is not 32 bytes");
  return FromPrivateKey(SecretBytes::CopyOf(private_key));
}

absl::StatusOr<HpkeKeyPair> HpkeKeyPair::FromStored(BytesView private_key, BytesView public_key) {
  if (private_key.size() != kHpkePrivateKeyBytes)
    return InvalidArgument("HPKE private key is not 32 bytes");
  if (public_key.size() != kHpkePublicKeyBytes)
    return InvalidArgument("HPKE public key is not 32 bytes");
  PublicKey copy;
  std::copy(public_key.begin(), public_key.end(), copy.begin());
  return HpkeKeyPair(SecretBytes::CopyOf(private_key), copy);
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
  const auto suite_id = HpkeSuiteId(aead.id());
  Append(key_schedule_context_, PublicExtract(suite_id, "psk_id_hash", {}));
  Append(key_schedule_context_, PublicExtract(suite_id, "info_hash", info));
}

HpkeContext::HpkeContext(const HpkeInfo& info, BytesView shared_secret)
    : aead_(info.aead_),
      key_schedule_context_(info.key_schedule_context_),
      secret_(
          LabeledExtract(HpkeSuiteId(aead_.id()), HmacKey(shared_secret), "secret", {}).view()) {}

SecretBytes HpkeContext::Key() const {
  return LabeledExpand(HpkeSuiteId(aead_.id()), secret_, "key", {key_schedule_context_, {}},
                       aead_.key_bytes());
}

SecretBytes HpkeContext::Nonce(uint64_t sequence) const {
  SecretBytes nonce = LabeledExpand(HpkeSuiteId(aead_.id()), secret_, "base_nonce",
                                    {key_schedule_context_, {}}, kAeadNonceBytes);
  for (size_t i = 0; i < 8; ++i) {
    nonce.mutable_view()[kAeadNonceBytes - 1 - i] ^= static_cast<uint8_t>(sequence >> (8 * i));
  }
  return nonce;
}

Bytes HpkeContext::Seal(uint64_t sequence, BytesView aad, BytesView plaintext) const {
  const SecretBytes key = Key();
  const SecretBytes nonce = Nonce(sequence);
  return aead_.Seal({key.view(), nonce.view()}, aad, plaintext);
}

absl::StatusOr<SecretBytes> HpkeContext::Open(uint64_t sequence, BytesView aad,
                                              BytesView ciphertext) const {
  const SecretBytes key = Key();
  const SecretBytes nonce = Nonce(sequence);
  return aead_.Open({key.view(), nonce.view()}, aad, ciphertext);
}

SecretBytes HpkeContext::Export(BytesView exporter_context, size_t size_bytes) const {
  const auto suite_id = HpkeSuiteId(aead_.id());
  const HmacKey exporter(
      LabeledExpand(suite_id, secret_, "exp", {key_schedule_context_, {}}, kHashBytes).view());
  return LabeledExpand(suite_id, exporter, "sec", {exporter_context, {}}, size_bytes);
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
