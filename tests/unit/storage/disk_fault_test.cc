// The disk engine on a disk that fails to sync or loses its power.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/rocksdb/open_on_env.h"
#include "tests/unit/storage/faulty_file_system.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

using ::testing::HasSubstr;

class DiskFaultTest : public ::testing::Test {
 protected:
  DiskFaultTest() { Open(); }

  void Open() {
    absl::StatusOr<std::unique_ptr<Engine>> opened =
        OpenDiskEngineOnEnv(SmallDisk(folder_.path() / "db"), env_.get());
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = std::move(*opened);
  }

  void LosePower() {
    files_->PowerOff();
    engine_.reset();
    files_->CutToSynced();
    Open();
  }

  std::string Value(int i) { return "value " + std::to_string(i) + std::string(3000, 'v'); }
  std::string Key(int i) { return "key " + std::to_string(i); }

  TempFolder folder_;
  // Shared with the environment, which RocksDB asks for files.
  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::unique_ptr<Engine> engine_;
};

TEST_F(DiskFaultTest, PowerLoss_KeepsEverySyncedCommit_ThroughFlushesAndCompactions) {
  int written = 0;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 150; ++i, ++written) {
      ASSERT_TRUE(PutText(*engine_, Key(written), Value(written)).ok());
    }
    LosePower();
    for (int i = 0; i < written; ++i) ASSERT_EQ(TextAt(*engine_, Key(i)), Value(i)) << i;
  }
}

TEST_F(DiskFaultTest, PowerLoss_LosesBufferedCommits_SoThatSyncedMeansSynced) {
  ASSERT_TRUE(PutText(*engine_, "synced", "1").ok());
  ASSERT_TRUE(PutText(*engine_, "buffered", "1", Durability::kBuffered).ok());
  LosePower();
  EXPECT_EQ(TextAt(*engine_, "synced"), "1");
  EXPECT_EQ(TextAt(*engine_, "buffered"), "(absent)");
}

TEST_F(DiskFaultTest, EmptySyncedGroup_SyncsWhatWasBuffered) {
  ASSERT_TRUE(PutText(*engine_, "buffered", "1", Durability::kBuffered).ok());
  ASSERT_TRUE(engine_->Commit({}, Durability::kSynced).ok());
  LosePower();
  EXPECT_EQ(TextAt(*engine_, "buffered"), "1");
}

TEST_F(DiskFaultTest, Close_SyncsWhatWasBuffered) {
  ASSERT_TRUE(PutText(*engine_, "buffered", "1", Durability::kBuffered).ok());
  ASSERT_TRUE(engine_->Close().ok());
  LosePower();
  EXPECT_EQ(TextAt(*engine_, "buffered"), "1");
}

TEST_F(DiskFaultTest, Group_TakesOneSync) {
  std::vector<WriteBatch> batches(32);
  std::vector<CommitItem> items;
  for (size_t i = 0; i < batches.size(); ++i) {
    batches[i].Put(AsBytes(Key(static_cast<int>(i))), AsBytes("v"));
    items.push_back({{}, &batches[i]});
  }
  const uint64_t before = files_->log_syncs();
  for (const absl::Status& result : engine_->CommitGroup(items, Durability::kSynced)) {
    EXPECT_TRUE(result.ok());
  }
  EXPECT_EQ(files_->log_syncs(), before + 1);
}

TEST_F(DiskFaultTest, FailedSync_IsReported_AndStaysReadOnlyUntilReopened) {
  ASSERT_TRUE(PutText(*engine_, "before", "1").ok());
  files_->FailLogSync(1);
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "failed", "1")));

  // The disk works again, but what it forgot is unknown: nothing more is accepted.
  for (int i = 0; i < 3; ++i) {
    const absl::Status refused = PutText(*engine_, "after", "1");
    EXPECT_TRUE(absl::IsUnavailable(refused));
    EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("read-only"));
  }
  EXPECT_EQ(engine_->Health()->state, EngineState::kReadOnly);
  EXPECT_THAT(engine_->Health()->detail, HasSubstr("injected"));
  EXPECT_EQ(TextAt(*engine_, "before"), "1");
  EXPECT_EQ(TextAt(*engine_, "failed"), "(absent)");
  EXPECT_TRUE(engine_->NewSnapshot().ok());
  EXPECT_TRUE(absl::IsUnavailable(engine_->Close()));

  LosePower();
  EXPECT_EQ(engine_->Health()->state, EngineState::kServing);
  EXPECT_EQ(TextAt(*engine_, "before"), "1");
  EXPECT_EQ(TextAt(*engine_, "after"), "(absent)");
  EXPECT_TRUE(PutText(*engine_, "after", "1").ok());
}

TEST_F(DiskFaultTest, FailedSyncOfAnEmptyGroup_IsStickyToo) {
  ASSERT_TRUE(PutText(*engine_, "a", "1", Durability::kBuffered).ok());
  files_->FailLogSync(1);
  EXPECT_TRUE(absl::IsUnavailable(engine_->Commit({}, Durability::kSynced)));
  EXPECT_TRUE(absl::IsUnavailable(engine_->Commit({}, Durability::kSynced)));
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "b", "1", Durability::kBuffered)));
}

TEST_F(DiskFaultTest, FailedAppend_IsStickyToo_AndLeavesAWholeStore) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  files_->FailLogAppend(1);
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "b", "1")));
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "c", "1")));
  EXPECT_EQ(engine_->Health()->state, EngineState::kReadOnly);
  LosePower();
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
  EXPECT_EQ(TextAt(*engine_, "c"), "(absent)");
}

TEST(DiskReads, LookupAmongManyShortRows_ReadsBlocks_NotTheIndexOfTheWholeFile) {
  const TempFolder folder;
  const auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  DiskOptions options = SmallDisk(folder.path() / "db");
  options.cache_bytes = 16 << 20;
  options.write_buffer_bytes = 8 << 20;
  absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngineOnEnv(options, env.get());
  ASSERT_TRUE(engine.ok());
  constexpr uint64_t kRows = 600000;
  for (uint64_t row = 0; row < kRows;) {
    WriteBatch batch;
    for (int i = 0; i < 5000; ++i) batch.Put(KeyBuilder(1).U64(row++).view(), AsBytes("pointer"));
    ASSERT_TRUE((*engine)->Commit(batch, Durability::kBuffered).ok());
  }
  ASSERT_TRUE((*engine)->Compact({}).ok());
  constexpr uint64_t kLookups = 300;
  const uint64_t before_bytes = files->read_bytes();
  for (uint64_t i = 0; i < kLookups; ++i) {
    ASSERT_TRUE((*engine)->Get(KeyBuilder(1).U64(i * 7919 * 31 % kRows).view())->has_value());
  }
  EXPECT_LT((files->read_bytes() - before_bytes) / kLookups, 64u << 10);
}

}  // namespace
}  // namespace enlace::storage
