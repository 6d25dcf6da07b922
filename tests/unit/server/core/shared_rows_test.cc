// Entries that one group adds share rows: places of the server's chain, and what expires together.
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

TEST_F(SharedRowsTest, GroupThatIsAbandoned_LeavesNothingToTheNext) {
  ASSERT_TRUE(Decide(MessageUntil(now_ms() + 5000)).ok());
  static_cast<void>(core_->TakeBatch());
  core_->Abandon();
  const auto accepted = SendGroup(1, now_ms() + 5000);
  ASSERT_EQ(accepted.size(), 1u);
  EXPECT_EQ(EntriesWithContent(), 1u);
  ExpectStoreIsWhole();
}

}  // namespace
}  // namespace enlace::testing
