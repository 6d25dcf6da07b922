// The rules' view of real MLS groups: who stands where, and what a commit does.
#include "crypto/room/room_view.h"

#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "tests/unit/room/room_world.h"

namespace enlace::room {
namespace {

using enlace::testing::RoomWorld;
using enlace::testing::WorldDevice;

class RoomViewTest : public ::testing::Test {
 protected:
  static mls::LeafProfile ProfileOf(const WorldDevice& device) {
    const std::vector<Bytes> chain = {device.mls.der()};
    mls::LeafProfile profile;
    profile.credential = *mls::Credential::X509(chain);
    profile.capabilities = mls::Capabilities::OfThisLibrary();
    profile.capabilities.extensions.push_back(kRoomPolicyExtension);
    profile.capabilities.extensions.push_back(kGuardCommitmentExtension);
    profile.capabilities.extensions.push_back(kUnknownExtension);
    return profile;
  }
  static mls::ExtensionList Extensions(const RoomPolicy& policy, const merkle::Hash& commitment) {
    mls::ExtensionList extensions;
    extensions.Set(kRoomPolicyExtension, *EncodeRoomPolicy(policy));
    extensions.Set(kGuardCommitmentExtension, EncodeGuardCommitment(commitment));
    return extensions;
  }
  absl::StatusOr<mls::Group> Create(const mls::ExtensionList& extensions) {
    mls::GroupConfig config;
    config.group_id = Bytes(kRoomIdBytes, 9);
    config.extensions = extensions;
    const crypto::SigningKey key = w_.hn.signing_key();
    return mls::Group::Create(config, ProfileOf(w_.hn), key, w_.world().rng());
  }
  mls::Proposal AddOf(const WorldDevice& device) {
    mls::KeyPackageOptions options;
    options.lifetime = {0, 4'000'000'000};
    const crypto::SigningKey key = device.signing_key();
    const auto bundle = mls::GenerateKeyPackage(ProfileOf(device), options, key, w_.world().rng());
    return {mls::Add{bundle->key_package}};
  }
  mls::ValidationRules Rules() {
    mls::ValidationRules rules;
    rules.credentials = &validator_;
    return rules;
  }
  // Commits, applies the commit, and gives what the rules see of it.
  absl::StatusOr<CommitSummary> CommitAndView(mls::Group& group,
                                              std::vector<mls::Proposal> proposals,
                                              std::vector<RemovedLeaf> removed = {}) {
    mls::CommitOptions options;
    options.proposals = std::move(proposals);
    options.force_path = true;
    CommitContext context = w_.Context();
    context.removed = std::move(removed);
    options.message.authenticated_data = EncodeCommitContext(context);
    const absl::StatusOr<mls::CommitBundle> bundle =
        group.Commit(options, Rules(), w_.world().rng());
    if (!bundle.ok()) return bundle.status();
    absl::StatusOr<CommitSummary> view = ViewCommit(bundle->summary, group.public_group());
    const absl::Status applied = group.Process(bundle->commit, Rules()).status();
    return applied.ok() ? view : applied;
  }

  static constexpr uint16_t kUnknownExtension = 0xF0EE;
  RoomWorld w_;
  mls::StructuralCredentialValidator validator_;
  merkle::Hash commitment_ = merkle::Sha256(AsBytes("guard"));
};

TEST_F(RoomViewTest, Group_IsSeenWithPolicyGuardMarkAndMembers) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  ASSERT_TRUE(CommitAndView(group, {AddOf(w_.mx), AddOf(w_.iom)}).ok());
  const HeadMark mark = MarkOf(w_.Context());
  const absl::StatusOr<RoomState> state = ViewGroup(group.public_group(), mark);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->policy, RoomWorld::Policy());
  EXPECT_EQ(state->guard_commitment, commitment_);
  EXPECT_EQ(state->mark, mark);
  const std::vector<RoomMember> members = {
      {0, w_.hn.mls.fingerprint()}, {1, w_.mx.mls.fingerprint()}, {2, w_.iom.mls.fingerprint()}};
  EXPECT_EQ(state->members, members);
}

TEST_F(RoomViewTest, GroupWithoutARoomsExtensions_IsNoRoom) {
  const mls::Group bare = *Create({});
  EXPECT_EQ(ViewGroup(bare.public_group(), {}).status().code(), absl::StatusCode::kInvalidArgument);
  mls::ExtensionList broken = Extensions(RoomWorld::Policy(), commitment_);
  broken.Set(kRoomPolicyExtension, AsBytes("x"));
  EXPECT_FALSE(ViewGroup(Create(broken)->public_group(), {}).ok());
  broken = Extensions(RoomWorld::Policy(), commitment_);
  broken.Remove(kGuardCommitmentExtension);
  EXPECT_FALSE(ViewGroup(Create(broken)->public_group(), {}).ok());
}

TEST_F(RoomViewTest, Adds_AreSeenAndValid) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  const RoomState before = *ViewGroup(group.public_group(), MarkOf(w_.Context()));
  const absl::StatusOr<CommitSummary> commit = CommitAndView(group, {AddOf(w_.mx)});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_FALSE(commit->external);
  EXPECT_EQ(commit->committer, (RoomMember{0, w_.hn.mls.fingerprint()}));
  EXPECT_EQ(commit->new_certificate, w_.hn.mls.fingerprint());
  EXPECT_EQ(commit->added, std::vector{w_.mx.mls.fingerprint()});
  EXPECT_FALSE(commit->other_changes);
  EXPECT_TRUE(w_.Judge(before, *commit).ok()) << w_.Judge(before, *commit);
}

TEST_F(RoomViewTest, AddOfAStranger_IsSeenAndRefused) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  const RoomState before = *ViewGroup(group.public_group(), MarkOf(w_.Context()));
  const absl::StatusOr<CommitSummary> commit = CommitAndView(group, {AddOf(w_.pa)});
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(w_.Judge(before, *commit).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(RoomViewTest, Removal_IsSeenWithItsReason) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  ASSERT_TRUE(CommitAndView(group, {AddOf(w_.mx)}).ok());
  const RoomState before = *ViewGroup(group.public_group(), MarkOf(w_.Context()));
  const absl::StatusOr<CommitSummary> commit =
      CommitAndView(group, {{mls::Remove{1}}}, {{1, RemovalReason::kGuardExcluded}});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_EQ(commit->removed, std::vector<uint32_t>{1});
  EXPECT_TRUE(w_.Judge(before, *commit).ok()) << w_.Judge(before, *commit);
}

TEST_F(RoomViewTest, PolicyAndGuard_AreSeenOnlyWhenTheyChange) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  absl::StatusOr<CommitSummary> commit = CommitAndView(
      group, {{mls::GroupContextExtensions{Extensions(RoomWorld::Policy(), commitment_)}}});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_FALSE(commit->new_policy.has_value());
  EXPECT_FALSE(commit->new_guard_commitment.has_value());
  RoomPolicy wider = RoomWorld::Policy();
  wider.participants.push_back({"pa.consular", OfficeRole::kInfo});
  commit = CommitAndView(group, {{mls::GroupContextExtensions{Extensions(wider, merkle::Hash{})}}});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_EQ(commit->new_policy, wider);
  EXPECT_EQ(commit->new_guard_commitment, merkle::Hash{});
  EXPECT_FALSE(commit->other_changes);
}

TEST_F(RoomViewTest, AnyOtherExtension_IsSeenAsAnotherChange) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  mls::ExtensionList more = Extensions(RoomWorld::Policy(), commitment_);
  more.Set(kUnknownExtension, AsBytes("x"));
  const absl::StatusOr<CommitSummary> commit =
      CommitAndView(group, {{mls::GroupContextExtensions{more}}});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_TRUE(commit->other_changes);
}

TEST_F(RoomViewTest, ExtensionsWithoutThePolicy_AreRefused) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  mls::ExtensionList less = Extensions(RoomWorld::Policy(), commitment_);
  less.Remove(kRoomPolicyExtension);
  EXPECT_EQ(CommitAndView(group, {{mls::GroupContextExtensions{less}}}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(RoomViewTest, ReInit_IsSeenAsAnotherChange) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  mls::ReInit reinit;
  reinit.group_id = Bytes(kRoomIdBytes, 3);
  reinit.cipher_suite = 3;
  const absl::StatusOr<CommitSummary> commit = CommitAndView(group, {{reinit}});
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_TRUE(commit->other_changes);
}

TEST_F(RoomViewTest, CommitWithoutAContext_IsRefused) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  mls::CommitOptions options;
  const absl::StatusOr<mls::CommitBundle> bundle = group.Commit(options, Rules(), w_.world().rng());
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(ViewCommit(bundle->summary, group.public_group()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(RoomViewTest, ExternalCommit_IsSeenWithItsOldLeaf) {
  mls::Group group = *Create(Extensions(RoomWorld::Policy(), commitment_));
  ASSERT_TRUE(CommitAndView(group, {AddOf(w_.mx)}).ok());
  const RoomState before = *ViewGroup(group.public_group(), MarkOf(w_.Context()));
  CommitContext context = w_.Context();
  context.removed = {{1, RemovalReason::kReplaced}};
  const Bytes info = *group.MakeGroupInfo(true, {});
  const crypto::SigningKey key = w_.mx.signing_key();
  mls::ExternalJoinInput input;
  input.group_info = info;
  input.profile = ProfileOf(w_.mx);
  input.key = &key;
  input.resync_leaf = 1;
  input.authenticated_data = EncodeCommitContext(context);
  const absl::StatusOr<mls::ExternalJoin> join =
      mls::Group::JoinExternal(input, Rules(), w_.world().rng());
  ASSERT_TRUE(join.ok()) << join.status();
  const absl::StatusOr<CommitSummary> commit = ViewCommit(join->summary, group.public_group());
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_TRUE(commit->external);
  EXPECT_EQ(commit->committer.certificate, w_.mx.mls.fingerprint());
  EXPECT_FALSE(commit->new_certificate.has_value());
  EXPECT_EQ(commit->removed, std::vector<uint32_t>{1});
  EXPECT_TRUE(w_.Judge(before, *commit).ok()) << w_.Judge(before, *commit);
}

TEST_F(RoomViewTest, LeafWithABasicCredentialOrTwoCertificates_IsNoDevice) {
  const crypto::SigningKey key = w_.hn.signing_key();
  const auto leaf_of = [&](const mls::Credential& credential) -> mls::LeafNode {
    mls::KeyPackageOptions options;
    options.lifetime = {0, 4'000'000'000};
    mls::LeafProfile profile = ProfileOf(w_.hn);
    profile.credential = credential;
    return mls::GenerateKeyPackage(profile, options, key, w_.world().rng())
        ->key_package.leaf_node();
  };
  const std::vector<Bytes> two = {w_.hn.mls.der(), w_.world().ca("hn").der()};
  const std::vector<Bytes> one = {w_.hn.mls.der()};
  EXPECT_FALSE(CertificateOfLeaf(leaf_of(mls::Credential::Basic(AsBytes("hn")))).ok());
  EXPECT_FALSE(CertificateOfLeaf(leaf_of(*mls::Credential::X509(two))).ok());
  EXPECT_EQ(*CertificateOfLeaf(leaf_of(*mls::Credential::X509(one))), w_.hn.mls.fingerprint());
}

}  // namespace
}  // namespace enlace::room
