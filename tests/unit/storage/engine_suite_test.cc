// What engine.h promises, asked of every engine.
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineSuite : public ::testing::TestWithParam<StoreKind> {
 protected:
  EngineSuite() : store_(GetParam().make()) { Reopen(); }

  void Reopen() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<Engine>> opened = store_->Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = std::move(*opened);
  }

  Engine& engine() { return *engine_; }

  void Put(std::string_view key, std::string_view value) {
    const absl::Status status = PutText(engine(), key, value);
    ASSERT_TRUE(status.ok()) << status;
  }

  // "key=value" of all rows of a range, over as many pages as it takes.
  std::vector<std::string> Rows(const ReadView& view, KeyRange range, ScanOptions options = {}) {
    std::vector<std::string> rows;
    std::optional<KeyRange> rest = std::move(range);
    while (rest) {
      absl::StatusOr<Page> page = view.Scan(*rest, options);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return rows;
      for (const Row& row : page->rows) rows.push_back(ToText(row.key) + "=" + ToText(row.value));
      EXPECT_TRUE(!page->rest || !page->rows.empty()) << "a page without progress";
      rest = std::move(page->rest);
    }
    return rows;
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Engines, EngineSuite, ::testing::ValuesIn(AllStores()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(EngineSuite, WhatWasCommitted_IsRead_AndAfterReopening) {
  Put("a", "1");
  EXPECT_EQ(TextAt(engine(), "a"), "1");
  EXPECT_EQ(TextAt(engine(), "b"), "(absent)");
  Reopen();
  EXPECT_EQ(TextAt(engine(), "a"), "1");
}

TEST_P(EngineSuite, EmptyValue_IsNotAbsent) {
  Put("a", "");
  EXPECT_EQ(TextAt(engine(), "a"), "");
}

TEST_P(EngineSuite, BufferedCommit_IsSeenAtOnce_AndSyncedByAnEmptyGroup) {
  ASSERT_TRUE(PutText(engine(), "a", "1", Durability::kBuffered).ok());
  EXPECT_EQ(TextAt(engine(), "a"), "1");
  EXPECT_TRUE(engine().Commit({}, Durability::kSynced).ok());
  Reopen();
  EXPECT_EQ(TextAt(engine(), "a"), "1");
}

TEST_P(EngineSuite, WritesOfABatch_TakeEffectInOrder) {
  Put("b", "old");
  WriteBatch batch;
  batch.Put(AsBytes("a"), AsBytes("1"));
  batch.Put(AsBytes("b"), AsBytes("new"));
  batch.DeleteRange(TextRange("a", "c"));
  batch.Put(AsBytes("b"), AsBytes("last"));
  batch.Put(AsBytes("c"), AsBytes("3"));
  batch.Delete(AsBytes("c"));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("b=last"));
}

TEST_P(EngineSuite, BorrowedWrites_StandInTheirOrderAmongTheOthers) {
  const std::string value(5000, 'v');
  WriteBatch batch;
  batch.Put(AsBytes("a"), AsBytes("1"));
  batch.PutBorrowed(AsBytes("a"), AsBytes(value));
  batch.PutBorrowed(AsBytes("b"), AsBytes("2"));
  batch.PutBorrowed(AsBytes("c"), BytesView());
  batch.Put(AsBytes("b"), AsBytes("3"));
  EXPECT_EQ(batch.size(), 5u);
  EXPECT_EQ(batch.size_bytes(), 2 + 1 + value.size() + 2 + 1 + 2);
  EXPECT_FALSE(batch.allowed_on_full_disk());
  WriteBatch appended;
  appended.Put(AsBytes("a"), AsBytes("0"));
  appended.Append(batch);
  ASSERT_TRUE(engine().Commit(appended, Durability::kSynced).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("a=" + value, "b=3", "c="));
  WriteBatch invalid;
  invalid.PutBorrowed(BytesView(), AsBytes("1"));
  EXPECT_EQ(engine().Commit(invalid, Durability::kSynced).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(EngineSuite, BorrowedWrites_NeedNotOutliveTheirCommit) {
  auto value = std::make_unique<std::string>(5000, 'v');
  const std::string expected = *value;
  WriteBatch batch;
  batch.PutBorrowed(AsBytes("a"), AsBytes(*value));
  ASSERT_TRUE(engine().Commit(batch, Durability::kBuffered).ok());
  WriteBatch kept;
  kept.Append(batch);
  value->assign(value->size(), 'x');
  value.reset();
  EXPECT_TRUE(engine().Commit({}, Durability::kSynced).ok());
  Reopen();
  EXPECT_EQ(TextAt(engine(), "a"), expected);
  Put("a", "");
  ASSERT_TRUE(engine().Commit(kept, Durability::kSynced).ok());
  EXPECT_EQ(TextAt(engine(), "a"), expected);
}

TEST_P(EngineSuite, DeleteRange_IncludesItsBegin_AndExcludesItsEnd) {
  for (const char* key : {"a", "b", "c", "d"}) Put(key, "1");
  WriteBatch batch;
  batch.DeleteRange(TextRange("b", "d"));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("a=1", "d=1"));
}

TEST_P(EngineSuite, DeleteRange_WithoutEnd_ReachesTheEndOfTheStore) {
  Put("a", "1");
  Put("b", "1");
  Put(std::string(kKeyBytesMax, '\xff'), "1");
  WriteBatch batch;
  batch.DeleteRange(TextRange("b", ""));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("a=1"));
}

TEST_P(EngineSuite, DeleteRange_WithoutBegin_ReachesTheStart) {
  Put("a", "1");
  Put("b", "1");
  WriteBatch batch;
  batch.DeleteRange(TextRange("", "b"));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("b=1"));
}

TEST_P(EngineSuite, DeleteRange_TurnedAround_DeletesNothing) {
  Put("b", "1");
  WriteBatch batch;
  batch.DeleteRange(TextRange("c", "a"));
  EXPECT_TRUE(batch.empty());
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  EXPECT_EQ(TextAt(engine(), "b"), "1");
}

TEST_P(EngineSuite, Keys_CompareAsUnsignedBytes) {
  Put("\x7f", "1");
  Put("\x80", "2");
  Put("\xff", "3");
  Put(std::string("\0x", 2), "0");
  EXPECT_THAT(Rows(engine(), {}),
              ElementsAre(std::string("\0x=0", 4), "\x7f=1", "\x80=2", "\xff=3"));
}

TEST_P(EngineSuite, Scan_GivesTheRange_InBothOrders) {
  for (const char* key : {"a", "b", "c", "d"}) Put(key, "1");
  EXPECT_THAT(Rows(engine(), TextRange("b", "d")), ElementsAre("b=1", "c=1"));
  EXPECT_THAT(Rows(engine(), TextRange("b", "d"), {.order = Order::kReverse}),
              ElementsAre("c=1", "b=1"));
  EXPECT_THAT(Rows(engine(), {}, {.order = Order::kReverse}),
              ElementsAre("d=1", "c=1", "b=1", "a=1"));
  EXPECT_THAT(Rows(engine(), TextRange("d", "b")), IsEmpty());
  EXPECT_THAT(Rows(engine(), TextRange("b", "b")), IsEmpty());
  EXPECT_THAT(Rows(engine(), TextRange("e", "")), IsEmpty());
}

TEST_P(EngineSuite, Scan_KeysOnly_LeavesValuesOut) {
  Put("a", "1");
  EXPECT_THAT(Rows(engine(), {}, {.keys_only = true}), ElementsAre("a="));
}

TEST_P(EngineSuite, Scan_OfSmallPages_GivesEveryRowOnce_InBothOrders) {
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    Put(std::to_string(i), "v");
    expected.push_back(std::to_string(i) + "=v");
  }
  for (const size_t rows_max : {1, 7, 30, 31}) {
    EXPECT_EQ(Rows(engine(), {}, {.rows_max = rows_max}), expected);
  }
  std::reverse(expected.begin(), expected.end());
  for (const size_t rows_max : {1, 7, 30, 31}) {
    EXPECT_EQ(Rows(engine(), {}, {.order = Order::kReverse, .rows_max = rows_max}), expected);
  }
}

TEST_P(EngineSuite, Page_ThatEndsWithTheRange_HasNoRest) {
  Put("a", "1");
  Put("b", "1");
  const absl::StatusOr<Page> page = engine().Scan({}, {.rows_max = 2});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->rows, SizeIs(2));
  EXPECT_FALSE(page->rest);
}

TEST_P(EngineSuite, Page_IsBoundedByBytes_ButHoldsOneRow) {
  Put("a", std::string(1000, 'x'));
  Put("b", std::string(1000, 'x'));
  const absl::StatusOr<Page> page = engine().Scan({}, {.bytes_max = 10});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->rows, SizeIs(1));
  EXPECT_TRUE(page->rest);
}

TEST_P(EngineSuite, Scan_PastItsLimits_IsInvalid) {
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Scan({}, {.rows_max = 0}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Scan({}, {.rows_max = kPageRowsMax + 1}).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(engine().Scan({}, {.bytes_max = kPageBytesMax + 1}).status()));
}

TEST_P(EngineSuite, KeysAndValues_AtTheirLimits_AreTaken_AndPastThemRefused) {
  const std::string key(kKeyBytesMax, 'k');
  const std::string value(kValueBytesMax, 'v');
  Put(key, value);
  EXPECT_EQ(TextAt(engine(), key), value);
  EXPECT_TRUE(absl::IsInvalidArgument(PutText(engine(), key + "k", "v")));
  EXPECT_TRUE(absl::IsInvalidArgument(PutText(engine(), "a", value + "v")));
  EXPECT_TRUE(absl::IsInvalidArgument(PutText(engine(), "", "v")));
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Get({}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Get(AsBytes(key + "k")).status()));
  EXPECT_EQ(TextAt(engine(), "a"), "(absent)");
}

TEST_P(EngineSuite, Group_PastItsLimit_WritesNothing) {
  WriteBatch batch;
  const std::string value(kValueBytesMax, 'v');
  for (size_t bytes = 0; bytes <= kGroupBytesMax; bytes += value.size()) {
    batch.Put(AsBytes("key " + std::to_string(bytes)), AsBytes(value));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Commit(batch, Durability::kSynced)));
  EXPECT_THAT(Rows(engine(), {}), IsEmpty());
}

TEST_P(EngineSuite, InvalidWriteOfABatch_WritesNothingOfIt) {
  WriteBatch batch;
  batch.Put(AsBytes("a"), AsBytes("1"));
  batch.Put({}, AsBytes("2"));
  EXPECT_TRUE(absl::IsInvalidArgument(engine().Commit(batch, Durability::kSynced)));
  EXPECT_THAT(Rows(engine(), {}), IsEmpty());
}

TEST_P(EngineSuite, Snapshot_DoesNotChange) {
  Put("a", "1");
  Put("b", "1");
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine().NewSnapshot();
  ASSERT_TRUE(snapshot.ok());
  WriteBatch batch;
  batch.Put(AsBytes("a"), AsBytes("2"));
  batch.Put(AsBytes("c"), AsBytes("2"));
  batch.DeleteRange(TextRange("b", "c"));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  ASSERT_TRUE(engine().Compact({}).ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("a=2", "c=2"));
  EXPECT_THAT(Rows(**snapshot, {}), ElementsAre("a=1", "b=1"));
  EXPECT_EQ(TextAt(**snapshot, "b"), "1");
  EXPECT_EQ(TextAt(**snapshot, "c"), "(absent)");
}

TEST_P(EngineSuite, Close_IsRefused_WhileASnapshotLives) {
  Put("a", "1");
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine().NewSnapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Close()));
  EXPECT_EQ(TextAt(engine(), "a"), "1");
  snapshot->reset();
  EXPECT_TRUE(engine().Close().ok());
}

TEST_P(EngineSuite, ClosedEngine_RefusesEverything) {
  ASSERT_TRUE(engine().Close().ok());
  EXPECT_TRUE(engine().Close().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Get(AsBytes("a")).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Scan({}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(PutText(engine(), "a", "1")));
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().NewSnapshot().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Health().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Compact({}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(engine().Checkpoint("/nonexistent/copy")));
}

TEST_P(EngineSuite, SecondEngine_OnTheSameStore_IsRefused) {
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->Open().status()));
}

TEST_P(EngineSuite, Condition_HoldsOrAborts_AndAbortedWritesNothing) {
  Put("a", "1");
  WriteBatch batch;
  batch.Put(AsBytes("b"), AsBytes("written"));
  const std::vector<Condition> wrong_value = {{ToBytes("a"), ToBytes("2")}};
  const std::vector<Condition> not_absent = {{ToBytes("a"), std::nullopt}};
  const std::vector<Condition> not_present = {{ToBytes("x"), ToBytes("")}};
  for (const auto& conditions : {wrong_value, not_absent, not_present}) {
    EXPECT_TRUE(absl::IsAborted(engine().CommitIf(conditions, batch, Durability::kSynced)));
    EXPECT_EQ(TextAt(engine(), "b"), "(absent)");
  }
  const std::vector<Condition> right = {{ToBytes("a"), ToBytes("1")}, {ToBytes("x"), std::nullopt}};
  EXPECT_TRUE(engine().CommitIf(right, batch, Durability::kSynced).ok());
  EXPECT_EQ(TextAt(engine(), "b"), "written");
}

TEST_P(EngineSuite, Condition_SeesTheTransactionsBeforeItInTheGroup) {
  Put("a", "1");
  Put("r1", "1");
  const std::vector<Condition> expects_one = {{ToBytes("a"), ToBytes("1")}};
  const std::vector<Condition> expects_two = {{ToBytes("a"), ToBytes("2")}};
  const std::vector<Condition> expects_empty = {
      {ToBytes("a"), std::nullopt}, {ToBytes("r1"), std::nullopt}, {ToBytes("r2"), ToBytes("new")}};
  WriteBatch two;
  two.Put(AsBytes("a"), AsBytes("2"));
  WriteBatch lost;
  lost.Put(AsBytes("lost"), AsBytes("1"));
  WriteBatch deletes;
  deletes.Delete(AsBytes("a"));
  deletes.DeleteRange(TextRange("r", "s"));
  deletes.Put(AsBytes("r2"), AsBytes("new"));
  WriteBatch last;
  last.Put(AsBytes("last"), AsBytes("1"));
  const std::vector<CommitItem> group = {{expects_one, &two},
                                         {expects_one, &lost},
                                         {expects_two, &deletes},
                                         {expects_two, &lost},
                                         {expects_empty, &last}};
  const std::vector<absl::Status> results = engine().CommitGroup(group, Durability::kSynced);
  ASSERT_THAT(results, SizeIs(5));
  EXPECT_TRUE(results[0].ok());
  EXPECT_TRUE(absl::IsAborted(results[1]));
  EXPECT_TRUE(results[2].ok());
  EXPECT_TRUE(absl::IsAborted(results[3]));
  EXPECT_TRUE(results[4].ok());
  EXPECT_THAT(Rows(engine(), {}), ElementsAre("last=1", "r2=new"));
}

TEST_P(EngineSuite, InvalidItemOfAGroup_HurtsNoOther) {
  WriteBatch good;
  good.Put(AsBytes("a"), AsBytes("1"));
  WriteBatch bad;
  bad.Put({}, AsBytes("1"));
  const std::vector<CommitItem> group = {{{}, &bad}, {{}, &good}};
  const std::vector<absl::Status> results = engine().CommitGroup(group, Durability::kSynced);
  EXPECT_TRUE(absl::IsInvalidArgument(results[0]));
  EXPECT_TRUE(results[1].ok());
  EXPECT_EQ(TextAt(engine(), "a"), "1");
}

TEST_P(EngineSuite, ManyThreadsCounting_LoseNoIncrement) {
  Put("counter", "0");
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  const auto count = [this] {
    for (int done = 0; done < kEach;) {
      const std::string seen = TextAt(engine(), "counter");
      const std::vector<Condition> unchanged = {{ToBytes("counter"), ToBytes(seen)}};
      WriteBatch batch;
      batch.Put(AsBytes("counter"), AsBytes(std::to_string(std::stoi(seen) + 1)));
      if (engine().CommitIf(unchanged, batch, Durability::kBuffered).ok()) ++done;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(count);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(TextAt(engine(), "counter"), std::to_string(kThreads * kEach));
}

TEST_P(EngineSuite, Compact_ReportsBytesFreed_AfterMuchWasDeleted) {
  for (int i = 0; i < 400; ++i) {
    // Bytes that no compression shrinks.
    std::string value(4096, '\0');
    uint64_t state = static_cast<uint64_t>(i) + 1;
    for (char& byte : value) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<char>(state >> 56);
    }
    ASSERT_TRUE(
        PutText(engine(), "room/" + std::to_string(1000 + i), value, Durability::kBuffered).ok());
  }
  ASSERT_TRUE(engine().Compact({}).ok());
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine().NewSnapshot();
  ASSERT_TRUE(snapshot.ok());
  const uint64_t full_bytes = engine().Health()->stored_bytes;
  EXPECT_GT(full_bytes, 400u * 4096);

  WriteBatch batch;
  batch.DeleteRange(PrefixRange(AsBytes("room/")));
  ASSERT_TRUE(engine().Commit(batch, Durability::kSynced).ok());
  absl::StatusOr<CompactionReport> held = engine().Compact(PrefixRange(AsBytes("room/")));
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_LT(held->bytes_freed(), 1000u * 1000) << "a snapshot holds the rows";

  snapshot->reset();
  absl::StatusOr<CompactionReport> freed = engine().Compact(PrefixRange(AsBytes("room/")));
  ASSERT_TRUE(freed.ok()) << freed.status();
  const uint64_t left_bytes = engine().Health()->stored_bytes;
  EXPECT_LT(left_bytes, full_bytes / 4);
}

TEST_P(EngineSuite, Checkpoint_HoldsTheMomentOfItsCreation) {
  const TempFolder folder;
  Put("a", "1");
  ASSERT_TRUE(PutText(engine(), "b", "1", Durability::kBuffered).ok());
  const absl::Status made = engine().Checkpoint(folder.path() / "copy");
  ASSERT_TRUE(made.ok()) << made;
  Put("a", "2");
  EXPECT_TRUE(absl::IsAlreadyExists(engine().Checkpoint(folder.path() / "copy")));

  absl::StatusOr<std::unique_ptr<Engine>> copy = store_->OpenCheckpoint(folder.path() / "copy");
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_THAT(Rows(**copy, {}), ElementsAre("a=1", "b=1"));
  ASSERT_TRUE(PutText(**copy, "a", "3").ok());
  EXPECT_EQ(TextAt(engine(), "a"), "2");
}

TEST_P(EngineSuite, Checkpoint_ThatIsMissing_IsNotFound) {
  const TempFolder folder;
  EXPECT_TRUE(absl::IsNotFound(store_->OpenCheckpoint(folder.path() / "none").status()));
}

TEST_P(EngineSuite, Health_OfAFreshEngine_IsServing) {
  const absl::StatusOr<EngineHealth> health = engine().Health();
  ASSERT_TRUE(health.ok());
  EXPECT_EQ(health->state, EngineState::kServing);
  EXPECT_EQ(health->detail, "");
  EXPECT_GT(health->disk_free_bytes, 0u);
  EXPECT_GE(health->disk_total_bytes, health->disk_free_bytes);
}

}  // namespace
}  // namespace enlace::storage
