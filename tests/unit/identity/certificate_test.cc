// Keys, certificates of all kinds and signing requests: what we make passes, what differs from the
// profile does not.
#include "crypto/identity/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/identity/issue.h"
#include "crypto/identity/openssl.h"
#include "crypto/primitives/status.h"
#include "tests/unit/identity/test_rng.h"

namespace enlace::identity {
namespace {

using enlace::testing::TestRng;

constexpr int64_t kNowMs = 1'795'000'000'000;

class CertificateTest : public ::testing::Test {
 protected:
  TestRng rng_{1};
  PrivateKey ca_key_ = PrivateKey::Generate(KeyType::kEd25519, rng_);
  Certificate ca_ = *MakeAuthorityCa("hn", ca_key_, kNowMs, rng_);
  PrivateKey tls_key_ = PrivateKey::Generate(KeyType::kP256, rng_);
  PrivateKey mls_key_ = PrivateKey::Generate(KeyType::kEd25519, rng_);
  DeviceUri uri_ = *DeviceUri::Create("ofc-hn-007", "dev-7");

  absl::StatusOr<Certificate> IssueFor(const PrivateKey& key, const Issuer& issuer) {
    return IssueDeviceCertificate(*MakeSigningRequest(uri_, key), issuer, rng_);
  }
  Certificate Tls() { return *IssueFor(tls_key_, {ca_, ca_key_, kNowMs}); }
  Certificate Mls() { return *IssueFor(mls_key_, {ca_, ca_key_, kNowMs}); }
};

TEST_F(CertificateTest, KeysRoundTripThroughPkcs8) {
  for (const PrivateKey* key : {&tls_key_, &mls_key_}) {
    const absl::StatusOr<PrivateKey> read = PrivateKey::FromPkcs8(key->pkcs8().view());
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->type(), key->type());
    EXPECT_EQ(read->public_key_info(), key->public_key_info());
    EXPECT_TRUE(read->pkcs8().ConstantTimeEquals(key->pkcs8().view()));
  }
}

TEST_F(CertificateTest, KeysFromOneSeed_AreTheSame_FromAnotherNot) {
  TestRng one(5), same(5), other(6);
  for (KeyType type : {KeyType::kP256, KeyType::kEd25519}) {
    const PrivateKey key = PrivateKey::Generate(type, one);
    EXPECT_EQ(key.public_key_info(), PrivateKey::Generate(type, same).public_key_info());
    EXPECT_NE(key.public_key_info(), PrivateKey::Generate(type, other).public_key_info());
  }
}

TEST_F(CertificateTest, Pkcs8WithBytesLeftOverOrCutOff_IsRefused) {
  Bytes der = ToBytes(mls_key_.pkcs8().view());
  for (size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(PrivateKey::FromPkcs8(BytesView(der).first(size)).ok());
  der.push_back(0);
  EXPECT_FALSE(PrivateKey::FromPkcs8(der).ok());
}

TEST_F(CertificateTest, SigningKeyOfAnEd25519Key_HasItsPublicKey) {
  const absl::StatusOr<crypto::SigningKey> key = mls_key_.ToSigningKey();
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(EqualBytes(key->public_key(), Mls().ed25519_public_key()));
  EXPECT_FALSE(tls_key_.ToSigningKey().ok());
}

TEST_F(CertificateTest, Ca_HasItsProfileAndSignsItself) {
  EXPECT_EQ(ca_.kind(), CertificateKind::kAuthorityCa);
  EXPECT_EQ(ca_.authority(), "hn");
  EXPECT_EQ(ca_.common_name(), "Enlace CA hn");
  EXPECT_TRUE(ca_.VerifySelfSigned().ok());
  EXPECT_EQ(ca_.not_before_ms(), kNowMs - kBackdateMs);
  EXPECT_EQ(ca_.not_after_ms(), kNowMs + kCaValidityMs);
}

TEST_F(CertificateTest, DeviceCertificates_CarryOfficerAndUri) {
  const Certificate tls = Tls();
  const Certificate mls = Mls();
  EXPECT_EQ(tls.kind(), CertificateKind::kDeviceTls);
  EXPECT_EQ(mls.kind(), CertificateKind::kDeviceMls);
  for (const Certificate* certificate : {&tls, &mls}) {
    EXPECT_EQ(certificate->common_name(), "ofc-hn-007");
    EXPECT_EQ(certificate->device_uri(), uri_);
    EXPECT_EQ(certificate->authority(), "hn");
    EXPECT_TRUE(certificate->VerifyIssuedBy(ca_).ok());
    EXPECT_TRUE(certificate->ValidAt(kNowMs));
    EXPECT_TRUE(certificate->ValidAt(kNowMs + kDeviceValidityMs));
    EXPECT_FALSE(certificate->ValidAt(kNowMs + kDeviceValidityMs + 1000));
    EXPECT_FALSE(certificate->ValidAt(kNowMs - kBackdateMs - 1));
  }
  EXPECT_EQ(mls.ed25519_public_key().size(), 32u);
  EXPECT_TRUE(tls.ed25519_public_key().empty());
}

TEST_F(CertificateTest, CertificateOfAnotherCaOfTheSameName_DoesNotVerify) {
  const PrivateKey other_key = PrivateKey::Generate(KeyType::kEd25519, rng_);
  const Certificate other = *MakeAuthorityCa("hn", other_key, kNowMs, rng_);
  EXPECT_EQ(Tls().VerifyIssuedBy(other).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Tls().VerifyIssuedBy(Mls()).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(CertificateTest, CaOfOneAuthority_CannotIssueForAnother) {
  const PrivateKey mx_key = PrivateKey::Generate(KeyType::kEd25519, rng_);
  const Certificate mx = *MakeAuthorityCa("mx", mx_key, kNowMs, rng_);
  EXPECT_EQ(IssueFor(tls_key_, {mx, mx_key, kNowMs}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(IssueFor(tls_key_, {ca_, mx_key, kNowMs}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CertificateTest, ValidityOver400Days_IsNotIssued) {
  EXPECT_TRUE(IssueFor(tls_key_, {ca_, ca_key_, kNowMs, kDeviceValidityMsMax}).ok());
  EXPECT_FALSE(IssueFor(tls_key_, {ca_, ca_key_, kNowMs, kDeviceValidityMsMax + 1}).ok());
  EXPECT_FALSE(IssueFor(tls_key_, {ca_, ca_key_, kNowMs, 0}).ok());
}

TEST_F(CertificateTest, CrossSignedCa_IsIssuedByTheOldOne) {
  const PrivateKey new_key = PrivateKey::Generate(KeyType::kEd25519, rng_);
  const Certificate new_ca = *MakeAuthorityCa("hn", new_key, kNowMs, rng_);
  const absl::StatusOr<Certificate> cross = CrossSignCa(new_ca, ca_, ca_key_, rng_);
  ASSERT_TRUE(cross.ok()) << cross.status();
  EXPECT_TRUE(cross->VerifyIssuedBy(ca_).ok());
  EXPECT_EQ(cross->public_key_info(), new_ca.public_key_info());
  EXPECT_FALSE(CrossSignCa(new_ca, ca_, new_key, rng_).ok());
}

TEST_F(CertificateTest, EveryTruncationAndEveryFlippedByte_IsRefusedOrDoesNotVerify) {
  const Bytes der = Tls().der();
  for (size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(Certificate::FromDer(BytesView(der).first(size)).ok());
  }
  for (size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 1;
    const absl::StatusOr<Certificate> read = Certificate::FromDer(changed);
    EXPECT_FALSE(read.ok() && read->VerifyIssuedBy(ca_).ok()) << i;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Certificate::FromDer(longer).ok());
}

TEST_F(CertificateTest, PemRoundTrips_AndOtherBlocksAreRefused) {
  const Certificate tls = Tls();
  EXPECT_EQ(Certificate::FromPem(tls.ToPem())->der(), tls.der());
  EXPECT_EQ(CertificatesFromPem(tls.ToPem() + ca_.ToPem(), 2)->size(), 2u);
  EXPECT_FALSE(CertificatesFromPem(tls.ToPem() + ca_.ToPem(), 1).ok());
  EXPECT_FALSE(Certificate::FromPem(AsText(tls_key_.ToPem().view())).ok());
  EXPECT_FALSE(Certificate::FromPem("").ok());
}

TEST_F(CertificateTest, ServerCertificate_HasNamesAndAddresses) {
  const absl::StatusOr<Certificate> server = MakeServerCertificate(
      {"enlace.rcm.example", {"enlace.rcm.example", "127.0.0.1", "::1"}}, tls_key_, kNowMs, rng_);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->kind(), CertificateKind::kServer);
  EXPECT_EQ(server->server_names(),
            (std::vector<std::string>{"enlace.rcm.example", "127.0.0.1", "0:0:0:0:0:0:0:1"}));
  EXPECT_TRUE(server->VerifySelfSigned().ok());
  EXPECT_EQ(server->authority(), "");
}

TEST_F(CertificateTest, ServerNamesThatWouldInjectExtensions_AreRefused) {
  for (const char* name : {"", "a,URI:enlace://x", "a b", "-a", "a..b", "*.example", "A.example"}) {
    EXPECT_FALSE(MakeServerCertificate({"server", {name}}, tls_key_, kNowMs, rng_).ok()) << name;
  }
  EXPECT_FALSE(MakeServerCertificate({"server", {}}, tls_key_, kNowMs, rng_).ok());
  EXPECT_FALSE(MakeServerCertificate({"server", {"a.example"}}, mls_key_, kNowMs, rng_).ok());
}

// OpenSSL's own path building, as TLS uses it, accepts what we issue.
TEST_F(CertificateTest, OpensslAcceptsDeviceAndServerAsTlsPeers) {
  const auto verifies = [](const Certificate& leaf, const Certificate& root, const char* purpose) {
    const uint8_t* in = leaf.der().data();
    const X509Ptr leaf_x509(d2i_X509(nullptr, &in, static_cast<long>(leaf.der().size())));
    in = root.der().data();
    const X509Ptr root_x509(d2i_X509(nullptr, &in, static_cast<long>(root.der().size())));
    const std::unique_ptr<X509_STORE, OpensslRelease<X509_STORE_free>> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), root_x509.get());
    const std::unique_ptr<X509_STORE_CTX, OpensslRelease<X509_STORE_CTX_free>> context(
        X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), leaf_x509.get(), nullptr);
    X509_STORE_CTX_set_default(context.get(), purpose);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), kNowMs / 1000);
    return X509_verify_cert(context.get()) == 1;
  };
  const Certificate server =
      *MakeServerCertificate({"s", {"enlace.rcm.example"}}, tls_key_, kNowMs, rng_);
  EXPECT_TRUE(verifies(Tls(), ca_, "ssl_client"));
  EXPECT_FALSE(verifies(Tls(), ca_, "ssl_server"));
  EXPECT_TRUE(verifies(server, server, "ssl_server"));
}

// Certificates that OpenSSL can make and our profile refuses.
class ForeignCertificateTest : public CertificateTest {
 protected:
  struct Changes {
    std::string subject = "ofc-hn-007";
    std::vector<std::pair<int, std::string>> extensions;
    long version = X509_VERSION_3;
    bool serial_zero = false;
  };

  std::vector<std::pair<int, std::string>> GoodExtensions() {
    return {{NID_basic_constraints, "critical,CA:FALSE"},
            {NID_key_usage, "critical,digitalSignature"},
            {NID_subject_alt_name, "URI:" + uri_.text()}};
  }

  Bytes Make(const Changes& changes) {
    const EvpKeyPtr subject_key = ToEvpKey(mls_key_);
    const EvpKeyPtr issuer_key = ToEvpKey(ca_key_);
    const X509Ptr x509(X509_new());
    X509_set_version(x509.get(), changes.version);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), changes.serial_zero ? 0 : 7);
    ASN1_TIME_set(X509_getm_notBefore(x509.get()), kNowMs / 1000);
    ASN1_TIME_set(X509_getm_notAfter(x509.get()), kNowMs / 1000 + 1000);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const uint8_t*>(changes.subject.c_str()), -1, -1,
                               0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(x509.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const uint8_t*>("Enlace CA hn"), -1, -1, 0);
    X509_set_pubkey(x509.get(), subject_key.get());
    for (const auto& [nid, value] : changes.extensions) {
      const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
      X509_add_ext(x509.get(), extension.get(), -1);
    }
    X509_sign(x509.get(), issuer_key.get(), nullptr);
    return ToDer(x509.get(), i2d_X509);
  }

  void ExpectRefused(const Changes& changes, std::string_view why) {
    const absl::StatusOr<Certificate> read = Certificate::FromDer(Make(changes));
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(MessageOf(read.status())), ::testing::HasSubstr(std::string(why)));
  }
};

TEST_F(ForeignCertificateTest, WithTheGoodProfile_IsAccepted) {
  EXPECT_TRUE(Certificate::FromDer(Make({.extensions = GoodExtensions()})).ok());
}

TEST_F(ForeignCertificateTest, WithASecondUri_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions[2].second += ",URI:enlace://mx/officers/ofc-mx-001/devices/dev-1";
  ExpectRefused(changes, "more than one alternative name");
}

TEST_F(ForeignCertificateTest, WithADnsNameBesideTheUri_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions[2].second = "DNS:a.example,URI:" + uri_.text();
  ExpectRefused(changes, "server's key");
}

TEST_F(ForeignCertificateTest, WithAnUnknownCriticalExtension_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions.emplace_back(NID_netscape_comment, "critical,x");
  ExpectRefused(changes, "unknown critical extension");
}

TEST_F(ForeignCertificateTest, WithAnUnknownExtensionThatIsNotCritical_IsAccepted) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions.emplace_back(NID_netscape_comment, "x");
  EXPECT_TRUE(Certificate::FromDer(Make(changes)).ok());
}

TEST_F(ForeignCertificateTest, WithAnExtensionTwice_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions.push_back(changes.extensions[1]);
  ExpectRefused(changes, "twice");
}

TEST_F(ForeignCertificateTest, WithOtherKeyUsage_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions[1].second = "critical,digitalSignature,keyCertSign";
  ExpectRefused(changes, "key usage");
  changes.extensions[1].second = "digitalSignature";
  ExpectRefused(changes, "key usage");
  changes.extensions.erase(changes.extensions.begin() + 1);
  ExpectRefused(changes, "key usage");
}

TEST_F(ForeignCertificateTest, WithoutBasicConstraints_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions.erase(changes.extensions.begin());
  ExpectRefused(changes, "basic constraints");
}

TEST_F(ForeignCertificateTest, WithAnotherOfficersName_IsRefused) {
  ExpectRefused({.subject = "ofc-hn-008", .extensions = GoodExtensions()}, "officer's id");
}

TEST_F(ForeignCertificateTest, WithExtendedKeyUsageOnTheMlsKey_IsRefused) {
  Changes changes{.extensions = GoodExtensions()};
  changes.extensions.emplace_back(NID_ext_key_usage, "clientAuth");
  ExpectRefused(changes, "extended key usage");
}

TEST_F(ForeignCertificateTest, OfVersion1OrWithSerialZero_IsRefused) {
  ExpectRefused({.extensions = GoodExtensions(), .version = X509_VERSION_1}, "version 3");
  ExpectRefused({.extensions = GoodExtensions(), .serial_zero = true}, "serial");
}

TEST_F(CertificateTest, SigningRequest_RoundTripsForBothKeys) {
  for (const PrivateKey* key : {&tls_key_, &mls_key_}) {
    const absl::StatusOr<SigningRequest> request = MakeSigningRequest(uri_, *key);
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->device_uri(), uri_);
    EXPECT_EQ(request->key_type(), key->type());
    EXPECT_EQ(request->public_key_info(), key->public_key_info());
    EXPECT_EQ(SigningRequest::FromDer(request->der())->der(), request->der());
  }
}

TEST_F(CertificateTest, SigningRequestWithAnyChangedByte_IsRefused) {
  const Bytes der = MakeSigningRequest(uri_, mls_key_)->der();
  for (size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 1;
    EXPECT_FALSE(SigningRequest::FromDer(changed).ok()) << i;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(SigningRequest::FromDer(longer).ok());
}

TEST(ShortFingerprint, IsWhatPeopleCompare) {
  merkle::Hash hash{};
  const uint8_t first[] = {0x4F, 0x1C, 0x92, 0xA0, 0x7B, 0x3E, 0xD5, 0xA8};
  std::copy(std::begin(first), std::end(first), hash.begin());
  EXPECT_EQ(ShortFingerprint(hash), "4F1C 92A0 7B3E D5A8");
}

}  // namespace
}  // namespace enlace::identity
