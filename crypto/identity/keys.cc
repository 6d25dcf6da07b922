#include "crypto/identity/keys.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <utility>

#include "crypto/identity/openssl.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr const char* kP256Name = "prime256v1";
constexpr size_t kP256ScalarBytes = 32;

struct FreeGroup {
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
};
struct FreePoint {
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
};
struct FreeParamBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeParams {
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
using GroupPtr = std::unique_ptr<EC_GROUP, FreeGroup>;

// Only a lack of memory or a library without these algorithms fails where this is used.
void MustHold(bool condition) {
  if (!condition) std::abort();
}

// A scalar that is uniform in [1, n - 1]: drawn again until it is in range, which is almost always
// the first time.
BignumPtr DrawScalar(const EC_GROUP* group, crypto::Rng& rng) {
  while (true) {
    const SecretBytes raw = rng.Secret(kP256ScalarBytes);
    BignumPtr scalar(BN_secure_new());
    MustHold(scalar != nullptr &&
             BN_bin2bn(raw.view().data(), kP256ScalarBytes, scalar.get()) != nullptr);
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(scalar.get()) == 0 && BN_cmp(scalar.get(), EC_GROUP_get0_order(group)) < 0)
      return scalar;
  }
}

Bytes PublicPoint(const EC_GROUP* group, const BIGNUM* scalar) {
  const std::unique_ptr<EC_POINT, FreePoint> point(EC_POINT_new(group));
  MustHold(point != nullptr &&
           EC_POINT_mul(group, point.get(), scalar, nullptr, nullptr, nullptr) == 1);
  Bytes encoded(1 + 2 * kP256ScalarBytes);
  const size_t size = EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                         encoded.data(), encoded.size(), nullptr);
  MustHold(size == encoded.size());
  return encoded;
}

EvpKeyPtr GenerateP256(crypto::Rng& rng) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  MustHold(group != nullptr);
  const BignumPtr scalar = DrawScalar(group.get(), rng);
  const Bytes point = PublicPoint(group.get(), scalar.get());
  const std::unique_ptr<OSSL_PARAM_BLD, FreeParamBuilder> builder(OSSL_PARAM_BLD_new());
  MustHold(builder != nullptr &&
           OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kP256Name,
                                           0) == 1 &&
           OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size()) == 1);
  const std::unique_ptr<OSSL_PARAM, FreeParams> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const EvpKeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  MustHold(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
           EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) == 1);
  return EvpKeyPtr(key);
}

SecretBytes ToPkcs8(EVP_PKEY* key) {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));
  MustHold(info != nullptr);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  MustHold(size > 0);
  SecretBytes der(static_cast<size_t>(size));
  uint8_t* out = der.mutable_view().data();
  MustHold(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out) == size);
  return der;
}

}  // namespace

absl::StatusOr<KeyType> KeyTypeOf(EVP_PKEY* key) {
  if (key == nullptr) return InvalidArgument("public key can't be read");
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyType::kEd25519;
  char group[32] = {};
  size_t size = 0;
  const bool is_p256 = EVP_PKEY_is_a(key, "EC") == 1 &&
                       EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                                      sizeof(group), &size) == 1 &&
                       std::string_view(group, size) == kP256Name;
  if (!is_p256) return InvalidArgument("key is neither Ed25519 nor P-256");
  return KeyType::kP256;
}

EvpKeyPtr ToEvpKey(const PrivateKey& key) {
  const uint8_t* in = key.pkcs8().view().data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &in, static_cast<long>(key.pkcs8().size())));
  return EvpKeyPtr(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
}

const EVP_MD* DigestFor(KeyType type) { return type == KeyType::kP256 ? EVP_sha256() : nullptr; }

PrivateKey::PrivateKey(KeyType type, SecretBytes pkcs8, Bytes public_key_info)
    : type_(type), pkcs8_(std::move(pkcs8)), public_key_info_(std::move(public_key_info)) {}

PrivateKey PrivateKey::Generate(KeyType type, crypto::Rng& rng) {
  if (type == KeyType::kEd25519) {
    return std::move(FromEd25519Seed(rng.Secret(crypto::kSignatureSeedBytes).view())).value();
  }
  const EvpKeyPtr key = GenerateP256(rng);
  return PrivateKey(type, ToPkcs8(key.get()), ToDer(key.get(), i2d_PUBKEY));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPkcs8(BytesView der) {
  const uint8_t* in = der.data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &in, static_cast<long>(der.size())));
  if (info == nullptr || in != der.data() + der.size()) {
    return InvalidArgument("not a PKCS#8 private key");
  }
  const EvpKeyPtr key(EVP_PKCS82PKEY(info.get()));
  ENLACE_ASSIGN_OR_RETURN(const KeyType type, KeyTypeOf(key.get()));
  return PrivateKey(type, ToPkcs8(key.get()), ToDer(key.get(), i2d_PUBKEY));
}

absl::StatusOr<PrivateKey> PrivateKey::FromEd25519Seed(BytesView seed) {
  if (seed.size() != crypto::kSignatureSeedBytes) {
    return InvalidArgument("Ed25519 private key is not 32 bytes");
  }
  const EvpKeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  MustHold(key != nullptr);
  return PrivateKey(KeyType::kEd25519, ToPkcs8(key.get()), ToDer(key.get(), i2d_PUBKEY));
}

absl::StatusOr<crypto::SigningKey> PrivateKey::ToSigningKey() const {
  if (type_ != KeyType::kEd25519)
    return FailedPrecondition("only Ed25519 keys sign our structures");
  const EvpKeyPtr key = ToEvpKey(*this);
  SecretBytes seed(crypto::kSignatureSeedBytes);
  size_t size = seed.size();
  MustHold(key != nullptr &&
           EVP_PKEY_get_raw_private_key(key.get(), seed.mutable_view().data(), &size) == 1 &&
           size == seed.size());
  return crypto::SigningKey::FromSeed(seed.view());
}

SecretBytes PrivateKey::ToPem() const {
  // A secure-memory BIO is wiped when it is freed.
  const std::unique_ptr<BIO, OpensslRelease<BIO_free>> bio(BIO_new(BIO_s_secmem()));
  const EvpKeyPtr key = ToEvpKey(*this);
  MustHold(bio != nullptr && key != nullptr &&
           PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  MustHold(size > 0);
  return SecretBytes::CopyOf(AsBytes(std::string_view(data, static_cast<size_t>(size))));
}

PrivateKey PrivateKey::Clone() const { return PrivateKey(type_, pkcs8_.Clone(), public_key_info_); }

}  // namespace enlace::identity
