#include "crypto/mls/leaf_node.h"

#include <gtest/gtest.h>

#include "tests/unit/mls/support/tree_fixture.h"

namespace enlace::mls {
namespace {

class LeafNodeTest : public testing::Test {
 protected:
  LeafNode Sign(const LeafNodeFields& fields, const LeafBinding& binding = {}) {
    auto leaf = LeafNode::Sign(fields, binding, key_);
    EXPECT_TRUE(leaf.ok()) << leaf.status();
    return leaf.ok() ? *leaf : LeafNode();
  }
  LeafNodeFields Fields() {
    return TestLeafFields("alice", crypto::HpkeKeyPair::Generate(rng_).public_key());
  }
  static Bytes Encode(const LeafNode& leaf) {
    codec::Writer out;
    leaf.Write(out);
    return out.Take();
  }
  static absl::Status Decode(BytesView bytes, LeafNode& out) {
    codec::Reader in(bytes);
    const absl::Status read = LeafNode::Read(in, out);
    return read.ok() ? in.Done() : read;
  }

  SeededRng rng_{1};
  crypto::SigningKey key_ = crypto::SigningKey::Generate(rng_);
};

TEST_F(LeafNodeTest, EverySource_ReadsBackToTheSameBytes) {
  for (const auto source :
       {LeafNodeSource::kKeyPackage, LeafNodeSource::kUpdate, LeafNodeSource::kCommit}) {
    LeafNodeFields fields = Fields();
    fields.source = source;
    if (source == LeafNodeSource::kCommit) fields.parent_hash = Bytes(32, 7);
    fields.extensions.Set(kExtensionApplicationId, AsBytes("id"));
    const LeafNode leaf = Sign(fields, {AsBytes("group"), 3});
    LeafNode back;
    ASSERT_TRUE(Decode(Encode(leaf), back).ok());
    EXPECT_EQ(back, leaf);
    EXPECT_EQ(Encode(back), Encode(leaf));
    EXPECT_EQ(back.lifetime().has_value(), source == LeafNodeSource::kKeyPackage);
    EXPECT_TRUE(back.VerifySignature({AsBytes("group"), 3}).ok());
  }
}

TEST_F(LeafNodeTest, EveryPrefix_IsRefused) {
  const Bytes whole = Encode(Sign(Fields()));
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a read past the end is seen by the sanitizer.
    const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    LeafNode out;
    EXPECT_FALSE(Decode(prefix, out).ok()) << size;
  }
}

TEST_F(LeafNodeTest, AWrongByteAnywhere_IsRefusedOrFailsTheSignature) {
  const LeafNode leaf = Sign(Fields());
  const Bytes whole = Encode(leaf);
  for (size_t at = 0; at < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] ^= 0x01;
    LeafNode out;
    const absl::Status read = Decode(changed, out);
    EXPECT_FALSE(read.ok() && out.VerifySignature({}).ok()) << at;
  }
}

TEST_F(LeafNodeTest, SignatureOfAnUpdate_BindsGroupAndIndex) {
  LeafNodeFields fields = Fields();
  fields.source = LeafNodeSource::kUpdate;
  const LeafNode leaf = Sign(fields, {AsBytes("group"), 3});
  EXPECT_TRUE(leaf.VerifySignature({AsBytes("group"), 3}).ok());
  EXPECT_FALSE(leaf.VerifySignature({AsBytes("group"), 4}).ok());
  EXPECT_FALSE(leaf.VerifySignature({AsBytes("other"), 3}).ok());
}

TEST_F(LeafNodeTest, KeysOfAWrongLength_DoNotParse) {
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}}) {
    const Bytes whole = Encode(Sign(Fields()));
    codec::Writer out;
    out.Vector(Bytes(size, 9));
    out.Raw(BytesView(whole).subspan(33));
    LeafNode leaf;
    EXPECT_FALSE(Decode(out.view(), leaf).ok()) << size;
  }
}

TEST_F(LeafNodeTest, Sign_RefusesFieldsThatContradictThemselves) {
  LeafNodeFields unlisted_extension = Fields();
  unlisted_extension.extensions.Set(0xF0E1, {});
  EXPECT_FALSE(LeafNode::Sign(unlisted_extension, {}, key_).ok());

  LeafNodeFields unlisted_credential = Fields();
  unlisted_credential.capabilities.credentials = {kCredentialX509};
  EXPECT_FALSE(LeafNode::Sign(unlisted_credential, {}, key_).ok());

  LeafNodeFields default_type = Fields();
  default_type.capabilities.proposals = {kProposalAdd};
  EXPECT_FALSE(LeafNode::Sign(default_type, {}, key_).ok());
}

TEST_F(LeafNodeTest, Validate_JudgesEachRuleOfSection7_3) {
  const LeafRules rules{.source = LeafNodeSource::kKeyPackage, .now_s = 1500};
  EXPECT_TRUE(ValidateLeafNode(Sign(Fields()), rules).ok());

  LeafRules other_source = rules;
  other_source.source = LeafNodeSource::kUpdate;
  EXPECT_FALSE(ValidateLeafNode(Sign(Fields()), other_source).ok());

  LeafNodeFields no_version = Fields();
  no_version.capabilities.versions = {0x0A0A};
  EXPECT_FALSE(ValidateLeafNode(Sign(no_version), rules).ok());

  LeafNodeFields no_suite = Fields();
  no_suite.capabilities.cipher_suites = {crypto::CipherSuite::kX25519Aes128GcmSha256Ed25519};
  EXPECT_FALSE(ValidateLeafNode(Sign(no_suite), rules).ok());

  RequiredCapabilities required;
  required.proposal_types = {0xF0F0};
  LeafRules requiring = rules;
  requiring.required = &required;
  EXPECT_FALSE(ValidateLeafNode(Sign(Fields()), requiring).ok());
  LeafNodeFields supporting = Fields();
  supporting.capabilities.proposals = {0xF0F0};
  EXPECT_TRUE(ValidateLeafNode(Sign(supporting), requiring).ok());
}

TEST_F(LeafNodeTest, Validate_JudgesLifetimeAtItsEdges) {
  const LeafNode leaf = Sign(Fields());  // 1000 to 2000
  for (const auto& [now, valid] : std::vector<std::pair<uint64_t, bool>>{
           {999, false}, {1000, true}, {2000, true}, {2001, false}}) {
    EXPECT_EQ(ValidateLeafNode(leaf, {.now_s = now}).ok(), valid) << now;
  }
  EXPECT_TRUE(ValidateLeafNode(leaf, {.lifetime_s_max = 1000}).ok());
  EXPECT_FALSE(ValidateLeafNode(leaf, {.lifetime_s_max = 999}).ok());
  LeafNodeFields reversed = Fields();
  reversed.lifetime = {2000, 1000};
  EXPECT_FALSE(ValidateLeafNode(Sign(reversed), {}).ok());
}

TEST_F(LeafNodeTest, GreaseInEveryList_IsAccepted) {
  LeafNodeFields fields = Fields();
  for (auto* list : {&fields.capabilities.versions, &fields.capabilities.cipher_suites,
                     &fields.capabilities.extensions, &fields.capabilities.proposals,
                     &fields.capabilities.credentials}) {
    list->insert(list->begin(), 0x1A1A);
  }
  fields.extensions.Set(0x1A1A, AsBytes("grease"));
  EXPECT_TRUE(ValidateLeafNode(Sign(fields), {.now_s = 1500}).ok());
}

TEST_F(LeafNodeTest, CachedVerification_IsOfTheLeafAtItsPlaceOnly) {
  LeafNodeFields fields = Fields();
  fields.source = LeafNodeSource::kUpdate;
  const LeafNode leaf = Sign(fields, {AsBytes("group"), 3});
  MemorySignatureCache cache;
  EXPECT_FALSE(leaf.VerifySignature({AsBytes("group"), 4}, &cache).ok());
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_TRUE(leaf.VerifySignature({AsBytes("group"), 3}, &cache).ok());
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_TRUE(cache.Contains(LeafNode::VerificationId(AsBytes("group"), LeafTreeHash(3, leaf))));
  EXPECT_FALSE(leaf.VerifySignature({AsBytes("group"), 4}, &cache).ok());
  EXPECT_FALSE(leaf.VerifySignature({AsBytes("other"), 3}, &cache).ok());
}

TEST_F(LeafNodeTest, Cache_KeepsTheNewestEntriesAndNoMoreThanItsBound) {
  MemorySignatureCache cache(100);
  const auto id = [](uint8_t n) {
    crypto::Digest digest{};
    digest[0] = n;
    return digest;
  };
  for (int n = 0; n < 250; ++n) cache.Insert(id(static_cast<uint8_t>(n)));
  EXPECT_LE(cache.size(), 102u);
  EXPECT_TRUE(cache.Contains(id(249)));
  EXPECT_TRUE(cache.Contains(id(205)));
  EXPECT_FALSE(cache.Contains(id(0)));
}

TEST_F(LeafNodeTest, EqualCapabilitiesAndCredentials_AreSharedByLeaves) {
  const size_t before = Credential::InternedCount();
  {
    const LeafNode a = Sign(Fields());
    const LeafNode b = Sign(Fields());
    EXPECT_EQ(&a.capabilities(), &b.capabilities());
    EXPECT_EQ(a.credential().encoded().data(), b.credential().encoded().data());
    EXPECT_EQ(Credential::InternedCount(), before + 1);
  }
  EXPECT_EQ(Credential::InternedCount(), before);
}

}  // namespace
}  // namespace enlace::mls
