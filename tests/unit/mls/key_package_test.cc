#include "crypto/mls/key_package.h"

#include <gtest/gtest.h>

#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

class KeyPackageTest : public testing::Test {
 protected:
  KeyPackageTest()
      : leaf_(*LeafNode::Sign(TestLeafFields("alice", encryption_.public_key()), {}, key_)) {}

  KeyPackage Make(const ExtensionList& extensions = {}) {
    return *KeyPackage::Sign(crypto::CipherSuite::Rooms(), init_.public_key(), leaf_, extensions,
                             key_);
  }
  static absl::Status Decode(BytesView bytes, KeyPackage& out) {
    codec::Reader in(bytes);
    const absl::Status read = KeyPackage::Read(in, out);
    return read.ok() ? in.Done() : read;
  }

  SeededRng rng_{2};
  crypto::SigningKey key_ = crypto::SigningKey::Generate(rng_);
  crypto::HpkeKeyPair init_ = crypto::HpkeKeyPair::Generate(rng_);
  crypto::HpkeKeyPair encryption_ = crypto::HpkeKeyPair::Generate(rng_);
  LeafNode leaf_;
};

TEST_F(KeyPackageTest, ReadsBackAndValidates) {
  const KeyPackage made = Make();
  KeyPackage back;
  ASSERT_TRUE(Decode(made.Serialize(), back).ok());
  EXPECT_EQ(back, made);
  EXPECT_EQ(back.Ref(), made.Ref());
  EXPECT_TRUE(ValidateKeyPackage(back, {.now_s = 1500}).ok());
}

TEST_F(KeyPackageTest, AWrongByteAnywhere_IsRefused) {
  const Bytes whole = Make().Serialize();
  for (size_t at = 0; at < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] ^= 0x80;
    KeyPackage out;
    const absl::Status read = Decode(changed, out);
    EXPECT_FALSE(read.ok() && ValidateKeyPackage(out, {}).ok()) << at;
  }
}

TEST_F(KeyPackageTest, InitKeyEqualToEncryptionKey_IsRefused) {
  EXPECT_FALSE(
      KeyPackage::Sign(crypto::CipherSuite::Rooms(), encryption_.public_key(), leaf_, {}, key_)
          .ok());
  // The same from a peer that signed it nevertheless.
  codec::Writer tbs;
  tbs.U16(kProtocolVersionMls10);
  tbs.U16(crypto::CipherSuite::Rooms().id());
  tbs.Vector(encryption_.public_key());
  leaf_.Write(tbs);
  ExtensionList().Write(tbs);
  const Bytes signature = crypto::SignWithLabel(key_, "KeyPackageTBS", tbs.view());
  tbs.Vector(signature);
  KeyPackage out;
  ASSERT_TRUE(Decode(tbs.view(), out).ok());
  ASSERT_TRUE(out.VerifySignature().ok());
  EXPECT_FALSE(ValidateKeyPackage(out, {}).ok());
}

TEST_F(KeyPackageTest, OtherSuiteVersionSourceOrSigner_IsRefused) {
  LeafRules other_suite;
  other_suite.suite = *crypto::CipherSuite::FromId(0x0001);
  EXPECT_FALSE(ValidateKeyPackage(Make(), other_suite).ok());

  Bytes other_version = Make().Serialize();
  other_version[1] = 2;
  KeyPackage out;
  EXPECT_FALSE(Decode(other_version, out).ok());
  Bytes unknown_suite = Make().Serialize();
  unknown_suite[3] = 0x77;
  EXPECT_EQ(Decode(unknown_suite, out).code(), absl::StatusCode::kUnimplemented);

  LeafNodeFields update = leaf_.ToFields();
  update.source = LeafNodeSource::kUpdate;
  const LeafNode update_leaf = *LeafNode::Sign(update, {AsBytes("g"), 0}, key_);
  EXPECT_FALSE(
      KeyPackage::Sign(crypto::CipherSuite::Rooms(), init_.public_key(), update_leaf, {}, key_)
          .ok());
  const auto stranger = crypto::SigningKey::Generate(rng_);
  EXPECT_FALSE(
      KeyPackage::Sign(crypto::CipherSuite::Rooms(), init_.public_key(), leaf_, {}, stranger).ok());
}

TEST_F(KeyPackageTest, ExpiredLifetime_IsRefused) {
  EXPECT_FALSE(ValidateKeyPackage(Make(), {.now_s = 2001}).ok());
  EXPECT_FALSE(ValidateKeyPackage(Make(), {.now_s = 999}).ok());
}

TEST_F(KeyPackageTest, UnknownExtensions_AreKeptAndIgnored) {
  ExtensionList extensions;
  extensions.Set(0x2A2A, AsBytes("grease"));
  extensions.Set(kExtensionLastResort, {});
  KeyPackage back;
  ASSERT_TRUE(Decode(Make(extensions).Serialize(), back).ok());
  EXPECT_TRUE(ValidateKeyPackage(back, {}).ok());
  EXPECT_TRUE(back.last_resort());
  EXPECT_TRUE(back.extensions().Has(0x2A2A));
}

}  // namespace
}  // namespace enlace::mls
