// The charter: its rules, its signatures, the chain from the pinned root, and what changes from one
// to the next.
#include "crypto/identity/charter.h"

#include <gtest/gtest.h>

#include "crypto/identity/charter_chain.h"
#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::World;

class CharterTest : public ::testing::Test {
 protected:
  World world_;
  Charter charter_ = world_.charter();
};

TEST_F(CharterTest, RoundTrips) {
  const Bytes body = *EncodeCharter(charter_);
  const absl::StatusOr<Charter> read = DecodeCharter(body);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, charter_);
  EXPECT_EQ(*EncodeCharter(*read), body);
}

TEST_F(CharterTest, EveryPrefixAndAnExtraByte_IsRefused) {
  Bytes body = *EncodeCharter(charter_);
  for (size_t size = 0; size < body.size(); ++size)
    EXPECT_FALSE(DecodeCharter(BytesView(body).first(size)).ok());
  body.push_back(0);
  EXPECT_FALSE(DecodeCharter(body).ok());
}

TEST_F(CharterTest, AnswersByIdAndStanding) {
  EXPECT_EQ(charter_.FindAuthority("hn")->alpha3, "HND");
  EXPECT_EQ(charter_.FindAuthority("us"), nullptr);
  EXPECT_EQ(charter_.FindNetwork("consular")->name.en, "Consular Protection");
  EXPECT_EQ(charter_.FindNetwork("x"), nullptr);
  EXPECT_FALSE(charter_.PermissionsOf(Standing::kObserver).be_action);
  EXPECT_EQ(charter_.FindCa("hn", world_.ca("hn").fingerprint())->authority(), "hn");
  EXPECT_EQ(charter_.FindCa("mx", world_.ca("hn").fingerprint()), nullptr);
  EXPECT_EQ(charter_.FindCa("us", world_.ca("hn").fingerprint()), nullptr);
}

struct BadCharter {
  const char* what;
  void (*change)(Charter&);
};

class BadCharterTest : public ::testing::TestWithParam<BadCharter> {};

TEST_P(BadCharterTest, IsRefused) {
  World world;
  Charter charter = world.charter();
  ASSERT_TRUE(CheckCharter(charter).ok());
  GetParam().change(charter);
  EXPECT_EQ(CheckCharter(charter).code(), absl::StatusCode::kInvalidArgument) << GetParam().what;
  EXPECT_FALSE(EncodeCharter(charter).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadCharterTest,
    ::testing::Values(
        BadCharter{"version 0", [](Charter& c) { c.version = 0; }},
        BadCharter{"no keys", [](Charter& c) { c.keys.clear(); }},
        BadCharter{"keys not in order", [](Charter& c) { std::swap(c.keys[0], c.keys[1]); }},
        BadCharter{"a key twice", [](Charter& c) { c.keys[1] = c.keys[0]; }},
        BadCharter{"threshold 0", [](Charter& c) { c.threshold = 0; }},
        BadCharter{"threshold above n", [](Charter& c) { c.threshold = 4; }},
        BadCharter{"no networks", [](Charter& c) { c.networks.clear(); }},
        BadCharter{"networks not in order",
                   [](Charter& c) { std::swap(c.networks[0], c.networks[1]); }},
        BadCharter{"network id", [](Charter& c) { c.networks[0].id = "Bad"; }},
        BadCharter{"network name", [](Charter& c) { c.networks[0].name.es = ""; }},
        BadCharter{"authorities not in order",
                   [](Charter& c) { std::swap(c.authorities[0], c.authorities[1]); }},
        BadCharter{"name with escape", [](Charter& c) { c.authorities[0].name.es = "\x1b[2J"; }},
        BadCharter{"country without code", [](Charter& c) { c.authorities[0].alpha3 = ""; }},
        BadCharter{"country as organisation",
                   [](Charter& c) { c.authorities[0].standing = Standing::kOrganisation; }},
        BadCharter{"no CA", [](Charter& c) { c.authorities[0].cas.clear(); }},
        BadCharter{"same CA twice",
                   [](Charter& c) { c.authorities[0].cas.push_back(c.authorities[0].cas[0]); }},
        BadCharter{"CA of another",
                   [](Charter& c) { c.authorities[0].cas = c.authorities[1].cas; }},
        BadCharter{"standing without TLP",
                   [](Charter& c) { c.permissions[0].highest_tlp = Tlp::kUnset; }},
        BadCharter{"unknown presidency", [](Charter& c) { c.presidency = "us"; }},
        BadCharter{"server certificate",
                   [](Charter& c) { c.server.certificate = c.authorities[0].cas[0].der(); }},
        BadCharter{"server name", [](Charter& c) { c.server.name = ""; }},
        BadCharter{"valid 401 days", [](Charter& c) { c.expires_at_ms += 1; }},
        BadCharter{"expires before issue", [](Charter& c) { c.expires_at_ms = c.issued_at_ms; }}));

TEST_F(CharterTest, SignedCharter_RoundTripsAndKeepsSignaturesInOrder) {
  SignedCharter signed_charter = world_.Sign(charter_);
  SignCharter(signed_charter, world_.charter_keys()[2]);
  SignCharter(signed_charter, world_.charter_keys()[0]);
  EXPECT_EQ(signed_charter.signatures.size(), 3u);
  EXPECT_EQ(*DecodeSignedCharter(EncodeSignedCharter(signed_charter)), signed_charter);
  std::swap(signed_charter.signatures[0], signed_charter.signatures[1]);
  EXPECT_FALSE(DecodeSignedCharter(EncodeSignedCharter(signed_charter)).ok());
}

TEST_F(CharterTest, FewerSignaturesThanTheThreshold_AreNotEnough) {
  SignedCharter draft{*EncodeCharter(charter_), {}};
  SignCharter(draft, world_.charter_keys()[0]);
  EXPECT_EQ(VerifyCharterSignatures(draft, charter_.keys, 2).code(),
            absl::StatusCode::kPermissionDenied);
  // The same signature twice is one signer.
  draft.signatures.push_back(draft.signatures[0]);
  EXPECT_EQ(VerifyCharterSignatures(draft, charter_.keys, 2).code(),
            absl::StatusCode::kPermissionDenied);
  draft.signatures.pop_back();
  SignCharter(draft, world_.charter_keys()[2]);
  EXPECT_TRUE(VerifyCharterSignatures(draft, charter_.keys, 2).ok());
}

TEST_F(CharterTest, StrangersSignatureOrChangedBody_IsRefused) {
  SignedCharter signed_charter = world_.Sign(charter_);
  SignedCharter with_stranger = signed_charter;
  SignCharter(with_stranger, world_.server_key());
  EXPECT_EQ(VerifyCharterSignatures(with_stranger, charter_.keys, 2).code(),
            absl::StatusCode::kPermissionDenied);
  signed_charter.body.back() ^= 1;
  EXPECT_EQ(VerifyCharterSignatures(signed_charter, charter_.keys, 2).code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(CharterTest, Root_DependsOnKeysAndThresholdButNotOnTheirOrder) {
  std::vector<PublicKey> keys = charter_.keys;
  std::swap(keys[0], keys[2]);
  EXPECT_EQ(KeySetRoot(keys, 2), charter_.root);
  EXPECT_NE(KeySetRoot(keys, 1), charter_.root);
  keys.pop_back();
  EXPECT_NE(KeySetRoot(keys, 2), charter_.root);
}

class CharterChainTest : public CharterTest {
 protected:
  Charter Next(const Charter& before) {
    Charter next = before;
    ++next.version;
    return next;
  }
  // Keys of another generation, in a charter.
  std::vector<crypto::SigningKey> ReplaceKeys(Charter& charter) {
    std::vector<crypto::SigningKey> keys;
    charter.keys.clear();
    for (int i = 0; i < 2; ++i) {
      keys.push_back(crypto::SigningKey::Generate(world_.rng()));
      charter.keys.emplace_back();
      std::copy(keys.back().public_key().begin(), keys.back().public_key().end(),
                charter.keys.back().begin());
    }
    charter.threshold = 1;
    SortCharter(charter);
    return keys;
  }
  static SignedCharter SignBy(const Charter& charter, const crypto::SigningKey& key) {
    SignedCharter signed_charter{*EncodeCharter(charter), {}};
    SignCharter(signed_charter, key);
    return signed_charter;
  }

  CharterChain chain_{charter_.root};
};

TEST_F(CharterChainTest, FollowsVersionsFromTheRoot) {
  ASSERT_TRUE(chain_.Accept(world_.Sign(charter_)).ok());
  ASSERT_TRUE(chain_.Accept(world_.Sign(Next(charter_))).ok());
  EXPECT_EQ(chain_.current().version, 2u);
  EXPECT_EQ(chain_.current_hash(), CharterHash(world_.Sign(Next(charter_)).body));
}

TEST_F(CharterChainTest, VersionThatDoesNotRise_IsRefused) {
  ASSERT_TRUE(chain_.Accept(world_.Sign(Next(charter_))).ok());
  EXPECT_EQ(chain_.Accept(world_.Sign(charter_)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(chain_.Accept(world_.Sign(Next(charter_))).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(chain_.current().version, 2u);
}

TEST_F(CharterChainTest, AnotherRoot_IsRefused) {
  CharterChain other{merkle::Hash{}};
  EXPECT_EQ(other.Accept(world_.Sign(charter_)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(other.empty());
}

TEST_F(CharterChainTest, FirstCharterWithOtherKeys_IsRefused) {
  Charter usurper = charter_;
  const std::vector<crypto::SigningKey> keys = ReplaceKeys(usurper);
  EXPECT_EQ(chain_.Accept(SignBy(usurper, keys[0])).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(CharterChainTest, KeysChange_WhenTheOldKeysSign_AndThenTheNewOnesRule) {
  ASSERT_TRUE(chain_.Accept(world_.Sign(charter_)).ok());
  Charter second = Next(charter_);
  const std::vector<crypto::SigningKey> keys = ReplaceKeys(second);
  EXPECT_EQ(chain_.Accept(SignBy(second, keys[0])).code(), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(chain_.Accept(world_.Sign(second)).ok());
  const Charter third = Next(second);
  EXPECT_EQ(chain_.Accept(world_.Sign(third)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(chain_.Accept(SignBy(third, keys[1])).ok());
}

TEST_F(CharterChainTest, InForce_AsksForRootVersionAndTime) {
  const CharterPin pin{charter_.root, 1};
  const int64_t now_ms = charter_.issued_at_ms;
  EXPECT_TRUE(CheckCharterInForce(charter_, pin, now_ms).ok());
  EXPECT_EQ(CheckCharterInForce(charter_, {merkle::Hash{}, 1}, now_ms).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CheckCharterInForce(charter_, {charter_.root, 2}, now_ms).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(CheckCharterInForce(charter_, pin, charter_.expires_at_ms + 1).ok());
  EXPECT_FALSE(CheckCharterInForce(charter_, pin, now_ms - kBackdateMs - 1).ok());
}

TEST_F(CharterChainTest, Diff_NamesWhatCameWentAndChanged) {
  Charter after = Next(charter_);
  after.authorities.erase(after.authorities.begin());
  after.authorities[0].standing = Standing::kObserver;
  after.presidency = "mx";
  after.permissions[1].be_action = true;
  const std::vector<CharterChange> changes = DiffCharters(charter_, after);
  using Kind = CharterChange::Kind;
  const std::vector<CharterChange> expected = {
      {Kind::kChanged, "standing observer", "be ACTION", "no", "yes"},
      {Kind::kChanged, "authority hn", "standing", "member", "observer"},
      {Kind::kRemoved, "authority co", "", "", ""},
      {Kind::kChanged, "presidency", "authority", "pa", "mx"},
      {Kind::kChanged, "validity", "version", "1", "2"}};
  ASSERT_EQ(changes.size(), expected.size());
  for (const CharterChange& change : expected) {
    EXPECT_NE(std::find(changes.begin(), changes.end(), change), changes.end()) << change.subject;
  }
  EXPECT_TRUE(DiffCharters(charter_, charter_).empty());
}

TEST_F(CharterChainTest, Diff_NamesKeysAndServer) {
  Charter after = charter_;
  after.keys.pop_back();
  after.server.name = "other";
  const std::vector<CharterChange> changes = DiffCharters(charter_, after);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, CharterChange::Kind::kRemoved);
  EXPECT_TRUE(changes[0].subject.starts_with("key "));
  EXPECT_EQ(changes[1].subject, "server");
}

}  // namespace
}  // namespace enlace::identity
