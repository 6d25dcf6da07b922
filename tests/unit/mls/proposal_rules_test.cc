// Every rule of RFC 9420 sections 12.1 and 12.2, by name: what breaks one is refused by a replica
// without secrets, and the replica's state stays as it was.

#include <gtest/gtest.h>

#include "crypto/mls/public_group.h"
#include "crypto/primitives/status.h"
#include "tests/unit/mls/support/forger.h"

namespace enlace::mls {
namespace {

using testing::Test;

class ProposalRulesTest : public Test {
 protected:
  ProposalRulesTest()
      : alice(room.Create()), bob(room.Add(alice)), carol(room.Add(alice)), forger(room, alice) {}

  Proposal AddOf(TestClient& client) {
    return Proposal{Add{client.MakeKeyPackage(room.rng).key_package}};
  }
  Proposal AddWith(const std::function<void(KeyPackageOptions&, LeafProfile&)>& change) {
    TestClient& client = room.NewClient();
    KeyPackageOptions options;
    options.lifetime = {1000, 2000};
    change(options, client.profile);
    auto bundle = GenerateKeyPackage(client.profile, options, client.key, room.rng);
    EXPECT_TRUE(bundle.ok()) << bundle.status();
    return Proposal{Add{bundle->key_package}};
  }
  Proposal RemoveOf(const TestClient& client) { return Proposal{Remove{client.group->own_leaf()}}; }
  Proposal Psk(size_t nonce_bytes = crypto::kHashBytes, std::string_view id = "psk") {
    return Proposal{PreSharedKey{PreSharedKeyId::External(AsBytes(id), Bytes(nonce_bytes, 1))}};
  }
  Proposal GroupExtensions(uint16_t type, BytesView data) {
    GroupContextExtensions proposal;
    proposal.extensions.Set(type, data);
    return Proposal{proposal};
  }

  absl::Status Judge(BytesView message) {
    const PublicGroup& group = bob.group->public_group();
    const Bytes before = group.Serialize();
    const absl::Status status = group.ValidateCommit(message, room.Rules()).status();
    EXPECT_EQ(ToHex(group.Serialize()), ToHex(before));
    return status;
  }

  // The Commit of these proposals is refused, for a reason that mentions `reason`.
  void ExpectRefused(std::vector<Proposal> proposals, std::string_view reason,
                     std::optional<UpdatePath> path = std::nullopt) {
    std::vector<ProposalOrRef> items(proposals.begin(), proposals.end());
    ExpectRefusedMessage(forger.Message(std::move(items), std::move(path)), reason);
  }
  void ExpectRefusedMessage(BytesView message, std::string_view reason) {
    const absl::Status status = Judge(message);
    EXPECT_FALSE(status.ok());
    EXPECT_NE(MessageOf(status).find(reason), std::string_view::npos) << status;
  }

  TestRoom room{12};
  TestClient& alice;
  TestClient& bob;
  TestClient& carol;
  Forger forger;
};

TEST_F(ProposalRulesTest, ForgedCommitsOtherwisePass) {
  // The control of this file: what the forger makes is refused for the rule that is broken and for
  // nothing else.
  EXPECT_TRUE(Judge(forger.Message({AddOf(room.NewClient())}, std::nullopt)).ok());
  EXPECT_TRUE(Judge(forger.Message({}, forger.Path())).ok());
  const LeafIndex carols_leaf = carol.group->own_leaf();
  const UpdatePath path = forger.Path([&](TreeDiff& diff) { diff.Remove(carols_leaf); });
  EXPECT_TRUE(Judge(forger.Message({RemoveOf(carol)}, path)).ok());
}

// Section 12.1.1
TEST_F(ProposalRulesTest, AddWithExpiredLifetime) {
  ExpectRefused({AddWith([](auto& options, auto&) {
                  options.lifetime = {1, kTestNow - 1};
                })},
                "lifetime");
  ExpectRefused({AddWith([](auto& options, auto&) {
                  options.lifetime = {kTestNow + 1, kTestNow + 9};
                })},
                "lifetime");
}

TEST_F(ProposalRulesTest, AddOfAnotherCipherSuite) {
  ExpectRefused({AddWith([](auto& options, auto&) {
                  options.suite = crypto::CipherSuite::FromId(1).value();
                })},
                "cipher suite");
}

TEST_F(ProposalRulesTest, AddWhoseCapabilitiesLackTheSuite) {
  ExpectRefused(
      {AddWith([](auto&, LeafProfile& profile) { profile.capabilities.cipher_suites = {1}; })},
      "cipher suite");
}

TEST_F(ProposalRulesTest, AddWhoseCapabilitiesLackTheVersion) {
  ExpectRefused({AddWith([](auto&, LeafProfile& profile) { profile.capabilities.versions = {2}; })},
                "version");
}

TEST_F(ProposalRulesTest, AddWithAlteredKeyPackage) {
  const KeyPackageBundle bundle = room.NewClient().MakeKeyPackage(room.rng);
  const Bytes encoded = bundle.key_package.Serialize();
  for (size_t offset : {encoded.size() - 1, encoded.size() / 2}) {
    Bytes altered = encoded;
    altered[offset] ^= 1;
    codec::Reader in(altered);
    KeyPackage key_package;
    if (KeyPackage::Read(in, key_package).ok()) {
      EXPECT_FALSE(Judge(forger.Message({Proposal{Add{key_package}}}, std::nullopt)).ok());
    }
  }
}

TEST_F(ProposalRulesTest, AddWhoDoesNotSupportACredentialTypeInUse) {
  ExpectRefused({AddWith([](auto&, LeafProfile& profile) {
                  const Bytes certificate = ToBytes("certificate");
                  profile.credential = Credential::X509({&certificate, 1}).value();
                  profile.capabilities.credentials = {kCredentialX509};
                })},
                "credential type");
}

// Section 12.1.2
TEST_F(ProposalRulesTest, UpdateByValue_IsTheCommittersOwn) {
  const LeafNode leaf = alice.group->public_group().tree().leaf(0);
  LeafNodeFields fields = leaf.ToFields();
  fields.source = LeafNodeSource::kUpdate;
  fields.encryption_key = room.rng.PublicBytes(32);
  const LeafNode fresh =
      LeafNode::Sign(fields, {alice.group->context().group_id, 0}, alice.key).value();
  ExpectRefused({Proposal{Update{fresh}}}, "own Update", forger.Path());
}

TEST_F(ProposalRulesTest, UpdateWithAWrongLeaf_IsNotKept) {
  PublicGroup replica = PublicGroup::Parse(bob.group->public_group().Serialize()).value();
  Forger bobs(room, bob);
  const LeafIndex leaf = bob.group->own_leaf();
  const LeafNodeFields current = bob.group->public_group().tree().leaf(leaf).ToFields();
  const auto propose = [&](const std::function<void(LeafNodeFields&)>& change, LeafIndex at) {
    LeafNodeFields fields = current;
    fields.source = LeafNodeSource::kUpdate;
    fields.encryption_key = room.rng.PublicBytes(32);
    change(fields);
    const LeafNode node = LeafNode::Sign(fields, {replica.group_id(), at}, bob.key).value();
    const Bytes message =
        bobs.ProposalMessage(Proposal{Update{node}}, Sender::Member(leaf), bob.key);
    return replica.AddProposal(message, room.Rules());
  };
  EXPECT_TRUE(propose([](LeafNodeFields&) {}, leaf).ok());
  EXPECT_FALSE(propose([](LeafNodeFields& f) { f.source = LeafNodeSource::kCommit; }, leaf).ok());
  EXPECT_FALSE(
      propose([&](LeafNodeFields& f) { f.encryption_key = current.encryption_key; }, leaf).ok());
  EXPECT_FALSE(
      propose([](LeafNodeFields& f) { f.credential = Credential::Basic(AsBytes("mallory")); }, leaf)
          .ok());
  // Signed for another place in the tree.
  EXPECT_FALSE(propose([](LeafNodeFields&) {}, leaf + 1).ok());
  EXPECT_EQ(replica.pending_proposals().size(), 1u);
}

// Section 12.1.3
TEST_F(ProposalRulesTest, RemoveOfABlankLeaf) {
  ExpectRefused({Proposal{Remove{3}}}, "blank leaf");
  ExpectRefused({Proposal{Remove{1u << 31}}}, "blank leaf");
}

// Section 12.1.4
TEST_F(ProposalRulesTest, PskNonceOfWrongLength) {
  for (size_t length : {0u, 31u, 33u}) ExpectRefused({Psk(length)}, "nonce");
}

TEST_F(ProposalRulesTest, ResumptionPskForReinitOrBranch_OutsideANewGroup) {
  for (auto usage : {ResumptionPskUsage::kReinit, ResumptionPskUsage::kBranch}) {
    const auto id = PreSharedKeyId::Resumption(usage, AsBytes("other"), 3, Bytes(32, 1));
    ExpectRefused({Proposal{PreSharedKey{id}}}, "resumption PSK");
  }
}

// Section 12.1.5
TEST_F(ProposalRulesTest, ReInitToALowerVersion) {
  ExpectRefused({Proposal{ReInit{ToBytes("next"), 0, 3, {}}}}, "version");
}

// Section 12.1.6
TEST_F(ProposalRulesTest, ExternalInitInAMembersCommit) {
  ExpectRefused({Proposal{ExternalInit{Bytes(32, 9)}}}, "ExternalInit", forger.Path());
}

// Section 12.1.7
TEST_F(ProposalRulesTest, GroupExtensionThatAMemberDoesNotSupport) {
  ExpectRefused({GroupExtensions(0xf0ee, AsBytes("x"))}, "extension", forger.Path());
}

TEST_F(ProposalRulesTest, RequiredCapabilitiesThatAMemberLacks) {
  RequiredCapabilities required;
  required.proposal_types = {0xf0ee};
  ExpectRefused({GroupExtensions(kExtensionRequiredCapabilities, required.Serialize())}, "requires",
                forger.Path());
}

TEST_F(ProposalRulesTest, GroupExtensionsThatBelongElsewhereOrAreMalformed) {
  ExpectRefused({GroupExtensions(kExtensionRatchetTree, {})}, "may not stand", forger.Path());
  ExpectRefused({GroupExtensions(kExtensionExternalPub, {})}, "may not stand", forger.Path());
  ExpectRefused({GroupExtensions(kExtensionRequiredCapabilities, AsBytes("?"))}, "", forger.Path());
  ExpectRefused({GroupExtensions(kExtensionExternalSenders, AsBytes("?"))}, "", forger.Path());
}

// Section 12.2
TEST_F(ProposalRulesTest, RemoveOfTheCommitter) {
  ExpectRefused({RemoveOf(alice)}, "committer", forger.Path());
}

TEST_F(ProposalRulesTest, TwoRemovesOfOneLeaf) {
  ExpectRefused({RemoveOf(carol), RemoveOf(carol)}, "two proposals", forger.Path());
}

TEST_F(ProposalRulesTest, UpdateAndRemoveOfOneLeaf) {
  auto update = carol.group->ProposeUpdate({}, {}, room.Rules(), room.rng);
  ASSERT_TRUE(update.ok()) << update.status();
  ASSERT_TRUE(bob.group->Process(*update, room.Rules()).ok());
  const Bytes reference = bob.group->public_group().pending_proposals().begin()->first;
  ExpectRefusedMessage(
      forger.Message({ProposalReference{reference}, RemoveOf(carol)}, forger.Path()),
      "two proposals");
}

TEST_F(ProposalRulesTest, ReferenceToAnUnknownProposal) {
  ExpectRefusedMessage(forger.Message({ProposalReference{Bytes(32, 7)}}, std::nullopt),
                       "not known");
}

TEST_F(ProposalRulesTest, TwoAddsOfOneClient) {
  TestClient& dave = room.NewClient();
  ExpectRefused({AddOf(dave), AddOf(dave)}, "one client");
}

TEST_F(ProposalRulesTest, AddOfAClientInTheGroup) {
  ExpectRefused({AddOf(carol)}, "in the group");
  // Unless it is removed by the same Commit.
  const KeyPackageBundle again = carol.MakeKeyPackage(room.rng);
  CommitOptions options;
  options.proposals = {RemoveOf(carol), Proposal{Add{again.key_package}}};
  auto commit = alice.group->Commit(options, room.Rules(), room.rng);
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_TRUE(Judge(commit->commit).ok());
}

TEST_F(ProposalRulesTest, TwoProposalsForOnePsk) { ExpectRefused({Psk(), Psk()}, "one PSK"); }

TEST_F(ProposalRulesTest, TwoGroupContextExtensions) {
  const Proposal proposal{GroupContextExtensions{}};
  ExpectRefused({proposal, proposal}, "stands twice", forger.Path());
}

TEST_F(ProposalRulesTest, ReInitWithAnotherProposal) {
  ExpectRefused({Proposal{ReInit{ToBytes("next"), 1, 3, {}}}, Psk()}, "ReInit together");
}

TEST_F(ProposalRulesTest, KeyOfALeafInTheTreeUsedAgain) {
  // The signature key of a member under another name.
  TestClient& thief = room.NewClient();
  thief.key = carol.key.Clone();
  const absl::Status status = Judge(forger.Message({AddOf(thief)}, std::nullopt));
  EXPECT_FALSE(status.ok());
  // One's own encryption key, in a path.
  const Bytes bobs_key =
      ToBytes(bob.group->public_group().tree().leaf(bob.group->own_leaf()).encryption_key());
  const UpdatePath path = forger.Path(
      [](TreeDiff&) {}, [&](LeafNodeFields& fields) { fields.encryption_key = bobs_key; });
  ExpectRefused({}, "twice", path);
}

// Section 12.4
TEST_F(ProposalRulesTest, CommitWithoutTheRequiredPath) {
  ExpectRefused({}, "path");
  ExpectRefused({RemoveOf(carol)}, "path");
  ExpectRefused({Proposal{GroupContextExtensions{}}}, "path");
}

// Section 12.4.2 and 7.3
TEST_F(ProposalRulesTest, PathLeafThatIsNotTheCommitters) {
  const auto refused = [&](const std::function<void(LeafNodeFields&)>& change) {
    return !Judge(forger.Message({}, forger.Path([](TreeDiff&) {}, change))).ok();
  };
  EXPECT_TRUE(refused([](LeafNodeFields& fields) { fields.source = LeafNodeSource::kUpdate; }));
  EXPECT_TRUE(refused([](LeafNodeFields& fields) { fields.parent_hash[0] ^= 1; }));
  EXPECT_TRUE(refused([](LeafNodeFields& fields) { fields.parent_hash.clear(); }));
  EXPECT_TRUE(refused(
      [](LeafNodeFields& fields) { fields.credential = Credential::Basic(AsBytes("bob")); }));
  const Bytes old_key = ToBytes(alice.group->public_group().tree().leaf(0).encryption_key());
  EXPECT_TRUE(refused([&](LeafNodeFields& fields) { fields.encryption_key = old_key; }));
}

TEST_F(ProposalRulesTest, PathOfAnotherShape) {
  UpdatePath path = forger.Path();
  UpdatePath shorter = path;
  shorter.nodes.pop_back();
  ExpectRefused({}, "", shorter);
  UpdatePath longer = path;
  longer.nodes.push_back(longer.nodes.back());
  ExpectRefused({}, "", longer);
  UpdatePath fewer = path;
  fewer.nodes[0].encrypted_path_secret.clear();
  ExpectRefused({}, "", fewer);
  UpdatePath twice = path;
  twice.nodes.back().encryption_key = twice.nodes.front().encryption_key;
  ExpectRefused({}, "", twice);
}

TEST_F(ProposalRulesTest, PolicyOfTheApplication_IsAskedAndBinds) {
  ValidationRules rules = room.Rules();
  CommitSummary seen;
  rules.policy = [&](const CommitSummary& commit, const PublicGroup& before) {
    seen = commit;
    EXPECT_EQ(before.epoch(), commit.epoch);
    return PermissionDenied("not allowed here");
  };
  const Bytes message = forger.Message({AddOf(room.NewClient())}, std::nullopt);
  const auto judged = bob.group->public_group().ValidateCommit(message, rules);
  EXPECT_EQ(judged.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(seen.committer, 0u);
  ASSERT_EQ(seen.added.size(), 1u);
  EXPECT_EQ(seen.added[0].leaf, 3u);
}

// Section 12.1.8
TEST_F(ProposalRulesTest, SendersOutside_ProposeOnlyWhatTheyMay) {
  const crypto::SigningKey authority = crypto::SigningKey::Generate(room.rng);
  ExtensionList extensions;
  extensions.Set(kExtensionExternalSenders,
                 SerializeExternalSenders(
                     {{ToBytes(authority.public_key()), Credential::Basic(AsBytes("ds"))}}));
  CommitOptions options;
  options.proposals = {Proposal{GroupContextExtensions{extensions}}};
  auto commit = alice.group->Commit(options, room.Rules(), room.rng);
  ASSERT_TRUE(commit.ok()) << commit.status();
  room.Deliver(commit->commit);
  PublicGroup replica = PublicGroup::Parse(bob.group->public_group().Serialize()).value();
  const auto propose = [&](const Proposal& proposal, Sender sender, const crypto::SigningKey& key) {
    return replica.AddProposal(forger.ProposalMessage(proposal, sender, key), room.Rules());
  };
  EXPECT_TRUE(propose(RemoveOf(carol), Sender::External(0), authority).ok());
  EXPECT_FALSE(propose(RemoveOf(carol), Sender::External(1), authority).ok());
  EXPECT_FALSE(propose(RemoveOf(carol), Sender::External(0), carol.key).ok());
  EXPECT_FALSE(propose(Proposal{ExternalInit{Bytes(32)}}, Sender::External(0), authority).ok());
  TestClient& dave = room.NewClient();
  EXPECT_TRUE(propose(AddOf(dave), Sender::NewMemberProposal(), dave.key).ok());
  EXPECT_FALSE(propose(AddOf(dave), Sender::NewMemberProposal(), carol.key).ok());
  EXPECT_FALSE(propose(RemoveOf(carol), Sender::NewMemberProposal(), dave.key).ok());
}

}  // namespace
}  // namespace enlace::mls
