// HPKE against RFC 9180 appendix A.1.1 (AES-128-GCM) and A.2.1 (ChaCha20-Poly1305), base mode, and
// X25519 against RFC 7748.

#include "crypto/primitives/hpke.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <string>
#include <utility>

#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/system_rng.h"
#include "tests/unit/crypto/hex.h"

namespace enlace::crypto {
namespace {

struct Sealed {
  uint64_t sequence;
  const char* aad;
  const char* ciphertext;
};

struct Exported {
  const char* context;
  const char* value;
};

struct HpkeVector {
  AeadId aead;
  const char* ikm_e;
  const char* sk_e;
  const char* pk_e;
  const char* ikm_r;
  const char* sk_r;
  const char* pk_r;
  std::vector<Sealed> sealed;
  std::vector<Exported> exported;
};

constexpr char kInfo[] = "4f6465206f6e2061204772656369616e2055726e";
constexpr char kPlaintext[] = "4265617574792069732074727574682c20747275746820626561757479";

const HpkeVector kHpkeVectors[] = {
    {AeadId::kAes128Gcm,
     "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
     "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
     "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
     "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
     "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
     "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
     {{0, "436f756e742d30",
       "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512"
       "a"},
      {1, "436f756e742d31",
       "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b8"
       "4"},
      {2, "436f756e742d32",
       "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc1"
       "80"},
      {4, "436f756e742d34",
       "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c024"
       "6d"},
      {255, "436f756e742d323535",
       "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e"
       "0a"},
      {256, "436f756e742d323536",
       "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9"
       "f2"}},
     {{"", "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee"},
      {"00", "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"},
      {"54657374436f6e74657874",
       "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"}}},
    {AeadId::kChaCha20Poly1305,
     "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
     "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
     "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
     "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df",
     "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
     "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
     {{0, "436f756e742d30",
       "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a2"
       "8"},
      {1, "436f756e742d31",
       "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98"
       "c"},
      {2, "436f756e742d32",
       "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae8"
       "6b"},
      {4, "436f756e742d34",
       "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe"
       "16"},
      {255, "436f756e742d323535",
       "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a9"
       "5c"},
      {256, "436f756e742d323536",
       "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a"
       "5b"}},
     {{"", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"},
      {"00", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"},
      {"54657374436f6e74657874",
       "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"}}},
};

class Rfc9180Test : public testing::TestWithParam<HpkeVector> {};

TEST_P(Rfc9180Test, DerivesTheKeyPairs) {
  const HpkeVector& v = GetParam();
  EXPECT_EQ(ToHex(HpkeKeyPair::Derive(Hex(v.ikm_e)).private_key()), v.sk_e);
  EXPECT_EQ(ToHex(HpkeKeyPair::Derive(Hex(v.ikm_e)).public_key()), v.pk_e);
  EXPECT_EQ(ToHex(HpkeKeyPair::Derive(Hex(v.ikm_r)).private_key()), v.sk_r);
  EXPECT_EQ(ToHex(HpkeKeyPair::Derive(Hex(v.ikm_r)).public_key()), v.pk_r);
}

TEST_P(Rfc9180Test, SealsOpensAndExportsAsPublished) {
  const HpkeVector& v = GetParam();
  const HpkeInfo info(Aead(v.aead), Hex(kInfo));
  auto sender = Hpke::SetupSender(info, Hex(v.pk_r), HpkeKeyPair::FromPrivate(Hex(v.sk_e)).value());
  ASSERT_TRUE(sender.ok()) << sender.status();
  EXPECT_EQ(ToHex(sender->kem_output), v.pk_e);
  auto receiver =
      Hpke::SetupReceiver(info, HpkeKeyPair::FromPrivate(Hex(v.sk_r)).value(), sender->kem_output);
  ASSERT_TRUE(receiver.ok()) << receiver.status();
  for (const Sealed& one : v.sealed) {
    EXPECT_EQ(ToHex(sender->context.Seal(one.sequence, Hex(one.aad), Hex(kPlaintext))),
              one.ciphertext);
    auto opened = receiver->Open(one.sequence, Hex(one.aad), Hex(one.ciphertext));
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(ToHex(opened->view()), kPlaintext);
  }
  for (const Exported& one : v.exported) {
    EXPECT_EQ(ToHex(receiver->Export(Hex(one.context), 32).view()), one.value);
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, Rfc9180Test, testing::ValuesIn(kHpkeVectors));

// Public keys are computed over the Edwards curve; libsodium's own function is the reference.
TEST(HpkeKeyPairTest, PublicKey_IsTheBasePointTimesThePrivateKey) {
  SystemRng rng;
  for (int i = 0; i < 500; ++i) {
    Bytes private_key = rng.PublicBytes(kHpkePrivateKeyBytes);
    if (i == 0) private_key.assign(kHpkePrivateKeyBytes, 0x00);
    if (i == 1) private_key.assign(kHpkePrivateKeyBytes, 0xff);
    Bytes expected(kHpkePublicKeyBytes);
    ASSERT_EQ(crypto_scalarmult_base(expected.data(), private_key.data()), 0);
    const auto pair = HpkeKeyPair::FromPrivate(private_key);
    ASSERT_TRUE(pair.ok());
    ASSERT_EQ(ToHex(pair->public_key()), ToHex(expected)) << ToHex(private_key);
  }
}

struct X25519Vector {
  const char* scalar;
  const char* u;
  const char* product;
};

// RFC 7748 section 5.2, of which the second u has its unused topmost bit set, and section 6.1 from
// Bob's side.
const X25519Vector kX25519Vectors[] = {
    {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
};

TEST(X25519Test, MatchesRfc7748) {
  for (const X25519Vector& v : kX25519Vectors) {
    const auto shared = X25519(Hex(v.scalar), Hex(v.u));
    ASSERT_TRUE(shared.ok());
    EXPECT_EQ(ToHex(shared->view()), v.product);
  }
}

TEST(X25519Test, MatchesTheIterationOfRfc7748Section52) {
  Bytes k = Hex("0900000000000000000000000000000000000000000000000000000000000000");
  Bytes u = k;
  for (int i = 1; i <= 1000; ++i) {
    const auto next = X25519(k, u);
    ASSERT_TRUE(next.ok());
    u = std::exchange(k, ToBytes(next->view()));
    if (i == 1) {
      EXPECT_EQ(ToHex(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  EXPECT_EQ(ToHex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

// RFC 7748 section 6.1: the public key of Bob.
TEST(HpkeKeyPairTest, PublicKey_MatchesRfc7748) {
  const auto pair = HpkeKeyPair::FromPrivate(
      Hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(ToHex(pair->public_key()),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

// Both sides compute the same secret whichever of the two ways made their public keys.
TEST(HpkeKeyPairTest, PublicKeyOfEitherWay_AgreesOnOneSecret) {
  SystemRng rng;
  for (int i = 0; i < 100; ++i) {
    const HpkeKeyPair a = HpkeKeyPair::Generate(rng);
    const HpkeKeyPair b = HpkeKeyPair::Generate(rng);
    Bytes montgomery(kHpkePublicKeyBytes);
    ASSERT_EQ(crypto_scalarmult_base(montgomery.data(), b.private_key().data()), 0);
    const auto from_a = X25519(a.private_key(), montgomery);
    const auto from_b = X25519(b.private_key(), a.public_key());
    ASSERT_TRUE(from_a.ok() && from_b.ok());
    EXPECT_TRUE(from_a->ConstantTimeEquals(from_b->view()));
  }
}

// The points of small order of Curve25519 and its twist, whose product with any key is zero: 0, 1,
// the two of order 8, p - 1, and p and p + 1 as non-canonical names of 0 and 1; then the same with
// the topmost bit set, which X25519 ignores (RFC 7748 section 5).
class LowOrderTest : public testing::TestWithParam<const char*> {};

TEST_P(LowOrderTest, PublicKeyOfLowOrder_IsRefusedEverywhere) {
  SystemRng rng;
  const HpkeKeyPair own = HpkeKeyPair::Generate(rng);
  const Bytes point = Hex(GetParam());
  EXPECT_FALSE(X25519(own.private_key(), point).ok());
  const EncryptionScope scope{CipherSuite::Rooms(), "test", AsBytes("context")};
  EXPECT_FALSE(EncryptWithLabel(scope, point, AsBytes("secret"), rng).ok());
  EXPECT_FALSE(DecryptWithLabel(scope, own, {point, Bytes(32)}).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Points, LowOrderTest,
    testing::Values("0000000000000000000000000000000000000000000000000000000000000000",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "0000000000000000000000000000000000000000000000000000000000000080",
                    "0100000000000000000000000000000000000000000000000000000000000080",
                    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
                    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
                    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));

TEST(HpkeTest, AlteredCiphertextContextOrLabel_DoesNotOpen) {
  SystemRng rng;
  for (const uint16_t id : {uint16_t{1}, uint16_t{3}}) {
    const CipherSuite suite = CipherSuite::FromId(id).value();
    const HpkeKeyPair own = HpkeKeyPair::Generate(rng);
    const EncryptionScope scope{suite, "label", AsBytes("context")};
    HpkeCiphertext sealed =
        EncryptWithLabel(scope, own.public_key(), AsBytes("secret"), rng).value();
    EXPECT_TRUE(DecryptWithLabel(scope, own, sealed).ok());
    EXPECT_FALSE(DecryptWithLabel({suite, "Label", AsBytes("context")}, own, sealed).ok());
    EXPECT_FALSE(DecryptWithLabel({suite, "label", AsBytes("context2")}, own, sealed).ok());
    for (size_t i = 0; i < sealed.ciphertext.size(); ++i) {
      sealed.ciphertext[i] ^= 1;
      EXPECT_FALSE(DecryptWithLabel(scope, own, sealed).ok()) << i;
      sealed.ciphertext[i] ^= 1;
    }
    sealed.ciphertext.resize(kAeadTagBytes - 1);
    EXPECT_FALSE(DecryptWithLabel(scope, own, sealed).ok());
    sealed.kem_output.pop_back();
    EXPECT_FALSE(DecryptWithLabel(scope, own, sealed).ok());
  }
}

}  // namespace
}  // namespace enlace::crypto
