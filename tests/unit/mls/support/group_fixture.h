// Clients with devices' keys, and groups of them, for tests of the level of Group.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "tests/unit/mls/support/seeded_rng.h"

namespace enlace::mls {

inline constexpr uint64_t kTestNow = 1500;

// A saved group: the bytes of each key, as a store holds them.
using Saved = std::map<std::string, SecretBytes>;

// Writes what changed in `group` since the last call.
inline void Save(Group& group, Saved& saved) {
  for (StateChange& change : group.TakeChanges()) {
    saved.erase(change.key);
    if (change.value) saved.emplace(change.key, std::move(*change.value));
  }
}

// A client: its signature key, its profile, and the group once it is in one.
class TestClient {
 public:
  TestClient(const std::string& name, crypto::Rng& rng) : key(crypto::SigningKey::Generate(rng)) {
    profile.credential = Credential::Basic(AsBytes(name));
    profile.capabilities = Capabilities::OfThisLibrary();
  }

  KeyPackageBundle MakeKeyPackage(crypto::Rng& rng,
                                  crypto::CipherSuite suite = crypto::CipherSuite::Rooms()) const {
    KeyPackageOptions options;
    options.suite = suite;
    options.lifetime = {1000, 2000};
    auto bundle = GenerateKeyPackage(profile, options, key, rng);
    EXPECT_TRUE(bundle.ok()) << bundle.status();
    return std::move(*bundle);
  }

  crypto::SigningKey key;
  LeafProfile profile;
  std::optional<Group> group;
};

// Clients of one group and the ordered stream between them: what one commits, all process.
class TestRoom {
 public:
  explicit TestRoom(uint64_t seed, crypto::CipherSuite suite = crypto::CipherSuite::Rooms())
      : rng(seed), suite_(suite) {}

  ValidationRules Rules() const {
    ValidationRules rules;
    rules.credentials = &credentials_;
    rules.now_s = kTestNow;
    return rules;
  }

  TestClient& NewClient() {
    clients.push_back(
        std::make_unique<TestClient>("client " + std::to_string(clients.size()), rng));
    return *clients.back();
  }

  // The first client creates the group.
  TestClient& Create(ExtensionList extensions = {}) {
    TestClient& creator = NewClient();
    GroupConfig config{suite_, ToBytes("room"), std::move(extensions)};
    auto group = Group::Create(config, creator.profile, creator.key, rng);
    EXPECT_TRUE(group.ok()) << group.status();
    creator.group.emplace(std::move(*group));
    return creator;
  }

  // Everybody who is in the group processes the message; expects that all accept it.
  void Deliver(BytesView message) {
    for (auto& client : clients) {
      if (!client->group || client->group->epoch() + 1 == 0) continue;
      auto received = client->group->Process(message, Rules(), psks);
      EXPECT_TRUE(received.ok()) << received.status();
      const auto* commit = received.ok() ? std::get_if<ReceivedCommit>(&*received) : nullptr;
      if (commit != nullptr && commit->removed_self) client->group.reset();
    }
  }

  // `adder` adds a new client, who joins by Welcome.
  TestClient& Add(TestClient& adder, CommitOptions options = {}) {
    TestClient& joiner = NewClient();
    const KeyPackageBundle bundle = joiner.MakeKeyPackage(rng, suite_);
    options.proposals.push_back(Proposal{mls::Add{bundle.key_package}});
    auto commit = adder.group->Commit(options, Rules(), rng);
    EXPECT_TRUE(commit.ok()) << commit.status();
    if (!commit.ok()) return joiner;
    Deliver(commit->commit);
    const Bytes tree = adder.group->public_group().SerializeTree();
    auto joined = Group::JoinWelcome({.welcome = *commit->welcome,
                                      .own = &bundle,
                                      .key = &joiner.key,
                                      .tree = tree,
                                      .psks = psks},
                                     Rules());
    EXPECT_TRUE(joined.ok()) << joined.status();
    if (joined.ok()) joiner.group.emplace(std::move(joined->group));
    return joiner;
  }

  // A client outside joins by external Commit.
  TestClient& JoinExternally(TestClient& helper, std::optional<LeafIndex> resync = std::nullopt,
                             TestClient* again = nullptr) {
    TestClient& joiner = again != nullptr ? *again : NewClient();
    auto info = helper.group->MakeGroupInfo(true, {});
    EXPECT_TRUE(info.ok()) << info.status();
    ExternalJoinInput input;
    input.group_info = *info;
    input.profile = joiner.profile;
    input.key = &joiner.key;
    input.resync_leaf = resync;
    auto join = Group::JoinExternal(input, Rules(), rng);
    EXPECT_TRUE(join.ok()) << join.status();
    if (!join.ok()) return joiner;
    joiner.group.emplace(std::move(join->group));
    Deliver(join->commit);
    return joiner;
  }

  void CommitEmpty(TestClient& committer) {
    auto commit = committer.group->Commit({}, Rules(), rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    Deliver(commit->commit);
  }

  void Remove(TestClient& committer, LeafIndex leaf) {
    CommitOptions options;
    options.proposals.push_back(Proposal{mls::Remove{leaf}});
    auto commit = committer.group->Commit(options, Rules(), rng);
    ASSERT_TRUE(commit.ok()) << commit.status();
    Deliver(commit->commit);
  }

  // All members agree on the epoch.
  void ExpectAgreement() const {
    const Group* first = nullptr;
    for (const auto& client : clients) {
      if (!client->group) continue;
      if (first == nullptr) first = &*client->group;
      EXPECT_EQ(client->group->epoch(), first->epoch());
      EXPECT_EQ(ToHex(client->group->context().tree_hash), ToHex(first->context().tree_hash));
      EXPECT_EQ(ToHex(client->group->EpochAuthenticator()), ToHex(first->EpochAuthenticator()));
      auto mine = client->group->Exporter("test", AsBytes("context"), 32);
      auto theirs = first->Exporter("test", AsBytes("context"), 32);
      ASSERT_TRUE(mine.ok() && theirs.ok());
      EXPECT_TRUE(mine->ConstantTimeEquals(theirs->view()));
    }
  }

  // `sender` says something and everybody else hears it.
  void ExpectConversation(TestClient& sender) {
    sender.group->ReserveGenerations(1);
    auto message = sender.group->Protect(AsBytes("hello"), {ToBytes("aad"), 7, false}, rng);
    ASSERT_TRUE(message.ok()) << message.status();
    for (auto& client : clients) {
      if (!client->group || client.get() == &sender) continue;
      auto received = client->group->Process(*message, Rules());
      ASSERT_TRUE(received.ok()) << received.status();
      const auto* content = std::get_if<ReceivedContent>(&*received);
      ASSERT_NE(content, nullptr);
      EXPECT_EQ(ToText(content->content.view()), "hello");
      EXPECT_EQ(ToText(content->authenticated_data), "aad");
      EXPECT_EQ(content->sender, sender.group->own_leaf());
    }
  }

  std::vector<std::unique_ptr<TestClient>> clients;
  SeededRng rng;
  const PskStore* psks = nullptr;

 private:
  crypto::CipherSuite suite_;
  StructuralCredentialValidator credentials_;
};

}  // namespace enlace::mls
