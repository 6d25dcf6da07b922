// What groups can do beyond adding and removing: PSKs, subgroups, reinitialisation, proposals from
// outside, replicas without secrets, changes of keys, saving in steps.

#include <gtest/gtest.h>

#include "crypto/mls/padding.h"
#include "crypto/primitives/status.h"
#include "tests/unit/mls/support/forger.h"

namespace enlace::mls {
namespace {

class OnePsk final : public PskStore {
 public:
  absl::StatusOr<SecretBytes> Find(const PreSharedKeyId& id) const override {
    if (id.psk_type != PskType::kExternal || AsText(id.psk_id) != "known")
      return NotFound("no such PSK");
    return SecretBytes::CopyOf(AsBytes("shared by telephone"));
  }
};

class GroupFeaturesTest : public testing::Test {
 protected:
  GroupFeaturesTest() : alice(room.Create()), bob(room.Add(alice)), carol(room.Add(bob)) {}

  // `committer` commits these and everybody follows.
  CommitBundle CommitAll(TestClient& committer, CommitOptions options) {
    auto commit = committer.group->Commit(options, room.Rules(), room.rng);
    EXPECT_TRUE(commit.ok()) << commit.status();
    if (!commit.ok()) return {};
    room.Deliver(commit->commit);
    return std::move(*commit);
  }
  // A proposal from outside reaches everybody.
  void Announce(BytesView message) {
    for (auto& client : room.clients) {
      if (!client->group) continue;
      auto received = client->group->Process(message, room.Rules());
      ASSERT_TRUE(received.ok()) << received.status();
      EXPECT_TRUE(std::holds_alternative<ReceivedProposal>(*received));
    }
  }

  TestRoom room{77};
  TestClient& alice;
  TestClient& bob;
  TestClient& carol;
  OnePsk psks;
};

TEST_F(GroupFeaturesTest, ExternalPsk_IsNeededByEverybody) {
  CommitOptions options;
  options.psks = &psks;
  options.proposals = {
      Proposal{PreSharedKey{PreSharedKeyId::External(AsBytes("known"), Bytes(32, 1))}}};
  auto commit = alice.group->Commit(options, room.Rules(), room.rng);
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_FALSE(commit->summary.psks.empty());
  const uint64_t before = bob.group->epoch();
  EXPECT_EQ(bob.group->Process(commit->commit, room.Rules()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(bob.group->epoch(), before);
  room.psks = &psks;
  room.Deliver(commit->commit);
  room.ExpectAgreement();
}

TEST_F(GroupFeaturesTest, UnknownPsk_CannotBeCommitted) {
  CommitOptions options;
  options.psks = &psks;
  options.proposals = {
      Proposal{PreSharedKey{PreSharedKeyId::External(AsBytes("unknown"), Bytes(32, 1))}}};
  EXPECT_EQ(alice.group->Commit(options, room.Rules(), room.rng).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(GroupFeaturesTest, ResumptionPskOfAPastEpoch_IsFoundByItself) {
  const uint64_t past = alice.group->epoch();
  room.CommitEmpty(bob);
  CommitOptions options;
  options.proposals = {Proposal{PreSharedKey{PreSharedKeyId::Resumption(
      ResumptionPskUsage::kApplication, alice.group->context().group_id, past, Bytes(32, 5))}}};
  CommitAll(alice, options);
  room.ExpectAgreement();
  EXPECT_EQ(alice.group->ResumptionPsk(past + 100).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(GroupFeaturesTest, Branch_MakesASubgroupThatNeedsTheOldGroupsSecret) {
  const KeyPackageBundle bundle = bob.MakeKeyPackage(room.rng);
  SubgroupOptions options;
  options.group_id = ToBytes("subgroup");
  options.creator = alice.profile;
  options.key = &alice.key;
  options.members = {bundle.key_package};
  auto branch = alice.group->CreateSubgroup(options, room.Rules(), room.rng);
  ASSERT_TRUE(branch.ok()) << branch.status();
  ASSERT_TRUE(branch->group.Process(branch->commit.commit, room.Rules()).ok());
  WelcomeInput input{
      .welcome = *branch->commit.welcome, .own = &bundle, .key = &bob.key, .tree = std::nullopt};
  EXPECT_EQ(Group::JoinWelcome(input, room.Rules()).status().code(), absl::StatusCode::kNotFound);
  input.former = &*bob.group;
  auto joined = Group::JoinWelcome(input, room.Rules());
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(ToHex(joined->group.EpochAuthenticator()), ToHex(branch->group.EpochAuthenticator()));
}

TEST_F(GroupFeaturesTest, ReInit_EndsTheGroupAndTiesTheNextOneToIt) {
  CommitOptions end;
  end.proposals = {Proposal{ReInit{ToBytes("next"), kProtocolVersionMls10, 1, {}}}};
  CommitAll(alice, end);
  EXPECT_FALSE(bob.group->is_active());
  EXPECT_TRUE(bob.group->public_group().reinitialised());
  EXPECT_EQ(alice.group->Commit({}, room.Rules(), room.rng).status().code(),
            absl::StatusCode::kFailedPrecondition);
  bob.group->ReserveGenerations(1);
  EXPECT_EQ(bob.group->Protect(AsBytes("x"), {}, room.rng).status().code(),
            absl::StatusCode::kFailedPrecondition);

  const KeyPackageBundle bundle =
      bob.MakeKeyPackage(room.rng, crypto::CipherSuite::FromId(1).value());
  SubgroupOptions options;
  options.kind = SubgroupKind::kReInit;
  options.creator = alice.profile;
  options.key = &alice.key;
  options.members = {bundle.key_package};
  auto next = alice.group->CreateSubgroup(options, room.Rules(), room.rng);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->group.context().cipher_suite.id(), 1);
  auto joined = Group::JoinWelcome({.welcome = *next->commit.welcome,
                                    .own = &bundle,
                                    .key = &bob.key,
                                    .tree = std::nullopt,
                                    .psks = nullptr,
                                    .former = &*bob.group},
                                   room.Rules());
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(ToText(joined->group.context().group_id), "next");
}

TEST_F(GroupFeaturesTest, NewMemberProposal_IsCommittedByAMember) {
  TestClient& dave = room.NewClient();
  const KeyPackageBundle bundle = dave.MakeKeyPackage(room.rng);
  Forger forger(room, alice);
  Announce(forger.ProposalMessage(Proposal{Add{bundle.key_package}}, Sender::NewMemberProposal(),
                                  dave.key));
  bob.group->ReserveGenerations(1);
  EXPECT_EQ(bob.group->Protect(AsBytes("x"), {}, room.rng).status().code(),
            absl::StatusCode::kFailedPrecondition);
  CommitOptions options;
  options.include_pending = true;
  const CommitBundle commit = CommitAll(bob, options);
  ASSERT_TRUE(commit.welcome.has_value());
  auto joined = Group::JoinWelcome(
      {.welcome = *commit.welcome, .own = &bundle, .key = &dave.key, .tree = std::nullopt},
      room.Rules());
  ASSERT_TRUE(joined.ok()) << joined.status();
  dave.group.emplace(std::move(joined->group));
  room.ExpectAgreement();
}

TEST_F(GroupFeaturesTest, ExternalSender_ProposesARemoval) {
  const crypto::SigningKey authority = crypto::SigningKey::Generate(room.rng);
  GroupContextExtensions extensions;
  extensions.extensions.Set(kExtensionExternalSenders,
                            SerializeExternalSenders({{ToBytes(authority.public_key()),
                                                       Credential::Basic(AsBytes("authority"))}}));
  CommitOptions allow;
  allow.proposals = {Proposal{extensions}};
  CommitAll(alice, allow);
  Forger forger(room, alice);
  Announce(forger.ProposalMessage(Proposal{Remove{carol.group->own_leaf()}}, Sender::External(0),
                                  authority));
  CommitOptions options;
  options.include_pending = true;
  CommitAll(bob, options);
  EXPECT_FALSE(carol.group.has_value());
  room.ExpectAgreement();
  EXPECT_EQ(alice.group->public_group().member_count(), 2u);
}

TEST_F(GroupFeaturesTest, ReplicaWithoutSecrets_FollowsAndChecksGroupInfos) {
  PublicGroup replica = PublicGroup::Parse(alice.group->public_group().Serialize()).value();
  std::map<std::string, Bytes> saved;
  const auto save = [&] {
    size_t writes = 0;
    for (PublicChange& change : replica.TakeChanges()) {
      ++writes;
      if (change.value) {
        saved.insert_or_assign(change.key, std::move(*change.value));
      } else {
        saved.erase(change.key);
      }
    }
    return writes;
  };
  save();
  for (int round = 0; round < 5; ++round) {
    CommitOptions options;
    options.want_group_info = true;
    options.proposals = {Proposal{Add{room.NewClient().MakeKeyPackage(room.rng).key_package}}};
    options.message.authenticated_data = ToBytes("head 7");
    const CommitBundle commit = CommitAll(bob, options);
    EXPECT_TRUE(replica.ValidateCommit(commit.commit, room.Rules()).ok());
    auto applied = replica.ApplyCommit(commit.commit, room.Rules());
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(ToText(applied->authenticated_data), "head 7");
    EXPECT_EQ(applied->committer, bob.group->own_leaf());
    EXPECT_EQ(ToHex(replica.tree_hash()), ToHex(bob.group->context().tree_hash));
    const MlsMessage info = MlsMessage::Parse(*commit.group_info).value();
    EXPECT_TRUE(replica.VerifyGroupInfo(std::get<GroupInfo>(info.body)).ok());
    GroupInfo altered = std::get<GroupInfo>(info.body);
    altered.extensions.Set(0xf0aa, AsBytes("x"));
    EXPECT_FALSE(replica.VerifyGroupInfo(altered).ok());
    EXPECT_LE(save(), 12u);
    const PublicGroup restored = PublicGroup::Restore(saved).value();
    EXPECT_EQ(ToHex(restored.Serialize()), ToHex(replica.Serialize()));
  }
  auto joined = PublicGroup::FromGroupInfo(
      std::get<GroupInfo>(MlsMessage::Parse(bob.group->MakeGroupInfo(false, {}).value())->body),
      replica.SerializeTree(), room.Rules());
  EXPECT_TRUE(joined.ok()) << joined.status();
}

TEST_F(GroupFeaturesTest, SignatureKey_ChangesByOwnCommitAndByOwnUpdate) {
  const crypto::SigningKey fresh = crypto::SigningKey::Generate(room.rng);
  CommitOptions options;
  options.force_path = true;
  options.leaf_change.signing_key = &fresh;
  options.want_group_info = true;
  CommitAll(bob, options);
  EXPECT_EQ(ToHex(alice.group->public_group().FindLeaf(bob.group->own_leaf())->signature_key()),
            ToHex(fresh.public_key()));
  room.ExpectConversation(bob);

  const crypto::SigningKey fresher = crypto::SigningKey::Generate(room.rng);
  LeafChange change;
  change.signing_key = &fresher;
  auto update = bob.group->ProposeUpdate(change, {}, room.Rules(), room.rng);
  ASSERT_TRUE(update.ok()) << update.status();
  for (TestClient* other : {&alice, &carol})
    ASSERT_TRUE(other->group->Process(*update, room.Rules()).ok());
  CommitOptions include;
  include.include_pending = true;
  CommitAll(carol, include);
  room.ExpectAgreement();
  room.ExpectConversation(bob);
}

TEST_F(GroupFeaturesTest, PeekedCommit_IsVerifiedAndNotApplied) {
  for (bool encrypt : {false, true}) {
    CommitOptions options;
    options.message.authenticated_data = ToBytes("registry head");
    options.message.encrypt = encrypt;
    alice.group->ReserveGenerations(1);
    auto commit = alice.group->Commit(options, room.Rules(), room.rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    const uint64_t before = bob.group->epoch();
    auto header = bob.group->PeekHandshake(commit->commit);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(ToText(header->authenticated_data), "registry head");
    EXPECT_EQ(header->sender, Sender::Member(alice.group->own_leaf()));
    EXPECT_EQ(bob.group->epoch(), before);
    Bytes altered = commit->commit;
    altered.back() ^= 1;
    EXPECT_FALSE(bob.group->PeekHandshake(altered).ok());
    room.Deliver(commit->commit);
    room.ExpectAgreement();
  }
}

TEST_F(GroupFeaturesTest, WelcomeWithoutTree_TakesTheTreeFromElsewhereAndChecksIt) {
  TestClient& dave = room.NewClient();
  const KeyPackageBundle bundle = dave.MakeKeyPackage(room.rng);
  CommitOptions options;
  options.tree_in_welcome = false;
  options.welcome_extensions.Set(0xf0e2, AsBytes("guard"));
  options.proposals = {Proposal{Add{bundle.key_package}}};
  const Bytes old_tree = alice.group->public_group().SerializeTree();
  const CommitBundle commit = CommitAll(alice, options);
  const Bytes tree = alice.group->public_group().SerializeTree();
  WelcomeInput input{
      .welcome = *commit.welcome, .own = &bundle, .key = &dave.key, .tree = std::nullopt};
  EXPECT_FALSE(Group::JoinWelcome(input, room.Rules()).ok());
  input.tree = old_tree;
  EXPECT_FALSE(Group::JoinWelcome(input, room.Rules()).ok());
  input.tree = tree;
  auto joined = Group::JoinWelcome(input, room.Rules());
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(ToText(joined->group_info_extensions.Find(0xf0e2).value()), "guard");
  EXPECT_EQ(joined->signer, alice.group->own_leaf());
}

TEST_F(GroupFeaturesTest, GreaseInAKeyPackage_IsTolerated) {
  TestClient& dave = room.NewClient();
  dave.profile.capabilities.versions.push_back(0x0a0a);
  dave.profile.capabilities.cipher_suites.push_back(0x1a1a);
  dave.profile.capabilities.extensions.push_back(0x2a2a);
  dave.profile.capabilities.proposals.push_back(0x3a3a);
  dave.profile.capabilities.credentials.push_back(0x4a4a);
  dave.profile.extensions.Set(0x2a2a, AsBytes("grease"));
  const KeyPackageBundle bundle = dave.MakeKeyPackage(room.rng);
  CommitOptions options;
  options.proposals = {Proposal{Add{bundle.key_package}}};
  options.welcome_extensions.Set(0x5a5a, AsBytes("more grease"));
  const CommitBundle commit = CommitAll(alice, options);
  auto joined = Group::JoinWelcome(
      {.welcome = *commit.welcome, .own = &bundle, .key = &dave.key, .tree = std::nullopt},
      room.Rules());
  EXPECT_TRUE(joined.ok()) << joined.status();
}

TEST_F(GroupFeaturesTest, StoredKeyPackage_ComesBackWhole) {
  TestClient& dave = room.NewClient();
  const KeyPackageBundle bundle = dave.MakeKeyPackage(room.rng);
  const SecretBytes stored = bundle.Serialize();
  const KeyPackageBundle back = KeyPackageBundle::Parse(stored.view()).value();
  EXPECT_EQ(ToHex(back.key_package.Serialize()), ToHex(bundle.key_package.Serialize()));
  EXPECT_EQ(ToHex(back.init_key.private_key()), ToHex(bundle.init_key.private_key()));
  EXPECT_EQ(ToHex(back.encryption_key.private_key()), ToHex(bundle.encryption_key.private_key()));
  EXPECT_EQ(KeyPackageBundle::Parse(stored.view().first(20)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(GroupFeaturesTest, SavingAfterOneMessage_WritesAFewRecords) {
  for (int i = 0; i < 40; ++i) room.Add(alice);
  bob.group->TakeChanges();
  alice.group->ReserveGenerations(2);
  for (int i = 0; i < 2; ++i) {
    auto message = alice.group->Protect(AsBytes("x"), {}, room.rng);
    ASSERT_TRUE(message.ok());
    ASSERT_TRUE(bob.group->Process(*message, room.Rules()).ok());
    // The first message of a sender unfolds its path of the secret tree; the next steps its ratchet
    // alone.
    EXPECT_LE(bob.group->TakeChanges().size(), i == 0 ? 12u : 1u);
  }
  EXPECT_TRUE(bob.group->TakeChanges().empty());
}

TEST_F(GroupFeaturesTest, PendingCommitAndExternalJoin_SurviveARestart) {
  const auto restart = [](Group& group) {
    std::map<std::string, SecretBytes> saved;
    for (StateChange& change : group.TakeChanges()) {
      if (change.value) saved.emplace(change.key, std::move(*change.value));
    }
    return Group::Restore(saved);
  };
  const Bytes info = alice.group->MakeGroupInfo(true, {}).value();
  TestClient& dave = room.NewClient();
  ExternalJoinInput input;
  input.group_info = info;
  input.profile = dave.profile;
  input.key = &dave.key;
  auto join = Group::JoinExternal(input, room.Rules(), room.rng);
  ASSERT_TRUE(join.ok()) << join.status();
  EXPECT_FALSE(join->group.is_active());
  auto restored = restart(join->group);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE(EqualBytes(restored->PendingCommit(), join->commit));
  dave.group.emplace(std::move(*restored));
  room.Deliver(join->commit);
  room.ExpectAgreement();
  room.ExpectConversation(dave);
}

TEST(PaddingTest, PadmeAddsAtMostAnEighthAndNeverShrinks) {
  EXPECT_EQ(PadmeSize(0, 256), 256u);
  EXPECT_EQ(PadmeSize(256, 256), 256u);
  for (size_t size = 257; size < 100000; size += 13) {
    const size_t padded = PadmeSize(size, 256);
    EXPECT_GE(padded, size);
    EXPECT_LE((padded - size) * 8, size) << size;
    EXPECT_EQ(PadmeSize(padded, 256), padded) << size;
  }
}

}  // namespace
}  // namespace enlace::mls
