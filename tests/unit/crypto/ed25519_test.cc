// Ed25519 against RFC 8032 section 7.1 and against keys that verify anything.

#include "crypto/primitives/ed25519.h"

#include <gtest/gtest.h>

#include "crypto/primitives/system_rng.h"
#include "tests/unit/crypto/hex.h"

namespace enlace::crypto {
namespace {

struct Vector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

const Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
};

TEST(SigningKeyTest, MatchesRfc8032) {
  for (const Vector& v : kVectors) {
    const SigningKey key = SigningKey::FromSeed(Hex(v.seed)).value();
    EXPECT_EQ(ToHex(key.public_key()), v.public_key);
    EXPECT_EQ(ToHex(key.seed()), v.seed);
    EXPECT_EQ(ToHex(key.Sign(Hex(v.message))), v.signature);
    EXPECT_TRUE(VerifySignature(Hex(v.public_key), Hex(v.message), Hex(v.signature)).ok());
  }
}

TEST(SigningKeyTest, SeedOfAnotherLength_IsRefused) {
  for (size_t length : {0u, 31u, 33u, 64u}) EXPECT_FALSE(SigningKey::FromSeed(Bytes(length)).ok());
}

TEST(VerifySignatureTest, AlteredMessageKeyOrSignature_IsRefused) {
  SystemRng rng;
  const SigningKey key = SigningKey::Generate(rng);
  const Bytes message = ToBytes("message");
  const Bytes signature = key.Sign(message);
  EXPECT_TRUE(VerifySignature(key.public_key(), message, signature).ok());
  EXPECT_FALSE(VerifySignature(key.public_key(), AsBytes("Message"), signature).ok());
  for (size_t i = 0; i < signature.size(); ++i) {
    Bytes wrong = signature;
    wrong[i] ^= 1;
    EXPECT_FALSE(VerifySignature(key.public_key(), message, wrong).ok()) << i;
  }
  for (size_t length : {0u, 1u, 63u}) {
    EXPECT_FALSE(
        VerifySignature(key.public_key(), message, BytesView(signature).first(length)).ok());
  }
  EXPECT_FALSE(VerifySignature(key.public_key().first(31), message, signature).ok());
}

TEST(VerifySignatureTest, KeyOfLowOrder_VerifiesNothing) {
  // With the neutral point as key, the signature (R = neutral, s = 0) satisfies the bare equation
  // for every message.
  const Bytes neutral = Hex("0100000000000000000000000000000000000000000000000000000000000000");
  Bytes signature = neutral;
  signature.resize(kSignatureBytes);
  EXPECT_FALSE(VerifySignature(neutral, AsBytes("anything"), signature).ok());
}

}  // namespace
}  // namespace enlace::crypto
