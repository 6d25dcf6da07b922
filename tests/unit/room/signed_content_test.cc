// SignedContent: who can verify what, and what a changed byte does.
#include "crypto/room/signed_content.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/world.h"

namespace enlace::room {
namespace {

using enlace::testing::World;
using enlace::testing::WorldDevice;
using identity::kDayMs;

class SignedContentTest : public ::testing::Test {
 protected:
  SignedContentTest() { world_.AddOffice("hn.consular"); }

  SignedContent Sign(const merkle::HeadRef& head, std::string_view text = "alert") {
    const crypto::SigningKey key = device().signing_key();
    return *SignContent("HN-2026-000412", AsBytes(text), {device().mls.fingerprint(), key, head});
  }
  const WorldDevice& device() {
    if (!device_) device_.emplace(world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"}));
    return *device_;
  }
  absl::StatusCode CodeOf(const SignedContent& content) {
    return VerifyContent(content, world_.registry(), world_.now_ms()).status().code();
  }

  World world_;
  std::optional<WorldDevice> device_;
};

TEST_F(SignedContentTest, OfALoggedDevice_VerifiesAfterItsRoundTrip) {
  device();
  const SignedContent content = Sign(world_.registry().head());
  const absl::StatusOr<SignedContent> read = DecodeSignedContent(EncodeSignedContent(content));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, content);
  const absl::StatusOr<VerifiedAuthor> author =
      VerifyContent(*read, world_.registry(), world_.now_ms());
  ASSERT_TRUE(author.ok()) << author.status();
  EXPECT_EQ(author->device->uri, device().uri);
}

TEST_F(SignedContentTest, SignatureIsOverLabelCaseAndHashOfContent) {
  device();
  const SignedContent content = Sign(world_.registry().head());
  Bytes message = ToBytes("enlace content 1HN-2026-000412");
  Append(message, merkle::Sha256(AsBytes("alert")));
  EXPECT_TRUE(
      crypto::VerifySignature(device().mls.ed25519_public_key(), message, content.signature).ok());
}

TEST_F(SignedContentTest, OfARevokedDevice_IsVerifiedAtItsHeadAndRefusedAtALaterOne) {
  device();
  const merkle::HeadRef before = world_.registry().head();
  ASSERT_TRUE(world_
                  .LogStatement("hn", identity::DeviceRevoked{device().uri.text(),
                                                              identity::RevocationReason::kStolen})
                  .ok());
  EXPECT_EQ(CodeOf(Sign(before)), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOf(Sign(world_.registry().head())), absl::StatusCode::kPermissionDenied);
}

TEST_F(SignedContentTest, AtAHeadBeforeItsEnrolment_IsRefused) {
  const merkle::HeadRef before = world_.registry().head();
  device();
  EXPECT_EQ(CodeOf(Sign(before)), absl::StatusCode::kPermissionDenied);
}

TEST_F(SignedContentTest, AfterItsCertificatesEnd_IsRefused) {
  device();
  const SignedContent content = Sign(world_.registry().head());
  world_.Advance(identity::kDeviceValidityMs + kDayMs);
  EXPECT_EQ(CodeOf(content), absl::StatusCode::kPermissionDenied);
}

TEST_F(SignedContentTest, AtAForkedHead_IsDataLoss_AndAtANewerOneAsksToCatchUp) {
  device();
  merkle::HeadRef fork = world_.registry().head();
  fork.root[0] ^= 1;
  EXPECT_EQ(CodeOf(Sign(fork)), absl::StatusCode::kDataLoss);
  merkle::HeadRef ahead = world_.registry().head();
  ++ahead.size;
  EXPECT_EQ(CodeOf(Sign(ahead)), absl::StatusCode::kOutOfRange);
}

TEST_F(SignedContentTest, WithAnUnloggedOrTlsCertificate_IsRefused) {
  device();
  SignedContent content = Sign(world_.registry().head());
  content.certificate = device().tls.fingerprint();
  EXPECT_EQ(CodeOf(content), absl::StatusCode::kPermissionDenied);
  content.certificate = {};
  EXPECT_EQ(CodeOf(content), absl::StatusCode::kPermissionDenied);
}

TEST_F(SignedContentTest, WithChangedCaseContentOrSignature_IsRefused) {
  device();
  const SignedContent good = Sign(world_.registry().head());
  SignedContent changed = good;
  changed.case_id = "HN-2026-000413";
  EXPECT_EQ(CodeOf(changed), absl::StatusCode::kPermissionDenied);
  changed = good;
  changed.content[0] ^= 1;
  EXPECT_EQ(CodeOf(changed), absl::StatusCode::kPermissionDenied);
  changed = good;
  changed.signature[0] ^= 1;
  EXPECT_EQ(CodeOf(changed), absl::StatusCode::kPermissionDenied);
}

TEST_F(SignedContentTest, Malformed_IsNeitherMadeNorRead) {
  const crypto::SigningKey key = device().signing_key();
  const ContentAuthor author{device().mls.fingerprint(), key, world_.registry().head()};
  EXPECT_FALSE(SignContent("", AsBytes("x"), author).ok());
  EXPECT_FALSE(SignContent("a b", AsBytes("x"), author).ok());
  EXPECT_FALSE(SignContent(std::string(kCaseIdBytesMax + 1, 'a'), AsBytes("x"), author).ok());
  EXPECT_FALSE(SignContent("a", Bytes(kContentBytesMax + 1), author).ok());
  Bytes bytes = EncodeSignedContent(Sign(world_.registry().head()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeSignedContent(BytesView(bytes).first(size)).ok());
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeSignedContent(bytes).ok());
}

TEST_F(SignedContentTest, Digest_DiffersForEveryContent) {
  device();
  const SignedContent one = Sign(world_.registry().head(), "one");
  EXPECT_EQ(ContentDigest(one), merkle::Sha256(EncodeSignedContent(one)));
  EXPECT_NE(ContentDigest(one), ContentDigest(Sign(world_.registry().head(), "two")));
}

}  // namespace
}  // namespace enlace::room
