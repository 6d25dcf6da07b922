// Damage to a store on disk is refused by the engine or noticed through the high-water mark; it is
// never served.
//
// The store stands in for the server's log: each commit adds the chain head of its sequence number.
#include <fstream>

#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "storage/high_water.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

constexpr KeySpace kLog = 0x10;
constexpr uint64_t kCommits = 20;

ChainHead HeadAt(uint64_t sequence) {
  ChainHead head;
  head.generation = 7;
  head.sequence = sequence;
  head.hash.fill(static_cast<uint8_t>(sequence * 37));
  return head;
}

absl::StatusOr<std::optional<ChainHead>> HeadFromStore(const Engine& engine, uint64_t sequence) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> value,
                          engine.Get(KeyBuilder(kLog).U64(sequence).view()));
  if (!value) return std::optional<ChainHead>();
  ChainHead head = HeadAt(sequence);
  if (value->size() < head.hash.size()) return InvalidArgument("short record");
  std::copy_n(value->begin(), head.hash.size(), head.hash.begin());
  return head;
}

absl::StatusOr<std::optional<ChainHead>> NewestOf(const Engine& engine) {
  ENLACE_ASSIGN_OR_RETURN(const Page page, engine.Scan(PrefixRange(Bytes{kLog}),
                                                       {.order = Order::kReverse, .rows_max = 1}));
  if (page.rows.empty()) return std::optional<ChainHead>();
  KeyReader key(page.rows[0].key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_ASSIGN_OR_RETURN(const uint64_t sequence, key.U64());
  return HeadFromStore(engine, sequence);
}

// What a server does at its start: open, read its newest head, compare with the mark.
absl::Status Start(const std::filesystem::path& folder) {
  DiskOptions options = SmallDisk(folder / "db");
  options.create_if_missing = false;
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, OpenDiskEngine(options));
  ENLACE_ASSIGN_OR_RETURN(const HighWaterFile file, HighWaterFile::Open(folder));
  ENLACE_ASSIGN_OR_RETURN(const std::optional<ChainHead> newest, NewestOf(*engine));
  return CompareWithHighWater(file.mark(), newest, [&engine](uint64_t sequence) {
    return HeadFromStore(*engine, sequence);
  });
}

class DamageTest : public ::testing::Test {
 protected:
  // kCommits synced commits, all in the log, and the mark at the last; then the process is gone.
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngine(SmallDisk(folder() / "db"));
    ASSERT_TRUE(engine.ok()) << engine.status();
    for (uint64_t sequence = 1; sequence <= kCommits; ++sequence) {
      WriteBatch batch;
      const ChainHead head = HeadAt(sequence);
      Bytes value(head.hash.begin(), head.hash.end());
      value.resize(100, 0x55);
      batch.Put(KeyBuilder(kLog).U64(sequence).view(), value);
      ASSERT_TRUE((*engine)->Commit(batch, Durability::kSynced).ok());
      boundaries_.push_back(std::filesystem::file_size(Log()));
    }
    absl::StatusOr<HighWaterFile> mark = HighWaterFile::Open(folder());
    ASSERT_TRUE(mark.ok());
    ASSERT_TRUE(mark->Write(HeadAt(kCommits)).ok());
  }

  const std::filesystem::path& folder() const { return folder_.path(); }

  std::filesystem::path Log() { return Only(".log"); }

  std::filesystem::path Only(const std::string& extension) {
    std::filesystem::path found;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "db")) {
      if (entry.path().extension() == extension && entry.path() > found) found = entry.path();
    }
    EXPECT_FALSE(found.empty()) << "no " << extension;
    return found;
  }

  // A fresh copy of the folder, for one damage of many.
  std::filesystem::path Copy() {
    const std::filesystem::path copy = other_.path() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder(), copy, std::filesystem::copy_options::recursive);
    return copy;
  }

  TempFolder folder_;
  TempFolder other_;
  std::vector<uint64_t> boundaries_;
};

TEST_F(DamageTest, WholeStore_Starts) {
  const absl::Status status = Start(folder());
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(DamageTest, TornLastRecord_OfACommitThatNobodyWasTold_IsDropped) {
  absl::StatusOr<HighWaterFile> mark = HighWaterFile::Open(folder());
  ASSERT_TRUE(mark.ok());
  ASSERT_TRUE(mark->DeclareLoss(HeadAt(kCommits - 1)).ok());
  for (uint64_t size = boundaries_[kCommits - 2]; size < boundaries_[kCommits - 1]; ++size) {
    const std::filesystem::path copy = Copy();
    std::filesystem::resize_file(copy / "db" / Log().filename(), size);
    const absl::Status status = Start(copy);
    EXPECT_TRUE(status.ok()) << size << " " << status;
  }
}

TEST_F(DamageTest, LogCutOnEveryRecordBoundary_IsDataLoss) {
  for (uint64_t left = 0; left + 1 < kCommits; ++left) {
    const std::filesystem::path copy = Copy();
    std::filesystem::resize_file(copy / "db" / Log().filename(),
                                 left == 0 ? 0 : boundaries_[left - 1]);
    EXPECT_TRUE(absl::IsDataLoss(Start(copy))) << left;
  }
}

TEST_F(DamageTest, DeletedLog_IsDataLoss) {
  std::filesystem::remove(Log());
  EXPECT_TRUE(absl::IsDataLoss(Start(folder())));
}

TEST_F(DamageTest, AnyByteOfTheLogFlipped_IsDataLoss) {
  const Bytes log = *ReadWholeFile(Log());
  ASSERT_EQ(log.size(), boundaries_.back());
  for (size_t offset = 0; offset < log.size(); offset += 3) {
    const std::filesystem::path copy = Copy();
    Bytes damaged = log;
    damaged[offset] ^= 0x10;
    std::ofstream(copy / "db" / Log().filename(), std::ios::binary) << AsText(damaged);
    EXPECT_TRUE(absl::IsDataLoss(Start(copy))) << offset;
  }
}

TEST_F(DamageTest, FlippedBitInARecord_IsRefusedByTheEngineItself) {
  Bytes log = *ReadWholeFile(Log());
  log[(boundaries_[8] + boundaries_[9]) / 2] ^= 1;
  std::ofstream(Log(), std::ios::binary) << AsText(log);
  EXPECT_TRUE(absl::IsDataLoss(OpenDiskEngine(SmallDisk(folder() / "db")).status()));
}

TEST_F(DamageTest, OldCopyOfTheStore_IsDataLoss) {
  const std::filesystem::path old = other_.path() / "old";
  std::filesystem::copy(folder() / "db", old, std::filesystem::copy_options::recursive);
  {
    absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngine(SmallDisk(folder() / "db"));
    ASSERT_TRUE(engine.ok());
    WriteBatch batch;
    batch.Put(KeyBuilder(kLog).U64(kCommits + 1).view(), HeadAt(kCommits + 1).hash);
    ASSERT_TRUE((*engine)->Commit(batch, Durability::kSynced).ok());
    absl::StatusOr<HighWaterFile> mark = HighWaterFile::Open(folder());
    ASSERT_TRUE(mark.ok());
    ASSERT_TRUE(mark->Write(HeadAt(kCommits + 1)).ok());
  }
  EXPECT_TRUE(Start(folder()).ok());
  std::filesystem::remove_all(folder() / "db");
  std::filesystem::rename(old, folder() / "db");
  EXPECT_TRUE(absl::IsDataLoss(Start(folder())));
}

TEST_F(DamageTest, MissingIndexFile_IsDataLoss_AndNeverANewStore) {
  std::filesystem::remove(folder() / "db" / "CURRENT");
  EXPECT_TRUE(absl::IsDataLoss(OpenDiskEngine(SmallDisk(folder() / "db")).status()));
  EXPECT_TRUE(std::filesystem::exists(Log()));
}

TEST_F(DamageTest, DamagedDataFile_IsDataLoss_ForReadsAndScans) {
  {
    absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngine(SmallDisk(folder() / "db"));
    ASSERT_TRUE(engine.ok());
    ASSERT_TRUE((*engine)->Compact({}).ok());
  }
  const std::filesystem::path file = Only(".sst");
  Bytes content = *ReadWholeFile(file);
  content[40] ^= 1;
  std::ofstream(file, std::ios::binary) << AsText(content);

  absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngine(SmallDisk(folder() / "db"));
  if (!engine.ok()) {
    EXPECT_TRUE(absl::IsDataLoss(engine.status()));
    return;
  }
  EXPECT_TRUE(absl::IsDataLoss((*engine)->Get(KeyBuilder(kLog).U64(1).view()).status()));
  EXPECT_TRUE(absl::IsDataLoss((*engine)->Scan({}).status()));
}

TEST_F(DamageTest, MissingDataFile_IsNotServed) {
  {
    absl::StatusOr<std::unique_ptr<Engine>> engine = OpenDiskEngine(SmallDisk(folder() / "db"));
    ASSERT_TRUE(engine.ok());
    ASSERT_TRUE((*engine)->Compact({}).ok());
  }
  std::filesystem::remove(Only(".sst"));
  EXPECT_TRUE(absl::IsDataLoss(Start(folder())));
}

TEST(DiskEngine, WrongFolder_IsNotFound_AndNotCreated) {
  const TempFolder temp;
  DiskOptions options = SmallDisk(temp.path() / "none");
  options.create_if_missing = false;
  EXPECT_TRUE(absl::IsNotFound(OpenDiskEngine(options).status()));
  EXPECT_FALSE(std::filesystem::exists(temp.path() / "none"));
}

TEST(DiskEngine, TooFewDescriptors_AreInvalid) {
  const TempFolder temp;
  DiskOptions options = SmallDisk(temp.path() / "db");
  options.open_files_max = 19;
  EXPECT_TRUE(absl::IsInvalidArgument(OpenDiskEngine(options).status()));
}

}  // namespace
}  // namespace enlace::storage
