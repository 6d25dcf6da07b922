// Entries that one group adds share rows: places of the server's chain, what expires together, and
// the answers to a device's messages.
#include <gtest/gtest.h>

#include "enlace/store/v1/store.pb.h"
#include "server/core/keys.h"
#include "server/core/server_log.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

namespace keys = server::keys;

class SharedRowsTest : public RoomFixture {
 protected:
  void SetUp() override {
    RoomFixture::SetUp();
    FoundRoom();
  }

  v1::SendRequest MessageUntil(int64_t delete_after_ms) {
    v1::SendRequest request = Message(*hn_, "hn.consular");
    request.mutable_envelope()->set_delete_after_ms(static_cast<uint64_t>(delete_after_ms));
    return request;
  }
  // Decides a message without ending the group.
  absl::StatusOr<v1::Acceptance> Decide(const v1::SendRequest& request) {
    const auto caller = core_->callers().Resolve(hn_->device().tls.fingerprint(), now_ms());
    if (!caller.ok()) return caller.status();
    v1::SendResponse answer;
    const absl::Status decided = core_->Apply(server::Call{*caller, now_ms()}, request, answer);
    if (!decided.ok()) return decided;
    return answer.acceptance();
  }
  // A group of so many messages that go at `delete_after_ms`, with a refused one after each.
  std::vector<v1::Acceptance> SendGroup(size_t count, int64_t delete_after_ms) {
    std::vector<v1::Acceptance> accepted;
    for (size_t i = 0; i < count; ++i) {
      const auto decided = Decide(MessageUntil(delete_after_ms));
      EXPECT_TRUE(decided.ok()) << decided.status();
      if (decided.ok()) accepted.push_back(*decided);
      v1::SendRequest refused = MessageUntil(delete_after_ms);
      refused.mutable_envelope()->set_epoch(99);
      EXPECT_FALSE(Decide(refused).ok());
    }
    EXPECT_TRUE(CommitGroup().ok());
    return accepted;
  }
  size_t Rows(keys::Space space) {
    const auto page = engine_->Scan(storage::PrefixRange(keys::All(space)));
    EXPECT_TRUE(page.ok());
    return page.ok() ? page->rows.size() : 0;
  }
  static bool HasContent(const v1::InboxItem& item) {
    return item.has_entry() && item.entry().has_envelope() && !item.entry().message().empty();
  }
  size_t EntriesWithContent() {
    size_t count = 0;
    uint64_t cursor = 0;
    for (auto page = Inbox(*mx_); !page.empty(); page = Inbox(*mx_, cursor)) {
      for (const v1::InboxItem& item : page) count += HasContent(item);
      cursor = page.back().cursor();
    }
    return count;
  }
};

TEST_F(SharedRowsTest, EveryPlaceOfAGroup_IsFoundInItsRow) {
  const size_t rows_before = Rows(keys::kServerLog);
  const size_t count = server::kPlacesOfRowMax + 3;
  const auto accepted = SendGroup(count, now_ms() + 5000);
  ASSERT_EQ(accepted.size(), count);
  EXPECT_EQ(Rows(keys::kServerLog), rows_before + 2);
  for (const v1::Acceptance& acceptance : accepted) {
    const auto head = server::ServerHeadAt(*engine_, acceptance.server_sequence());
    ASSERT_TRUE(head.ok() && *head);
    EXPECT_EQ(AsText(**head), acceptance.server_head());
  }
  const auto beyond = server::ServerHeadAt(*engine_, accepted.back().server_sequence() + 1);
  ASSERT_TRUE(beyond.ok());
  EXPECT_FALSE(*beyond);
  ExpectStoreIsWhole();
}

TEST_F(SharedRowsTest, PlaceBeforeARow_IsNotTakenForOneOfIt) {
  const auto accepted = SendGroup(2, now_ms() + 5000);
  ASSERT_EQ(accepted.size(), 2u);
  storage::WriteBatch batch;
  batch.Delete(keys::ServerLog(accepted.back().server_sequence()));
  SendGroup(2, now_ms() + 5000);
  ASSERT_TRUE(engine_->Commit(batch, storage::Durability::kSynced).ok());
  for (const v1::Acceptance& acceptance : accepted) {
    const auto head = server::ServerHeadAt(*engine_, acceptance.server_sequence());
    ASSERT_TRUE(head.ok());
    EXPECT_FALSE(*head);
  }
}

TEST_F(SharedRowsTest, RowOfPlacesThatIsCut_IsDamage) {
  const auto accepted = SendGroup(2, now_ms() + 5000);
  ASSERT_EQ(accepted.size(), 2u);
  const uint64_t last = accepted.back().server_sequence();
  store::v1::ServerLogRow row;
  row.set_heads(std::string(33, 'x'));
  storage::WriteBatch batch;
  batch.Put(keys::ServerLog(last), AsBytes(row.SerializeAsString()));
  ASSERT_TRUE(engine_->Commit(batch, storage::Durability::kSynced).ok());
  EXPECT_EQ(ReasonOf(server::ServerHeadAt(*engine_, last).status()), "STORAGE_DAMAGED");
}

TEST_F(SharedRowsTest, WhatExpiresTogether_SharesARow_AndGoesAtItsTime) {
  const size_t rows_before = Rows(keys::kExpiry);
  const size_t count = server::kExpiriesOfRowMax + 3;
  SendGroup(count, now_ms() + 5000);
  EXPECT_EQ(Rows(keys::kExpiry), rows_before + 2);
  SendGroup(2, now_ms() + 9000);
  EXPECT_EQ(EntriesWithContent(), count + 2);
  world_.Advance(4999);
  TickUntilDone();
  EXPECT_EQ(EntriesWithContent(), count + 2);
  world_.Advance(1);
  TickUntilDone();
  EXPECT_EQ(EntriesWithContent(), 2u);
  EXPECT_EQ(Rows(keys::kExpiry), rows_before + 1);
  ExpectStoreIsWhole();
}

TEST_F(SharedRowsTest, AnswersOfAGroup_ShareRows_AndARepeatGetsItsOwn) {
  const size_t count = server::kSentOfRowMax + 2;
  std::vector<v1::SendRequest> requests;
  std::vector<std::string> answers;
  for (size_t i = 0; i < count; ++i) {
    // By rising id; the last for longer than is kept, so that their answers say when they go.
    world_.Advance(1);
    requests.push_back(
        MessageUntil(now_ms() + 5000 + static_cast<int64_t>(i) * server::kDayMs * 7));
    const auto accepted = Decide(requests.back());
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    answers.push_back(accepted->SerializeAsString());
  }
  const auto expect_repeats = [&](std::string_view when) {
    SCOPED_TRACE(when);
    for (size_t i = 0; i < count; ++i) {
      const auto again = Decide(requests[i]);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->SerializeAsString(), answers[i]) << i;
      v1::SendRequest other = requests[i];
      other.mutable_envelope()->set_urgency(v1::URGENCY_ROUTINE);
      EXPECT_EQ(ReasonOf(Decide(other).status()), "REQUEST_ID_REUSED") << i;
    }
  };
  expect_repeats("within the group");
  ASSERT_TRUE(CommitGroup().ok());
  EXPECT_EQ(Rows(keys::kSent), 2u);
  expect_repeats("after it");
  Restart();
  expect_repeats("after a restart, which the answers do not name");
  EXPECT_EQ(EntriesWithContent(), count);
  ExpectStoreIsWhole();
}

TEST_F(SharedRowsTest, AnswerOfAMessage_IsKnownWhenItsContentIsGone) {
  world_.Advance(1);
  const v1::SendRequest request = MessageUntil(now_ms() + 1000);
  const auto accepted = Decide(request);
  ASSERT_TRUE(accepted.ok() && CommitGroup().ok());
  world_.Advance(1000);
  TickUntilDone();
  EXPECT_EQ(EntriesWithContent(), 0u);
  const auto again = Decide(request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), accepted->SerializeAsString());
}

TEST_F(SharedRowsTest, IdBelowTheNewest_IsNewAllTheSame_AndItsRepeatIsFound) {
  v1::SendRequest late = MessageUntil(now_ms() + 5000);
  world_.Advance(10);
  SendGroup(3, now_ms() + 5000);
  const size_t shared = Rows(keys::kSent);
  const auto accepted = Decide(late);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(Decide(late)->SerializeAsString(), accepted->SerializeAsString());
  ASSERT_TRUE(CommitGroup().ok());
  EXPECT_EQ(Rows(keys::kSent), shared);
  Restart();
  EXPECT_EQ(Decide(late)->SerializeAsString(), accepted->SerializeAsString());
  late.mutable_envelope()->set_urgency(v1::URGENCY_ROUTINE);
  EXPECT_EQ(ReasonOf(Decide(late).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(EntriesWithContent(), 4u);
}

TEST_F(SharedRowsTest, IdOfAMessage_IsNoIdForAnythingElse) {
  world_.Advance(1);
  const v1::SendRequest request = MessageUntil(now_ms() + 5000);
  ASSERT_TRUE(Decide(request).ok());
  ASSERT_TRUE(CommitGroup().ok());
  EXPECT_EQ(Rows(keys::kSent), 1u);
  v1::ReportUnprocessableRequest other;
  other.set_request_id(request.request_id());
  EXPECT_EQ(ReasonOf(Do<v1::ReportUnprocessableResponse>(hn_->device(), other).status()),
            "REQUEST_ID_REUSED");
}

TEST_F(SharedRowsTest, SharedAnswers_GoWhenTheirIdsNoLongerCount) {
  world_.Advance(1);
  SendGroup(2, now_ms() + 300 * server::kDayMs);
  EXPECT_EQ(Rows(keys::kSent), 1u);
  world_.Advance(server::kRequestAgeMsMax);
  TickUntilDone();
  EXPECT_EQ(Rows(keys::kSent), 1u);
  world_.Advance(server::kDayMs);
  TickUntilDone();
  EXPECT_EQ(Rows(keys::kSent), 0u);
}

TEST_F(SharedRowsTest, GroupThatIsAbandoned_LeavesNothingToTheNext) {
  const v1::SendRequest request = MessageUntil(now_ms() + 5000);
  ASSERT_TRUE(Decide(request).ok());
  static_cast<void>(core_->TakeBatch());
  core_->Abandon();
  ASSERT_TRUE(Decide(MessageUntil(now_ms() + 5000)).ok());
  core_->Abandon();
  // Also its answer: the message is new.
  ASSERT_TRUE(Decide(request).ok());
  ASSERT_TRUE(CommitGroup().ok());
  EXPECT_EQ(EntriesWithContent(), 1u);
  ExpectStoreIsWhole();
}

}  // namespace
}  // namespace enlace::testing
