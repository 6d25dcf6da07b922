// Both AEADs against published vectors (RFC 8439 section 2.8.2, GCM specification test case 4) and
// their refusals.

#include "crypto/primitives/aead.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/hex.h"

namespace enlace::crypto {
namespace {

TEST(AeadTest, ChaCha20Poly1305_MatchesRfc8439) {
  const Bytes key = Hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const Bytes nonce = Hex("070000004041424344454647");
  const Bytes aad = Hex("50515253c0c1c2c3c4c5c6c7");
  const std::string text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  const Bytes sealed = Aead(AeadId::kChaCha20Poly1305).Seal({key, nonce}, aad, AsBytes(text));
  EXPECT_EQ(ToHex(sealed),
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
}

TEST(AeadTest, Aes128Gcm_MatchesTestCase4) {
  const Bytes key = Hex("feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = Hex("cafebabefacedbaddecaf888");
  const Bytes aad = Hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes text =
      Hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
          "49a6b525b16aedf5aa0de657"
          "ba637b39");
  const Bytes sealed = Aead(AeadId::kAes128Gcm).Seal({key, nonce}, aad, text);
  EXPECT_EQ(ToHex(sealed),
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a"
            "5aac84aa051ba30b396a0a"
            "ac973d58e0915bc94fbc3221a5db94fae95ae7121a47");
}

class AeadRefusalTest : public testing::TestWithParam<AeadId> {};

TEST_P(AeadRefusalTest, OpensWhatWasSealedAndNothingElse) {
  const Aead aead(GetParam());
  const Bytes key(aead.key_bytes(), 7);
  const Bytes nonce(kAeadNonceBytes, 9);
  for (size_t size : {0u, 1u, 16u, 1000u}) {
    const Bytes text(size, 0x55);
    Bytes sealed = aead.Seal({key, nonce}, AsBytes("aad"), text);
    ASSERT_EQ(sealed.size(), size + kAeadTagBytes);
    auto opened = aead.Open({key, nonce}, AsBytes("aad"), sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(ToHex(opened->view()), ToHex(text));
    EXPECT_FALSE(aead.Open({key, nonce}, AsBytes("AAD"), sealed).ok());
    for (size_t i = 0; i < sealed.size(); i += 7) {
      sealed[i] ^= 1;
      EXPECT_FALSE(aead.Open({key, nonce}, AsBytes("aad"), sealed).ok()) << i;
      sealed[i] ^= 1;
    }
    for (size_t length : {size_t{0}, size_t{15}, sealed.size() - 1}) {
      EXPECT_FALSE(aead.Open({key, nonce}, AsBytes("aad"), BytesView(sealed).first(length)).ok());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Both, AeadRefusalTest,
                         testing::Values(AeadId::kAes128Gcm, AeadId::kChaCha20Poly1305));

}  // namespace
}  // namespace enlace::crypto
