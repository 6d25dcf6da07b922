// The quick reader of certificates agrees with OpenSSL's and stays inside its input.
#include "crypto/identity/certificate_parts.h"

#include <gtest/gtest.h>

#include "crypto/primitives/ed25519.h"
#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::World;
using enlace::testing::WorldDevice;

class CertificatePartsTest : public ::testing::Test {
 protected:
  CertificatePartsTest() { world_.AddOffice("hn.consular"); }

  World world_;
  WorldDevice device_ = world_.MakeDevice("ofc-hn-007", "dev-7");
};

TEST_F(CertificatePartsTest, OfEveryKind_AgreeWithTheParsedCertificate) {
  const Certificate server = *Certificate::FromDer(world_.charter().server.certificate);
  const std::vector<const Certificate*> all = {&device_.tls, &device_.mls, &world_.ca("hn"),
                                               &server};
  for (const Certificate* certificate : all) {
    const absl::StatusOr<CertificateParts> parts = SplitCertificate(certificate->der());
    ASSERT_TRUE(parts.ok()) << parts.status();
    EXPECT_EQ(parts->not_before_ms, certificate->not_before_ms());
    EXPECT_EQ(parts->not_after_ms, certificate->not_after_ms());
    EXPECT_TRUE(EqualBytes(parts->public_key_info, certificate->public_key_info()));
    EXPECT_TRUE(
        EqualBytes(Ed25519KeyIn(parts->public_key_info), certificate->ed25519_public_key()));
  }
}

TEST_F(CertificatePartsTest, SignatureIsOverTheTbs) {
  const CertificateParts parts = *SplitCertificate(device_.tls.der());
  EXPECT_TRUE(
      crypto::VerifySignature(world_.ca("hn").ed25519_public_key(), parts.tbs, parts.signature)
          .ok());
}

TEST_F(CertificatePartsTest, TimesPast2049_AreRead) {
  // GeneralizedTime begins in 2050 (RFC 5280 section 4.1.2.5).
  const int64_t in_2045_ms = 2'380'000'000'000;
  const PrivateKey key = PrivateKey::Generate(KeyType::kEd25519, world_.rng());
  const Certificate ca = *MakeAuthorityCa("hn", key, in_2045_ms, world_.rng());
  const CertificateParts parts = *SplitCertificate(ca.der());
  EXPECT_EQ(parts.not_before_ms, in_2045_ms - kBackdateMs);
  EXPECT_EQ(parts.not_after_ms, in_2045_ms + kCaValidityMs);
}

TEST_F(CertificatePartsTest, EveryPrefixAndAnExtraByte_IsRefused) {
  Bytes der = device_.tls.der();
  for (size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(SplitCertificate(BytesView(der).first(size)).ok());
  der.push_back(0);
  EXPECT_FALSE(SplitCertificate(der).ok());
}

TEST_F(CertificatePartsTest, AnyChangedByte_NeverReadsOutsideTheInput) {
  // Each copy is a buffer of its own, so that a sanitizer sees a step outside.
  const Bytes der = device_.mls.der();
  for (size_t i = 0; i < der.size(); ++i) {
    for (const uint8_t value :
         {uint8_t{0}, uint8_t{0x7F}, uint8_t{0x80}, uint8_t{0x82}, uint8_t{0xFF}}) {
      Bytes changed = der;
      changed[i] = value;
      const absl::StatusOr<CertificateParts> parts = SplitCertificate(changed);
      if (!parts.ok()) continue;
      EXPECT_GE(parts->tbs.data(), changed.data());
      EXPECT_LE(parts->signature.data() + parts->signature.size(), changed.data() + changed.size());
    }
  }
}

TEST_F(CertificatePartsTest, KeyOfAnotherAlgorithm_IsNotTakenForEd25519) {
  EXPECT_TRUE(Ed25519KeyIn(device_.tls.public_key_info()).empty());
  Bytes changed = device_.mls.public_key_info();
  changed[8] ^= 1;
  EXPECT_TRUE(Ed25519KeyIn(changed).empty());
  EXPECT_TRUE(Ed25519KeyIn({}).empty());
}

}  // namespace
}  // namespace enlace::identity
