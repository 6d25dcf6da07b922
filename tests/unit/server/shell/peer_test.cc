// What a peer is known by: the hash of its certificate, and the address its rate is counted under.
#include "server/services/peer.h"

#include <gtest/gtest.h>

#include "crypto/primitives/sha256.h"
#include "tests/integration/support/tls_material.h"

namespace enlace::server {
namespace {

TEST(PeerTest, FingerprintOfPem_IsThatOfTheDer) {
  // Lengths with every padding of base64 come up among these.
  for (const char* name : {"a", "ab", "abc", "abcd", "abcde", "abcdef"}) {
    const auto made = testing::MakeTlsMaterial({.common_name = name});
    const auto fingerprint = FingerprintOfPem(made.certificate_pem());
    ASSERT_TRUE(fingerprint.has_value()) << name;
    EXPECT_EQ(*fingerprint, crypto::Sha256(made.certificate_der())) << name;
  }
}

TEST(PeerTest, TextThatIsNoCertificate_HasNoFingerprint) {
  const std::string pem = testing::MakeTlsMaterial({.common_name = "a"}).certificate_pem();
  EXPECT_FALSE(FingerprintOfPem("").has_value());
  EXPECT_FALSE(FingerprintOfPem("x" + pem).has_value());
  EXPECT_FALSE(FingerprintOfPem(pem.substr(0, pem.size() / 2)).has_value());
  EXPECT_FALSE(FingerprintOfPem("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(FingerprintOfPem("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(FingerprintOfPem("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"));
}

TEST(PeerTest, Addresses_CountWithoutPortAndIpv6ByItsFirstHalf) {
  EXPECT_EQ(AddressOfPeer("ipv4:192.0.2.1:5000"), AddressOfPeer("ipv4:192.0.2.1:6000"));
  EXPECT_NE(AddressOfPeer("ipv4:192.0.2.1:5000"), AddressOfPeer("ipv4:192.0.2.2:5000"));
  EXPECT_EQ(AddressOfPeer("ipv6:%5B2001:db8::1%5D:1"), AddressOfPeer("ipv6:%5B2001:db8::2%5D:2"));
  EXPECT_NE(AddressOfPeer("ipv6:%5B2001:db8::1%5D:1"), AddressOfPeer("ipv6:%5B2001:db9::1%5D:1"));
  EXPECT_EQ(AddressOfPeer("ipv6:%5B::ffff:192.0.2.1%5D:1"), AddressOfPeer("ipv4:192.0.2.1:2"));
  EXPECT_EQ(AddressOfPeer("unix:"), AddressOfPeer("ipv4:nonsense:1"));
}

}  // namespace
}  // namespace enlace::server
