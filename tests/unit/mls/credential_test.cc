#include "crypto/mls/credential.h"

#include <gtest/gtest.h>

#include "crypto/mls/limits.h"

namespace enlace::mls {
namespace {

absl::Status Decode(BytesView bytes, Credential& out) {
  codec::Reader in(bytes);
  const absl::Status read = Credential::Read(in, out);
  return read.ok() ? in.Done() : read;
}

TEST(Credential, Basic_ReadsBack) {
  const Credential credential = Credential::Basic(AsBytes("ofc-hn-007"));
  EXPECT_EQ(credential.type(), kCredentialBasic);
  EXPECT_EQ(AsText(credential.identity()), "ofc-hn-007");
  EXPECT_TRUE(credential.certificates().empty());
  Credential back;
  ASSERT_TRUE(Decode(credential.encoded(), back).ok());
  EXPECT_EQ(back, credential);
  EXPECT_FALSE(back == Credential());
}

TEST(Credential, X509_ReadsBackInOrder) {
  const std::vector<Bytes> chain = {ToBytes("leaf"), ToBytes("issuer")};
  const auto credential = Credential::X509(chain);
  ASSERT_TRUE(credential.ok());
  Credential back;
  ASSERT_TRUE(Decode(credential->encoded(), back).ok());
  ASSERT_EQ(back.certificates().size(), 2u);
  EXPECT_EQ(AsText(back.certificates()[0]), "leaf");
  EXPECT_EQ(AsText(back.certificates()[1]), "issuer");
  EXPECT_TRUE(back.identity().empty());
}

TEST(Credential, SoleCertificate_IsTheHashOfTheOnlyOne) {
  EXPECT_EQ(Credential::Basic(AsBytes("a")).SoleCertificate(), nullptr);
  const std::vector<Bytes> one = {ToBytes("leaf")};
  const std::vector<Bytes> two = {ToBytes("leaf"), ToBytes("issuer")};
  ASSERT_NE(Credential::X509(one)->SoleCertificate(), nullptr);
  EXPECT_EQ(*Credential::X509(one)->SoleCertificate(), crypto::Sha256(AsBytes("leaf")));
  EXPECT_EQ(Credential::X509(two)->SoleCertificate(), nullptr);
}

TEST(Credential, ChainWithoutOrWithEmptyOrTooManyCertificates_IsRefused) {
  EXPECT_FALSE(Credential::X509({}).ok());
  EXPECT_FALSE(Credential::X509(std::vector<Bytes>{ToBytes("leaf"), {}}).ok());
  EXPECT_TRUE(Credential::X509(std::vector<Bytes>(kCertificatesMax, ToBytes("c"))).ok());
  EXPECT_FALSE(Credential::X509(std::vector<Bytes>(kCertificatesMax + 1, ToBytes("c"))).ok());
  EXPECT_FALSE(Credential::X509(std::vector<Bytes>{Bytes(kCredentialBytesMax)}).ok());
  Credential out;
  EXPECT_FALSE(Decode(Bytes{0, 2, 0}, out).ok());
}

TEST(Credential, UnknownType_IsRefused) {
  Credential out;
  EXPECT_FALSE(Decode(Bytes{0x0A, 0x0A, 1, 7}, out).ok());
  EXPECT_FALSE(Decode(Bytes{0, 0, 1, 7}, out).ok());
}

TEST(Credential, IdentityPastTheLimit_IsRefused) {
  codec::Writer writer;
  writer.U16(kCredentialBasic);
  writer.Vector(Bytes(kCredentialBytesMax + 1));
  Credential out;
  EXPECT_FALSE(Decode(writer.view(), out).ok());
}

}  // namespace
}  // namespace enlace::mls
