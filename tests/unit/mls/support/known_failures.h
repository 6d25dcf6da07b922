// Three members of a live group, and what a test does to them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/mls/support/forger.h"
#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {

class KnownFailures : public testing::Test {
 protected:
  KnownFailures() {
    alice_ = &room_.Create();
    bob_ = &room_.Add(*alice_);
    carol_ = &room_.Add(*alice_);
    room_.CommitEmpty(*bob_);
  }

  Bytes Say(TestClient& sender, std::string_view text) {
    sender.group->ReserveGenerations(1);
    return sender.group->Protect(AsBytes(text), {}, room_.rng).value();
  }
  absl::StatusOr<Received> Give(TestClient& receiver, BytesView message) {
    return receiver.group->Process(message, room_.Rules());
  }
  std::string Heard(TestClient& receiver, BytesView message) {
    auto received = Give(receiver, message);
    EXPECT_TRUE(received.ok()) << received.status();
    const auto* content = received.ok() ? std::get_if<ReceivedContent>(&*received) : nullptr;
    return content == nullptr ? "" : ToText(content->content.view());
  }
  Bytes EmptyCommit(TestClient& committer, bool encrypt = false) {
    CommitOptions options;
    options.force_path = true;
    options.message.encrypt = encrypt;
    if (encrypt) committer.group->ReserveGenerations(1);
    return committer.group->Commit(options, room_.Rules(), room_.rng).value().commit;
  }
  // A Commit of bob with its parsed form changed.
  Bytes Altered(BytesView commit, const std::function<void(PublicMessage&)>& alter) {
    MlsMessage message = MlsMessage::Parse(commit).value();
    auto& body = std::get<PublicMessage>(message.body);
    alter(body);
    return message.Serialize();
  }
  // Every valid message of a kind that this group can make.
  std::vector<Bytes> AllMessages() {
    TestClient dave("dave", room_.rng);
    const KeyPackageBundle bundle = dave.MakeKeyPackage(room_.rng);
    CommitOptions options;
    options.proposals.push_back(Proposal{Add{bundle.key_package}});
    options.want_group_info = true;
    options.force_path = true;
    CommitBundle made = bob_->group->Commit(options, room_.Rules(), room_.rng).value();
    const Bytes update = carol_->group->ProposeUpdate({}, {}, room_.Rules(), room_.rng).value();
    return {made.commit,        *made.welcome,
            *made.group_info,   SerializeMessage(bundle.key_package),
            Say(*bob_, "text"), update};
  }

  TestRoom room_{42};
  TestClient* alice_;
  TestClient* bob_;
  TestClient* carol_;
};

}  // namespace enlace::mls
