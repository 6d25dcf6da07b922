// HPKE against RFC 9180 appendix A.1.1 (AES-128-GCM) and A.2.1 (ChaCha20-Poly1305), base mode, and
// X25519 against RFC 7748.

#include "crypto/primitives/hpke.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <string>

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

const HpkeVector kVectors[] = {
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
       "4"}},
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
       "c"}},
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

INSTANTIATE_TEST_SUITE_P(Vectors, Rfc9180Test, testing::ValuesIn(kVectors));

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

TEST(X25519Test, MatchesRfc7748) {
  const auto shared =
      X25519(Hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
             Hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"));
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(ToHex(shared->view()),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

// The points of small order of Curve25519, whose product with any key is zero.
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
                    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));

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
