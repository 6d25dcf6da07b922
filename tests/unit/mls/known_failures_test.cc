// One test for each way in which MLS implementations have failed: what a hostile or broken peer, a
// restored state or a rival can do to a live group, and what must come of it. The rules of section
// 12 are in proposal_rules_test.cc, hostile trees in tree_validation_test.cc.

#include "tests/unit/mls/support/known_failures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <set>
#include <type_traits>

#include "crypto/mls/secret_tree.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

bool Holds(const Saved& saved, BytesView needle) {
  return std::any_of(saved.begin(), saved.end(), [needle](const auto& entry) {
    const BytesView value = entry.second.view();
    return std::search(value.begin(), value.end(), needle.begin(), needle.end()) != value.end();
  });
}

// ---------------------------------------------------------------------------- wire structures

TEST_F(KnownFailures, TagOfAWrongLength_IsRefused) {
  const Bytes commit = EmptyCommit(*bob_);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{31}, size_t{33}}) {
    const auto resize = [size](Bytes& tag) { tag.resize(size); };
    EXPECT_FALSE(
        Give(*alice_, Altered(commit, [&](PublicMessage& m) { resize(*m.membership_tag); })).ok())
        << size;
    EXPECT_FALSE(
        Give(*alice_, Altered(commit, [&](PublicMessage& m) { resize(m.auth.confirmation_tag); }))
            .ok())
        << size;
    EXPECT_FALSE(
        alice_->group->public_group()
            .ValidateCommit(
                Altered(commit, [&](PublicMessage& m) { resize(m.auth.confirmation_tag); }),
                room_.Rules())
            .ok())
        << size;
  }
  EXPECT_TRUE(Give(*alice_, commit).ok());
}

TEST_F(KnownFailures, EveryPrefixOfEveryMessage_IsRefused) {
  for (const Bytes& whole : AllMessages()) {
    ASSERT_TRUE(MlsMessage::Parse(whole).ok());
    for (size_t size = 0; size < whole.size(); ++size) {
      // A copy of its own size, so that a sanitizer sees a read past its end.
      const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_FALSE(MlsMessage::Parse(prefix).ok()) << size;
    }
  }
}

TEST_F(KnownFailures, AByteAppendedToAnyMessage_IsRefused) {
  for (const Bytes& whole : AllMessages()) {
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(MlsMessage::Parse(longer).ok());
  }
}

TEST_F(KnownFailures, LengthsAtThePrefixBoundaries_ReadBackAndLongerFormsDoNot) {
  for (const size_t size : {63u, 64u, 16383u, 16384u}) {
    codec::Writer out;
    out.Vector(Bytes(size, 5));
    codec::Reader in(out.view());
    BytesView back;
    ASSERT_TRUE(in.ReadVector(back).ok()) << size;
    EXPECT_EQ(back.size(), size);
    EXPECT_TRUE(in.Done().ok());
  }
  Bytes two_for_63 = {0x40, 63};
  two_for_63.resize(2 + 63);
  Bytes four_for_16383 = {0x80, 0, 0x3f, 0xff};
  four_for_16383.resize(4 + 16383);
  for (const Bytes& wasteful : {two_for_63, four_for_16383, Bytes{0x40, 0}, Bytes{0xc0}}) {
    codec::Reader in(wasteful);
    BytesView back;
    EXPECT_FALSE(in.ReadVector(back).ok());
  }
}

TEST_F(KnownFailures, AWrongByteAnywhereInACommit_IsRefusedAndChangesNothing) {
  const Bytes commit = EmptyCommit(*bob_);
  const uint64_t epoch = alice_->group->epoch();
  for (size_t at = 0; at < commit.size(); ++at) {
    Bytes wrong = commit;
    wrong[at] ^= 0x20;
    ASSERT_FALSE(Give(*alice_, wrong).ok()) << at;
    ASSERT_EQ(alice_->group->epoch(), epoch);
  }
  EXPECT_TRUE(Give(*alice_, commit).ok());
}

TEST_F(KnownFailures, AWrongByteAnywhereInContent_IsRefusedAndTheGenuineOneStillOpens) {
  const Bytes message = Say(*bob_, "genuine");
  for (size_t at = 0; at < message.size(); ++at) {
    Bytes wrong = message;
    wrong[at] ^= 0x01;
    ASSERT_FALSE(Give(*alice_, wrong).ok()) << at;
  }
  EXPECT_EQ(Heard(*alice_, message), "genuine");
}

TEST_F(KnownFailures, SecretsHaveNoTextForm) {
  const auto printable = [](auto&& value) {
    return requires(std::ostream & out) { out << value; };
  };
  static_assert(!std::is_copy_constructible_v<SecretBytes>);
  static_assert(!std::is_copy_constructible_v<Group>);
  EXPECT_FALSE(printable(SecretBytes(32)));
}

// ------------------------------------------------------------------------------------ ratchets

TEST_F(KnownFailures, Replay_IsRefusedAndSaysSo) {
  const Bytes message = Say(*bob_, "once");
  EXPECT_EQ(Heard(*alice_, message), "once");
  EXPECT_EQ(Give(*alice_, message).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(KnownFailures, ReorderedMessages_AllOpenOnce) {
  std::vector<Bytes> messages;
  for (int i = 0; i < 20; ++i) messages.push_back(Say(*bob_, std::to_string(i)));
  for (int i = 19; i >= 0; --i) {
    const Bytes& message = messages[static_cast<size_t>(i)];
    EXPECT_EQ(Heard(*alice_, message), std::to_string(i));
    EXPECT_EQ(Give(*alice_, message).status().code(), absl::StatusCode::kAlreadyExists);
  }
}

TEST_F(KnownFailures, SkippedKeys_AreBounded) {
  std::vector<Bytes> messages;
  for (size_t i = 0; i < kSkippedKeysMax + 10; ++i) messages.push_back(Say(*bob_, "x"));
  EXPECT_EQ(Heard(*alice_, messages.back()), "x");
  EXPECT_EQ(Heard(*alice_, messages[messages.size() - 2]), "x");
  EXPECT_FALSE(Give(*alice_, messages.front()).ok());
}

TEST_F(KnownFailures, GenerationAtTheEndOfTheCounter_IsAQuickError) {
  const crypto::CipherSuite suite = crypto::CipherSuite::Rooms();
  SecretTree tree(suite, 4, room_.rng.Secret(32));
  for (const uint32_t generation : {kForwardGenerationsMax + 1, 0x7fffffffu, 0xffffffffu}) {
    EXPECT_EQ(tree.Find(1, RatchetType::kApplication, generation).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
  EXPECT_FALSE(tree.Find(4, RatchetType::kApplication, 0).ok());
  EXPECT_TRUE(tree.Find(1, RatchetType::kApplication, 0).ok());
}

TEST_F(KnownFailures, RestoredState_NeverUsesAGenerationAgain) {
  Saved saved;
  bob_->group->ReserveGenerations(4);
  Save(*bob_->group, saved);
  std::set<uint32_t> generations;
  const auto send = [&] {
    const Bytes message = bob_->group->Protect(AsBytes("x"), {}, room_.rng).value();
    auto received = Give(*alice_, message);
    ASSERT_TRUE(received.ok()) << received.status();
    EXPECT_TRUE(generations.insert(std::get<ReceivedContent>(*received).generation).second);
  };
  send();
  send();
  // The process dies; what it had sent after the last save is not in the saved state.
  bob_->group.emplace(Group::Restore(saved).value());
  EXPECT_EQ(bob_->group->Protect(AsBytes("x"), {}, room_.rng).status().code(),
            absl::StatusCode::kFailedPrecondition);
  bob_->group->ReserveGenerations(4);
  send();
  send();
  EXPECT_EQ(generations.size(), 4u);
}

TEST_F(KnownFailures, SavedState_HoldsNoSpentSecret) {
  // The own key of a leaf, of a path and of an epoch are looked for after they were replaced.
  Saved saved;
  Save(*alice_->group, saved);
  const SecretBytes old_exporter = alice_->group->ResumptionPsk(alice_->group->epoch()).value();
  ASSERT_TRUE(Holds(saved, old_exporter.view()));
  const Bytes message = Say(*bob_, "spent");
  EXPECT_EQ(Heard(*alice_, message), "spent");
  Save(*alice_->group, saved);
  Group copy = Group::Restore(saved).value();
  EXPECT_EQ(copy.Process(message, room_.Rules()).status().code(), absl::StatusCode::kAlreadyExists);
  const Bytes before_commit = Say(*bob_, "of the old epoch");
  room_.CommitEmpty(*bob_);
  Save(*alice_->group, saved);
  EXPECT_FALSE(Group::Restore(saved).value().Process(before_commit, room_.Rules()).ok());
}

TEST_F(KnownFailures, PoisonMessage_DoesNotStopTheQueue) {
  Bytes poison = Say(*bob_, "poison");
  poison.back() ^= 1;
  const Bytes next = Say(*bob_, "next");
  EXPECT_FALSE(Give(*alice_, poison).ok());
  EXPECT_EQ(Heard(*alice_, next), "next");
  const Bytes commit = EmptyCommit(*carol_);
  EXPECT_TRUE(Give(*alice_, commit).ok());
}

TEST_F(KnownFailures, ForgedCommitFirst_LeavesTheGenuinePrivateOneUsable) {
  const Bytes genuine = EmptyCommit(*bob_, /*encrypt=*/true);
  Bytes forged = genuine;
  forged.back() ^= 1;
  EXPECT_FALSE(Give(*alice_, forged).ok());
  auto received = Give(*alice_, genuine);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_TRUE(std::holds_alternative<ReceivedCommit>(*received));
}

// -------------------------------------------------------------------------------------- epochs

TEST_F(KnownFailures, MessageOfAnOldEpoch_IsRefusedEvenFromAReplacedLeaf) {
  const Bytes old_content = Say(*bob_, "old");
  const Bytes old_commit = EmptyCommit(*bob_);
  const LeafIndex bobs_leaf = bob_->group->own_leaf();
  room_.Remove(*alice_, bobs_leaf);
  TestClient& mallory = room_.Add(*alice_);
  ASSERT_EQ(mallory.group->own_leaf(), bobs_leaf);
  EXPECT_EQ(Give(*carol_, old_content).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Give(*carol_, old_commit).status().code(), absl::StatusCode::kAborted);
}

TEST_F(KnownFailures, MessageOfAnotherGroup_IsRefused) {
  TestRoom other(43);
  TestClient& eve = other.NewClient();
  auto group = Group::Create({crypto::CipherSuite::Rooms(), ToBytes("other room"), {}}, eve.profile,
                             eve.key, other.rng);
  ASSERT_TRUE(group.ok());
  group->ReserveGenerations(1);
  const Bytes message = group->Protect(AsBytes("x"), {}, other.rng).value();
  EXPECT_FALSE(Give(*alice_, message).ok());
}

TEST_F(KnownFailures, OwnCommitEchoed_IsAppliedOnceAndARivalForgetsIt) {
  const Bytes own = EmptyCommit(*alice_);
  auto first = Give(*alice_, own);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(std::get<ReceivedCommit>(*first).own);
  EXPECT_EQ(Give(*alice_, own).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(Give(*bob_, own).ok());
  EXPECT_TRUE(Give(*carol_, own).ok());

  const Bytes loser = EmptyCommit(*alice_);
  const Bytes winner = EmptyCommit(*bob_);
  for (TestClient* client : {alice_, bob_, carol_}) EXPECT_TRUE(Give(*client, winner).ok());
  EXPECT_EQ(Give(*alice_, loser).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(alice_->group->PendingCommit().empty());
  room_.ExpectAgreement();
}

TEST_F(KnownFailures, OwnContentEchoed_IsToldAndUsesNothingUp) {
  const Bytes message = Say(*alice_, "mine");
  auto echoed = Give(*alice_, message);
  ASSERT_TRUE(echoed.ok()) << echoed.status();
  EXPECT_FALSE(std::get<ReceivedOwn>(*echoed).unused_generation);
  EXPECT_EQ(Heard(*bob_, message), "mine");
}

TEST_F(KnownFailures, ContentInThisClientsName_IsNoProofOfAnotherCopy) {
  Forger forger(room_, *bob_);
  const LeafIndex own = alice_->group->own_leaf();
  alice_->group->ReserveGenerations(2);
  for (const uint32_t generation : {0u, 1u, 2u, 1000u}) {
    const Bytes forged = forger.PrivateFrom({own, generation, {1, 2, 3, 4}}, AsBytes("x"));
    EXPECT_EQ(Give(*alice_, forged).status().code(), absl::StatusCode::kInvalidArgument);
  }
  const Bytes far = forger.PrivateFrom({own, UINT32_MAX, {1, 2, 3, 4}}, AsBytes("x"));
  EXPECT_EQ(Give(*alice_, far).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Heard(*bob_, Say(*alice_, "still here")), "still here");
}

TEST_F(KnownFailures, ContentOfAnotherCopyOfTheState_IsTold) {
  Saved saved;
  Save(*alice_->group, saved);
  Group copy = Group::Restore(saved).value();
  copy.ReserveGenerations(3);
  for (int i = 0; i < 3; ++i) {
    const Bytes message = copy.Protect(AsBytes("copy"), {}, room_.rng).value();
    auto received = Give(*alice_, message);
    ASSERT_TRUE(received.ok()) << received.status();
    EXPECT_TRUE(std::get<ReceivedOwn>(*received).unused_generation);
  }
}

TEST_F(KnownFailures, CommitInAnothersName_IsRefused) {
  Forger forger(room_, *bob_);
  const Bytes forged = forger.Message({}, forger.Path(), Sender::Member(0));
  EXPECT_FALSE(alice_->group->public_group().ValidateCommit(forged, room_.Rules()).ok());
  EXPECT_FALSE(Give(*carol_, forged).ok());
}

TEST_F(KnownFailures, CommitWithAWrongConfirmationTag_IsRefusedByMembers) {
  Forger forger(room_, *bob_);
  const Bytes forged = forger.Message({}, forger.Path());
  const Bytes before = ToBytes(alice_->group->EpochAuthenticator());
  EXPECT_EQ(MessageOf(Give(*alice_, forged).status()), "confirmation tag does not verify");
  EXPECT_EQ(ToBytes(alice_->group->EpochAuthenticator()), before);
}

TEST_F(KnownFailures, CommitDecryptedByAnotherEpochsKeys_LeavesAllMembersAlone) {
  // A refused Commit must not replace private keys: the next genuine one still opens.
  Forger forger(room_, *bob_);
  EXPECT_FALSE(Give(*alice_, forger.Message({}, forger.Path())).ok());
  room_.CommitEmpty(*bob_);
  room_.ExpectAgreement();
  room_.ExpectConversation(*alice_);
}

TEST_F(KnownFailures, CredentialSwappedInAPathLeaf_IsRefused) {
  Forger forger(room_, *bob_);
  const UpdatePath path = forger.Path(
      [](TreeDiff&) {},
      [this](LeafNodeFields& fields) { fields.credential = alice_->profile.credential; });
  EXPECT_FALSE(
      alice_->group->public_group().ValidateCommit(forger.Message({}, path), room_.Rules()).ok());
}

TEST_F(KnownFailures, KeyOfTheTreeReusedInAPath_IsRefused) {
  Forger forger(room_, *bob_);
  UpdatePath path = forger.Path();
  path.nodes[0].encryption_key =
      ToBytes(alice_->group->public_group().tree().leaf(0).encryption_key());
  EXPECT_FALSE(
      alice_->group->public_group().ValidateCommit(forger.Message({}, path), room_.Rules()).ok());
}

TEST_F(KnownFailures, CommitThatThePolicyForbids_IsRefusedByAll) {
  ValidationRules rules = room_.Rules();
  const LeafIndex allowed = alice_->group->own_leaf();
  rules.policy = [allowed](const CommitSummary& commit, const PublicGroup&) {
    return commit.committer == allowed ? absl::OkStatus()
                                       : absl::PermissionDeniedError("not this member");
  };
  const Bytes commit = EmptyCommit(*bob_);
  EXPECT_EQ(carol_->group->Process(commit, rules).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(alice_->group->public_group().ValidateCommit(commit, rules).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Give(*carol_, commit).ok());
}

TEST_F(KnownFailures, CapabilitiesOfRemovedMembers_DoNotCount) {
  TestClient& old = room_.NewClient();
  old.profile.capabilities.proposals = {};
  old.profile.capabilities.extensions = {};
  const KeyPackageBundle bundle = old.MakeKeyPackage(room_.rng);
  CommitOptions add;
  add.proposals.push_back(Proposal{Add{bundle.key_package}});
  const CommitBundle made = alice_->group->Commit(add, room_.Rules(), room_.rng).value();
  const LeafIndex leaf = made.summary.added.at(0).leaf;
  room_.Deliver(made.commit);
  CommitOptions require;
  GroupContextExtensions extensions;
  extensions.extensions.Set(
      kExtensionRequiredCapabilities,
      RequiredCapabilities{
          .extension_types = {kExtensionLastResort}, .proposal_types = {}, .credential_types = {}}
          .Serialize());
  require.proposals.push_back(Proposal{extensions});
  EXPECT_FALSE(alice_->group->Commit(require, room_.Rules(), room_.rng).ok());
  require.proposals.push_back(Proposal{Remove{leaf}});
  const auto both = alice_->group->Commit(require, room_.Rules(), room_.rng);
  ASSERT_TRUE(both.ok()) << both.status();
  room_.Deliver(both->commit);
  room_.ExpectAgreement();
}

}  // namespace
}  // namespace enlace::mls
