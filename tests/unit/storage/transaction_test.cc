#include "storage/transaction.h"

#include "gtest/gtest.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

class TransactionTest : public ::testing::Test {
 protected:
  TransactionTest() : engine_(*OpenMemoryEngine(NewMemoryDisk())) {}

  std::unique_ptr<Engine> engine_;
};

TEST_F(TransactionTest, ReadsItsOwnWrites) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  Transaction transaction(*engine_);
  transaction.Put(AsBytes("a"), AsBytes("2"));
  EXPECT_EQ(**transaction.Get(AsBytes("a")), ToBytes("2"));
  transaction.Delete(AsBytes("a"));
  EXPECT_FALSE(transaction.Get(AsBytes("a"))->has_value());
  EXPECT_TRUE(transaction.item().conditions.empty()) << "nothing was read from the store";
}

TEST_F(TransactionTest, WhatItRead_MustStillBeSo_ForItsWritesToTakeEffect) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  Transaction transaction(*engine_);
  EXPECT_EQ(**transaction.Get(AsBytes("a")), ToBytes("1"));
  EXPECT_FALSE(transaction.Get(AsBytes("b"))->has_value());
  transaction.Put(AsBytes("c"), AsBytes("3"));
  ASSERT_TRUE(PutText(*engine_, "b", "somebody else").ok());
  const CommitItem item = transaction.item();
  EXPECT_TRUE(
      absl::IsAborted(engine_->CommitIf(item.conditions, *item.writes, Durability::kSynced)));
  EXPECT_EQ(TextAt(*engine_, "c"), "(absent)");
}

TEST_F(TransactionTest, SecondRead_SeesWhatTheFirstSaw) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  Transaction transaction(*engine_);
  EXPECT_EQ(**transaction.Get(AsBytes("a")), ToBytes("1"));
  ASSERT_TRUE(PutText(*engine_, "a", "2").ok());
  EXPECT_EQ(**transaction.Get(AsBytes("a")), ToBytes("1"));
}

TEST_F(TransactionTest, StatedCondition_IsChecked) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  Transaction transaction(*engine_);
  transaction.Expect(AsBytes("a"), AsBytes("1"));
  transaction.Expect(AsBytes("b"), std::nullopt);
  transaction.DeleteRange({ToBytes("a"), ToBytes("b")});
  const CommitItem item = transaction.item();
  EXPECT_TRUE(engine_->CommitIf(item.conditions, *item.writes, Durability::kSynced).ok());
  EXPECT_TRUE(
      absl::IsAborted(engine_->CommitIf(item.conditions, *item.writes, Durability::kSynced)));
}

TEST_F(TransactionTest, ReadsAreBounded) {
  Transaction transaction(*engine_);
  for (size_t i = 0; i < kConditionsMax; ++i) {
    ASSERT_TRUE(transaction.Get(AsBytes(std::to_string(i))).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(transaction.Get(AsBytes("one more")).status()));
}

TEST_F(TransactionTest, Transact_RunsAgain_WhenSomebodyElseWasFaster) {
  ASSERT_TRUE(PutText(*engine_, "n", "1").ok());
  int runs = 0;
  const absl::Status status =
      Transact(*engine_, Durability::kSynced, [&](Transaction& transaction) -> absl::Status {
        ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> n, transaction.Get(AsBytes("n")));
        if (++runs == 1) ENLACE_RETURN_IF_ERROR(PutText(*engine_, "n", "10"));
        transaction.Put(AsBytes("n"), AsBytes(std::to_string(std::stoi(ToText(*n)) + 1)));
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(TextAt(*engine_, "n"), "11");
}

TEST_F(TransactionTest, Transact_GivesUp_AfterItsAttempts) {
  int runs = 0;
  const absl::Status status =
      Transact(*engine_, Durability::kSynced, [&](Transaction& transaction) -> absl::Status {
        ENLACE_RETURN_IF_ERROR(transaction.Get(AsBytes("n")).status());
        return PutText(*engine_, "n", std::to_string(++runs));
      });
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(runs, kTransactAttemptsMax);
}

TEST_F(TransactionTest, Transact_EndsWithTheBodysError_AndWritesNothing) {
  const absl::Status status =
      Transact(*engine_, Durability::kSynced, [&](Transaction& transaction) {
        transaction.Put(AsBytes("a"), AsBytes("1"));
        return PermissionDenied("no");
      });
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_EQ(TextAt(*engine_, "a"), "(absent)");
}

}  // namespace
}  // namespace enlace::storage
