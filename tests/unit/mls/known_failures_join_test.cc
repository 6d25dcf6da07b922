// Known failures of MLS implementations when somebody enters: external Commits and Welcomes. Those
// of live groups are in known_failures_test.cc.

#include <utility>
#include <vector>

#include "tests/unit/mls/support/known_failures.h"

namespace enlace::mls {
namespace {

// ------------------------------------------------------------------------------ external joins

class ExternalCommits : public KnownFailures {
 protected:
  // An external Commit of a stranger with `proposals` in place of its own.
  absl::Status Judge(std::vector<ProposalOrRef> proposals) {
    TestClient stranger("stranger", room_.rng);
    const Bytes info = alice_->group->MakeGroupInfo(true, {}).value();
    ExternalJoinInput input;
    input.group_info = info;
    input.profile = stranger.profile;
    input.key = &stranger.key;
    ExternalJoin join = Group::JoinExternal(input, room_.Rules(), room_.rng).value();
    MlsMessage message = MlsMessage::Parse(join.commit).value();
    auto& body = std::get<PublicMessage>(message.body);
    auto& commit = std::get<Commit>(body.content.content);
    for (ProposalOrRef& item : proposals) commit.proposals.push_back(std::move(item));
    const Bytes tbs =
        EncodeFramedContentTbs(WireFormat::kPublicMessage, body.content, alice_->group->context());
    body.auth.signature = crypto::SignWithLabel(stranger.key, kFramedContentLabel, tbs);
    return alice_->group->public_group()
        .ValidateCommit(message.Serialize(), room_.Rules())
        .status();
  }
};

TEST_F(ExternalCommits, ResignedUnchanged_IsAccepted) { EXPECT_TRUE(Judge({}).ok()); }

TEST_F(ExternalCommits, WithTwoExternalInits_IsRefused) {
  EXPECT_FALSE(Judge({Proposal{ExternalInit{Bytes(32, 9)}}}).ok());
}

TEST_F(ExternalCommits, WithAProposalByReference_IsRefused) {
  const Bytes proposal =
      bob_->group
          ->Propose(Proposal{Remove{carol_->group->own_leaf()}}, {}, room_.Rules(), room_.rng)
          .value();
  auto kept = Give(*alice_, proposal);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_FALSE(Judge({ProposalReference{std::get<ReceivedProposal>(*kept).reference}}).ok());
}

TEST_F(ExternalCommits, RemovingAnotherIdentity_IsRefused) {
  EXPECT_FALSE(Judge({Proposal{Remove{carol_->group->own_leaf()}}}).ok());
}

TEST_F(ExternalCommits, WithAddUpdateOrReInit_IsRefused) {
  TestClient friend_client("friend", room_.rng);
  EXPECT_FALSE(Judge({Proposal{Add{friend_client.MakeKeyPackage(room_.rng).key_package}}}).ok());
  EXPECT_FALSE(Judge({Proposal{Update{alice_->group->public_group().tree().leaf(0)}}}).ok());
  ReInit reinit;
  reinit.group_id = ToBytes("new");
  reinit.cipher_suite = crypto::CipherSuite::Rooms().id();
  EXPECT_FALSE(Judge({Proposal{reinit}}).ok());
}

TEST_F(ExternalCommits, OfAClientThatIsInTheGroup_IsRefusedWithoutTheOldLeafsRemoval) {
  const Bytes info = alice_->group->MakeGroupInfo(true, {}).value();
  ExternalJoinInput input;
  input.group_info = info;
  input.profile = bob_->profile;
  input.key = &bob_->key;
  EXPECT_FALSE(Group::JoinExternal(input, room_.Rules(), room_.rng).ok());
  input.resync_leaf = bob_->group->own_leaf();
  EXPECT_TRUE(Group::JoinExternal(input, room_.Rules(), room_.rng).ok());
}

// ------------------------------------------------------------------------------------- welcomes

class Welcomes : public KnownFailures {
 protected:
  Welcomes() : dave_("dave", room_.rng), bundle_(dave_.MakeKeyPackage(room_.rng)) {
    CommitOptions options;
    options.proposals.push_back(Proposal{Add{bundle_.key_package}});
    welcome_ = *alice_->group->Commit(options, room_.Rules(), room_.rng).value().welcome;
  }
  absl::Status Join(BytesView welcome, const KeyPackageBundle& bundle,
                    const crypto::SigningKey& key) {
    WelcomeInput input;
    input.welcome = welcome;
    input.own = &bundle;
    input.key = &key;
    return Group::JoinWelcome(input, room_.Rules()).status();
  }

  TestClient dave_;
  KeyPackageBundle bundle_;
  Bytes welcome_;
};

TEST_F(Welcomes, AWrongByteAnywhere_IsRefused) {
  ASSERT_TRUE(Join(welcome_, bundle_, dave_.key).ok());
  for (size_t at = 0; at < welcome_.size(); ++at) {
    Bytes wrong = welcome_;
    wrong[at] ^= 0x04;
    ASSERT_FALSE(Join(wrong, bundle_, dave_.key).ok()) << at;
  }
}

TEST_F(Welcomes, OfAnotherKeyPackage_IsNotFound) {
  const KeyPackageBundle other = dave_.MakeKeyPackage(room_.rng);
  EXPECT_EQ(Join(welcome_, other, dave_.key).code(), absl::StatusCode::kNotFound);
}

// Section 12.4.3.1: a second group under the id of a joined one would take its place.
TEST_F(Welcomes, IntoAGroupThatIsJoinedAlready_IsRefused) {
  const ValidationRules rules = room_.Rules();
  WelcomeInput input;
  input.welcome = welcome_;
  input.own = &bundle_;
  input.key = &dave_.key;
  const Bytes id = ToBytes(alice_->group->context().group_id);
  input.already_joined = [&id](BytesView asked) { return EqualBytes(asked, id); };
  EXPECT_EQ(Group::JoinWelcome(input, rules).status().code(), absl::StatusCode::kAlreadyExists);
  input.already_joined = [&id](BytesView asked) { return !EqualBytes(asked, id); };
  EXPECT_TRUE(Group::JoinWelcome(input, rules).ok());
}

TEST_F(Welcomes, WithTheWrongSigningKey_IsRefused) {
  EXPECT_FALSE(Join(welcome_, bundle_, alice_->key).ok());
}

}  // namespace
}  // namespace enlace::mls
