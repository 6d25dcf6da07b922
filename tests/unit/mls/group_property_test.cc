// Random groups, random operations by random members, random order and loss: after every epoch all
// members agree, whoever was removed reads nothing new, and no altered message is taken. One seed,
// one history; ENLACE_PROPERTY_SEEDS sets how many (100 when absent).

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {
namespace {

constexpr int kStepsPerSeed = 14;
constexpr size_t kMembersMax = 64;

class FixedPsk final : public PskStore {
 public:
  absl::StatusOr<SecretBytes> Find(const PreSharedKeyId&) const override {
    return SecretBytes::CopyOf(AsBytes("the pre-shared key"));
  }
};

class History {
 public:
  explicit History(uint64_t seed) : room_(seed), rng_(seed * 7919 + 1) {
    room_.psks = &psks_;
    room_.Create();
    // Groups of 2 to 64: most are small, every eighth seed grows one at once.
    const size_t members = seed % 8 == 0 ? 2 + rng_.Below(kMembersMax - 2) : 2 + rng_.Below(6);
    AddMany(members - 1);
  }

  void Run() {
    for (int step = 0; step < kStepsPerSeed && !testing::Test::HasFailure(); ++step) {
      Step();
      room_.ExpectAgreement();
      Talk();
      ExpectNothingNewForTheRemoved();
    }
  }

 private:
  std::vector<TestClient*> Members() const {
    std::vector<TestClient*> out;
    for (const auto& client : room_.clients) {
      if (client->group) out.push_back(client.get());
    }
    return out;
  }
  TestClient& AnyMember() {
    const std::vector<TestClient*> members = Members();
    return *members[rng_.Below(static_cast<uint32_t>(members.size()))];
  }
  TestClient* AnyOther(const TestClient& one) {
    std::vector<TestClient*> members = Members();
    std::erase(members, &one);
    return members.empty() ? nullptr : members[rng_.Below(static_cast<uint32_t>(members.size()))];
  }

  void Step() {
    switch (rng_.Below(9)) {
      case 0:
      case 1:
        return AddMany(1 + rng_.Below(3));
      case 2:
        return RemoveSome();
      case 3:
        return room_.CommitEmpty(AnyMember());
      case 4:
        if (Members().size() < kMembersMax) room_.JoinExternally(AnyMember());
        return;
      case 5:
        return Resync();
      case 6:
        return UpdateByReference();
      case 7:
        return Rivals();
      default:
        return CommitWithPsk();
    }
  }

  void AddMany(size_t count) {
    TestClient& adder = AnyMember();
    CommitOptions options;
    options.force_path = rng_.Below(2) == 0;
    options.tree_in_welcome = rng_.Below(2) == 0;
    std::vector<std::pair<TestClient*, KeyPackageBundle>> joiners;
    for (size_t i = 0; i < count && Members().size() + i < kMembersMax; ++i) {
      TestClient& joiner = room_.NewClient();
      joiners.emplace_back(&joiner, joiner.MakeKeyPackage(room_.rng));
      options.proposals.push_back(Proposal{Add{joiners.back().second.key_package}});
    }
    if (joiners.empty()) return;
    auto commit = adder.group->Commit(options, room_.Rules(), room_.rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    room_.Deliver(commit->commit);
    const Bytes tree = adder.group->public_group().SerializeTree();
    for (auto& [joiner, bundle] : joiners) {
      auto joined = Group::JoinWelcome(
          {.welcome = *commit->welcome, .own = &bundle, .key = &joiner->key, .tree = tree},
          room_.Rules());
      ASSERT_TRUE(joined.ok()) << joined.status();
      joiner->group.emplace(std::move(joined->group));
    }
  }

  // One or two at once; their groups are kept as they were, as a client would that never hears of
  // it.
  void RemoveSome() {
    TestClient& committer = AnyMember();
    CommitOptions options;
    std::vector<TestClient*> leaving;
    for (uint32_t i = 0; i <= rng_.Below(2); ++i) {
      TestClient* other = AnyOther(committer);
      if (other == nullptr || std::find(leaving.begin(), leaving.end(), other) != leaving.end())
        continue;
      leaving.push_back(other);
      options.proposals.push_back(Proposal{Remove{other->group->own_leaf()}});
    }
    if (leaving.empty()) return;
    auto commit = committer.group->Commit(options, room_.Rules(), room_.rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    for (TestClient* client : leaving) {
      removed_.push_back(std::move(*client->group));
      client->group.reset();
      if (rng_.Below(2) == 0) {
        EXPECT_TRUE(removed_.back().Process(commit->commit, room_.Rules()).ok());
      }
    }
    room_.Deliver(commit->commit);
  }

  void Resync() {
    TestClient& helper = AnyMember();
    TestClient* lost = AnyOther(helper);
    if (lost == nullptr) return;
    const LeafIndex old_leaf = lost->group->own_leaf();
    removed_.push_back(std::move(*lost->group));
    lost->group.reset();
    saved_.erase(lost);
    room_.JoinExternally(helper, old_leaf, lost);
  }

  void UpdateByReference() {
    TestClient& committer = AnyMember();
    TestClient* proposer = AnyOther(committer);
    if (proposer == nullptr) return;
    proposer->group->ReserveGenerations(1);
    committer.group->ReserveGenerations(1);
    MessageOptions framing;
    framing.encrypt = rng_.Below(2) == 0;
    auto update = proposer->group->ProposeUpdate({}, framing, room_.Rules(), room_.rng);
    ASSERT_TRUE(update.ok()) << update.status();
    for (TestClient* member : Members()) {
      if (member == proposer) continue;
      auto received = member->group->Process(*update, room_.Rules());
      ASSERT_TRUE(received.ok()) << received.status();
    }
    CommitOptions options;
    options.include_pending = true;
    options.message = framing;
    auto commit = committer.group->Commit(options, room_.Rules(), room_.rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    room_.Deliver(commit->commit);
  }

  // Two commit at once: one wins, the other forgets its own.
  void Rivals() {
    TestClient& first = AnyMember();
    TestClient* second = AnyOther(first);
    if (second == nullptr) return;
    auto winner = first.group->Commit({}, room_.Rules(), room_.rng);
    auto loser = second->group->Commit({}, room_.Rules(), room_.rng);
    ASSERT_TRUE(winner.ok() && loser.ok());
    room_.Deliver(winner->commit);
    for (TestClient* member : Members()) {
      const auto late = member->group->Process(loser->commit, room_.Rules());
      EXPECT_EQ(late.status().code(), absl::StatusCode::kAborted);
    }
  }

  void CommitWithPsk() {
    TestClient& committer = AnyMember();
    CommitOptions options;
    options.psks = &psks_;
    const Bytes nonce = room_.rng.PublicBytes(crypto::kHashBytes);
    options.proposals = {Proposal{PreSharedKey{PreSharedKeyId::External(AsBytes("psk"), nonce)}}};
    auto commit = committer.group->Commit(options, room_.Rules(), room_.rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    room_.Deliver(commit->commit);
  }

  // Some messages by one member, which the others get in their own order, with losses, copies and
  // alterations. Before it some members crash and come back from what they saved.
  void Talk() {
    for (TestClient* member : Members()) {
      if (rng_.Below(6) == 0) Restart(*member);
    }
    TestClient& sender = AnyMember();
    const uint32_t count = 1 + rng_.Below(4);
    sender.group->ReserveGenerations(count);
    std::vector<Bytes> messages;
    for (uint32_t i = 0; i < count; ++i) {
      auto message = sender.group->Protect(AsBytes("message " + std::to_string(i)),
                                           {{}, rng_.Below(40), false}, room_.rng);
      ASSERT_TRUE(message.ok()) << message.status();
      messages.push_back(std::move(*message));
    }
    for (TestClient* member : Members()) {
      if (member != &sender && rng_.Below(3) != 0) Receive(*member, messages);
    }
    last_message_ = messages.back();
  }

  void Receive(TestClient& member, const std::vector<Bytes>& messages) {
    std::vector<size_t> order(messages.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[rng_.Below(static_cast<uint32_t>(i))]);
    order.resize(1 + rng_.Below(static_cast<uint32_t>(order.size())));
    for (size_t i : order) {
      Bytes altered = messages[i];
      altered[rng_.Below(static_cast<uint32_t>(altered.size()))] ^=
          static_cast<uint8_t>(1 + rng_.Below(255));
      EXPECT_FALSE(member.group->Process(altered, room_.Rules()).ok());
      auto genuine = member.group->Process(messages[i], room_.Rules());
      ASSERT_TRUE(genuine.ok()) << genuine.status();
      EXPECT_EQ(ToText(std::get<ReceivedContent>(*genuine).content.view()),
                "message " + std::to_string(i));
      EXPECT_EQ(member.group->Process(messages[i], room_.Rules()).status().code(),
                absl::StatusCode::kAlreadyExists);
    }
  }

  void Restart(TestClient& member) {
    Saved& saved = saved_[&member];
    for (StateChange& change : member.group->TakeChanges()) {
      saved.erase(change.key);
      if (change.value) saved.emplace(change.key, std::move(*change.value));
    }
    auto restored = Group::Restore(saved);
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ(ToHex(restored->EpochAuthenticator()), ToHex(member.group->EpochAuthenticator()));
    member.group.emplace(std::move(*restored));
  }

  void ExpectNothingNewForTheRemoved() {
    for (Group& group : removed_) EXPECT_FALSE(group.Process(last_message_, room_.Rules()).ok());
  }

  FixedPsk psks_;
  TestRoom room_;
  SeededRng rng_;
  std::vector<Group> removed_;
  std::map<TestClient*, Saved> saved_;
  Bytes last_message_;
};

TEST(GroupPropertyTest, EveryHistoryKeepsThePromises) {
  const char* count = std::getenv("ENLACE_PROPERTY_SEEDS");
  const uint64_t seeds = count != nullptr ? std::strtoull(count, nullptr, 10) : 100;
  ASSERT_GT(seeds, 0u);
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History(seed).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace enlace::mls
