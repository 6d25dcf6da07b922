// The life of a group from outside: create, add, join, send, update, remove, save and restore.

#include "crypto/mls/group.h"

#include <gtest/gtest.h>

#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {
namespace {

// What a vault does with the changes of a group.
class GroupTest : public testing::TestWithParam<uint16_t> {
 protected:
  TestRoom room{GetParam(), crypto::CipherSuite::FromId(GetParam()).value()};
};

TEST_P(GroupTest, MembersAddedByWelcome_AgreeAndTalk) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  TestClient& carol = room.Add(bob);
  room.ExpectAgreement();
  room.ExpectConversation(alice);
  room.ExpectConversation(carol);
}

TEST_P(GroupTest, ExternalJoin_NeedsNobodyOnline) {
  TestClient& alice = room.Create();
  room.Add(alice);
  TestClient& carol = room.JoinExternally(alice);
  room.ExpectAgreement();
  room.ExpectConversation(carol);
  EXPECT_EQ(carol.group->public_group().member_count(), 3u);
}

TEST_P(GroupTest, Resync_ReplacesTheOldLeaf) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  const LeafIndex old_leaf = bob.group->own_leaf();
  bob.group.reset();
  room.JoinExternally(alice, old_leaf, &bob);
  room.ExpectAgreement();
  room.ExpectConversation(bob);
  EXPECT_EQ(alice.group->public_group().member_count(), 2u);
}

TEST_P(GroupTest, RemovedMember_IsToldAndCanReadNothingNew) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  TestClient& carol = room.Add(alice);
  const LeafIndex carols_leaf = carol.group->own_leaf();
  CommitOptions options;
  options.proposals.push_back(Proposal{Remove{carols_leaf}});
  auto commit = alice.group->Commit(options, room.Rules(), room.rng);
  ASSERT_TRUE(commit.ok()) << commit.status();
  auto told = carol.group->Process(commit->commit, room.Rules());
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(std::get<ReceivedCommit>(*told).removed_self);
  EXPECT_FALSE(carol.group->is_active());
  Group removed = std::move(*carol.group);
  carol.group.reset();
  room.Deliver(commit->commit);
  room.ExpectConversation(bob);
  bob.group->ReserveGenerations(1);
  auto message = bob.group->Protect(AsBytes("secret"), {}, room.rng);
  ASSERT_TRUE(message.ok());
  EXPECT_FALSE(removed.Process(*message, room.Rules()).ok());
}

TEST_P(GroupTest, OwnCommit_IsAppliedWhenItComesBack_AndForgottenWhenARivalWins) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  auto mine = alice.group->Commit({}, room.Rules(), room.rng);
  auto rival = bob.group->Commit({}, room.Rules(), room.rng);
  ASSERT_TRUE(mine.ok() && rival.ok());
  EXPECT_EQ(alice.group->epoch(), 1u);
  room.Deliver(rival->commit);
  room.ExpectAgreement();
  EXPECT_TRUE(alice.group->PendingCommit().empty());
  const auto late = alice.group->Process(mine->commit, room.Rules());
  EXPECT_EQ(late.status().code(), absl::StatusCode::kAborted);
}

TEST_P(GroupTest, ProposalsByReference_AreCommittedByAnother) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  TestClient& carol = room.Add(alice);
  auto update = bob.group->ProposeUpdate({}, {}, room.Rules(), room.rng);
  ASSERT_TRUE(update.ok()) << update.status();
  for (TestClient* other : {&alice, &carol}) {
    auto received = other->group->Process(*update, room.Rules());
    ASSERT_TRUE(received.ok()) << received.status();
  }
  CommitOptions options;
  options.include_pending = true;
  options.message.encrypt = true;
  alice.group->ReserveGenerations(4);
  auto commit = alice.group->Commit(options, room.Rules(), room.rng);
  ASSERT_TRUE(commit.ok()) << commit.status();
  EXPECT_EQ(commit->summary.updated.size(), 2u);
  room.Deliver(commit->commit);
  room.ExpectAgreement();
  room.ExpectConversation(bob);
}

TEST_P(GroupTest, RestoredGroup_GoesOnWhereItWasSaved) {
  TestClient& alice = room.Create();
  TestClient& bob = room.Add(alice);
  room.Add(alice);
  Saved saved;
  bob.group->ReserveGenerations(8);
  Save(*bob.group, saved);
  auto first = bob.group->Protect(AsBytes("before the crash"), {}, room.rng);
  ASSERT_TRUE(first.ok());

  auto restored = Group::Restore(saved);
  ASSERT_TRUE(restored.ok()) << restored.status();
  bob.group.emplace(std::move(*restored));
  room.ExpectAgreement();
  EXPECT_EQ(bob.group->reserved_generations(), 0u);
  bob.group->ReserveGenerations(1);
  auto second = bob.group->Protect(AsBytes("after it"), {}, room.rng);
  ASSERT_TRUE(second.ok());
  auto late = alice.group->Process(*second, room.Rules());
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(std::get<ReceivedContent>(*late).generation, 8u);
  auto early = alice.group->Process(*first, room.Rules());
  ASSERT_TRUE(early.ok()) << early.status();
  EXPECT_EQ(std::get<ReceivedContent>(*early).generation, 0u);
  room.CommitEmpty(alice);
  room.CommitEmpty(bob);
  room.ExpectAgreement();
}

INSTANTIATE_TEST_SUITE_P(Suites, GroupTest, testing::Values(1, 3));

}  // namespace
}  // namespace enlace::mls
