// Signed heads: who signs them, what a changed byte does, how old they may be.
#include "crypto/merkle/signed_head.h"

#include <gtest/gtest.h>

namespace enlace::merkle {
namespace {

constexpr int64_t kNowMs = 1'795'000'000'000;

crypto::SigningKey TestKey(uint8_t seed) { return *crypto::SigningKey::FromSeed(Bytes(32, seed)); }

SignedHead TestHead() { return SignHead({17, LeafHash(AsBytes("x"))}, kNowMs, TestKey(1)); }

TEST(SignedHead, SignedByTheServer_Verifies) {
  const crypto::SigningKey key = TestKey(1);
  EXPECT_TRUE(VerifyHead(TestHead(), key.public_key()).ok());
}

TEST(SignedHead, OfAnotherKey_IsRefused) {
  const crypto::SigningKey other = TestKey(2);
  EXPECT_EQ(VerifyHead(TestHead(), other.public_key()).code(), absl::StatusCode::kDataLoss);
  SignedHead relabelled = TestHead();
  relabelled.log_id = Sha256(other.public_key());
  EXPECT_EQ(VerifyHead(relabelled, other.public_key()).code(), absl::StatusCode::kDataLoss);
}

TEST(SignedHead, AnyChangedByte_IsRefused) {
  const crypto::SigningKey key = TestKey(1);
  const Bytes encoded = EncodeSignedHead(TestHead());
  for (size_t i = 0; i < encoded.size(); ++i) {
    Bytes changed = encoded;
    changed[i] ^= 0x40;
    const absl::StatusOr<SignedHead> head = DecodeSignedHead(changed);
    EXPECT_FALSE(head.ok() && VerifyHead(*head, key.public_key()).ok()) << i;
  }
}

TEST(SignedHead, RoundTrips_AndRefusesPrefixesAndExtraBytes) {
  const Bytes encoded = EncodeSignedHead(TestHead());
  EXPECT_EQ(*DecodeSignedHead(encoded), TestHead());
  for (size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(DecodeSignedHead(BytesView(encoded).first(size)).ok()) << size;
  }
  Bytes longer = encoded;
  longer.push_back(0);
  EXPECT_FALSE(DecodeSignedHead(longer).ok());
}

TEST(SignedHead, SignatureCoversTheLabel) {
  // The same fields under another label are no head.
  SignedHead head = TestHead();
  const Bytes encoded = EncodeSignedHead(head);
  head.signature = TestKey(1).Sign(BytesView(encoded).first(encoded.size() - 66));
  EXPECT_FALSE(VerifyHead(head, TestKey(1).public_key()).ok());
}

TEST(SignedHead, OlderThanADay_IsTooOldToSendOn) {
  EXPECT_TRUE(CheckHeadAge(TestHead(), kNowMs + kHeadAgeMaxMs).ok());
  EXPECT_EQ(CheckHeadAge(TestHead(), kNowMs + kHeadAgeMaxMs + 1).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace enlace::merkle
