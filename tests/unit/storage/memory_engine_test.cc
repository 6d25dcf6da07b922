// The faults of the memory engine's disk: what a simulation relies on.
#include "storage/memory/memory_engine.h"

#include <fstream>

#include "gtest/gtest.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

class MemoryEngineTest : public ::testing::Test {
 protected:
  MemoryEngineTest() { Open(); }

  void Open() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<Engine>> opened = OpenMemoryEngine(disk_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = std::move(*opened);
  }

  std::shared_ptr<MemoryDisk> disk_ = NewMemoryDisk();
  std::unique_ptr<Engine> engine_;
};

TEST_F(MemoryEngineTest, Crash_LosesWhatWasNotSynced_AndNothingElse) {
  ASSERT_TRUE(PutText(*engine_, "kept", "1").ok());
  ASSERT_TRUE(PutText(*engine_, "changed", "old").ok());
  ASSERT_TRUE(PutText(*engine_, "deleted", "old").ok());
  WriteBatch batch;
  batch.Put(AsBytes("changed"), AsBytes("new"));
  batch.Put(AsBytes("added"), AsBytes("new"));
  batch.Delete(AsBytes("deleted"));
  ASSERT_TRUE(engine_->Commit(batch, Durability::kBuffered).ok());
  disk_->Crash();
  EXPECT_TRUE(absl::IsUnavailable(engine_->Get(AsBytes("kept")).status()));
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "kept", "2")));
  Open();
  EXPECT_EQ(TextAt(*engine_, "kept"), "1");
  EXPECT_EQ(TextAt(*engine_, "changed"), "old");
  EXPECT_EQ(TextAt(*engine_, "added"), "(absent)");
  EXPECT_EQ(TextAt(*engine_, "deleted"), "old");
}

TEST_F(MemoryEngineTest, SyncedCommit_SyncsTheBufferedOnesBeforeIt) {
  ASSERT_TRUE(PutText(*engine_, "a", "1", Durability::kBuffered).ok());
  ASSERT_TRUE(PutText(*engine_, "b", "1").ok());
  disk_->Crash();
  Open();
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
}

TEST_F(MemoryEngineTest, SnapshotOfADeadProcess_IsUnavailable_AndHarmsNobody) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  ASSERT_TRUE(PutText(*engine_, "a", "2", Durability::kBuffered).ok());
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine_->NewSnapshot();
  ASSERT_TRUE(snapshot.ok());
  disk_->Crash();
  EXPECT_TRUE(absl::IsUnavailable((*snapshot)->Get(AsBytes("a")).status()));
  EXPECT_TRUE(absl::IsUnavailable((*snapshot)->Scan({}).status()));
  Open();
  snapshot->reset();
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
}

TEST_F(MemoryEngineTest, FailedSync_TurnsReadOnly_UntilReopened) {
  disk_->FailSync(2, FailedSync::kLost);
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "b", "1")));
  EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "c", "1")));
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
  EXPECT_EQ(TextAt(*engine_, "b"), "(absent)");
  EXPECT_EQ(engine_->Health()->state, EngineState::kReadOnly);
  EXPECT_NE(engine_->Health()->detail, "");
  EXPECT_TRUE(absl::IsUnavailable(engine_->Close()));
  Open();
  EXPECT_EQ(engine_->Health()->state, EngineState::kServing);
  EXPECT_EQ(TextAt(*engine_, "b"), "(absent)");
  EXPECT_TRUE(PutText(*engine_, "b", "2").ok());
}

TEST_F(MemoryEngineTest, FailedSync_CanHaveWrittenAllTheSame) {
  for (const bool crash : {false, true}) {
    disk_->FailSync(1, FailedSync::kWritten);
    EXPECT_TRUE(absl::IsUnavailable(PutText(*engine_, "b", "1")));
    EXPECT_EQ(TextAt(*engine_, "b"), "(absent)");
    if (crash) disk_->Crash();
    Open();
    EXPECT_EQ(TextAt(*engine_, "b"), "1");
    WriteBatch batch;
    batch.Delete(AsBytes("b"));
    ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  }
}

TEST_F(MemoryEngineTest, FullDisk_RefusesPuts_TakesDeletes_AndResumes) {
  ASSERT_TRUE(PutText(*engine_, "a", std::string(100, 'x')).ok());
  disk_->SetCapacity(110);
  EXPECT_TRUE(absl::IsResourceExhausted(PutText(*engine_, "b", std::string(100, 'x'))));
  EXPECT_EQ(TextAt(*engine_, "a"), std::string(100, 'x'));
  EXPECT_EQ(TextAt(*engine_, "b"), "(absent)");
  disk_->SetCapacity(50);
  EXPECT_EQ(engine_->Health()->state, EngineState::kDiskFull);
  WriteBatch batch;
  batch.Delete(AsBytes("a"));
  EXPECT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  EXPECT_TRUE(PutText(*engine_, "b", "y").ok());
  EXPECT_EQ(engine_->Health()->state, EngineState::kServing);
}

TEST_F(MemoryEngineTest, FullDisk_TakesABatchThatReclaimsSpace) {
  ASSERT_TRUE(PutText(*engine_, "payload", std::string(100, 'x')).ok());
  disk_->SetCapacity(50);
  WriteBatch batch;
  batch.Delete(AsBytes("payload"));
  batch.Put(AsBytes("tombstone"), AsBytes("t"));
  EXPECT_TRUE(absl::IsResourceExhausted(engine_->Commit(batch, Durability::kSynced)));
  batch.set_reclaims_space(true);
  EXPECT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  EXPECT_EQ(TextAt(*engine_, "tombstone"), "t");
}

TEST_F(MemoryEngineTest, Group_TakesOneSync) {
  WriteBatch one;
  one.Put(AsBytes("a"), AsBytes("1"));
  WriteBatch two;
  two.Put(AsBytes("b"), AsBytes("1"));
  const std::vector<CommitItem> group = {{{}, &one}, {{}, &two}};
  const uint64_t before = disk_->syncs();
  for (const absl::Status& result : engine_->CommitGroup(group, Durability::kSynced)) {
    EXPECT_TRUE(result.ok());
  }
  EXPECT_EQ(disk_->syncs(), before + 1);
}

TEST_F(MemoryEngineTest, OldVersions_AreDropped_OnceNobodySeesThem) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  const uint64_t one_row = engine_->Health()->stored_bytes;
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine_->NewSnapshot();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(PutText(*engine_, "a", "2").ok());
  EXPECT_EQ(engine_->Health()->stored_bytes, 2 * one_row);
  EXPECT_EQ(TextAt(**snapshot, "a"), "1");
  snapshot->reset();
  EXPECT_EQ(engine_->Health()->stored_bytes, one_row);
}

TEST_F(MemoryEngineTest, DamagedCheckpoint_IsDataLoss) {
  const TempFolder folder;
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  ASSERT_TRUE(engine_->Checkpoint(folder.path() / "copy").ok());
  const std::filesystem::path file = folder.path() / "copy" / "rows";
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file)) - 1);
  stream.put('2');
  stream.close();
  EXPECT_TRUE(absl::IsDataLoss(ReadMemoryCheckpoint(folder.path() / "copy").status()));
}

}  // namespace
}  // namespace enlace::storage
