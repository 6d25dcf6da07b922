// A full disk, on a small file system of the test's own: writes are refused, reads go on, writes
// resume by themselves.
//
// Reported as skipped where mounting is not allowed.
#include <fcntl.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/high_water.h"
#include "tests/unit/storage/small_disk.h"
#include "tests/unit/storage/stores.h"
#include "tests/unit/storage/writer_process.h"

namespace enlace::storage {
namespace {

constexpr size_t kValueBytes = 16 << 10;

// Bytes that no compression shrinks.
std::string RandomText(size_t size_bytes) {
  std::mt19937_64 random(5);
  std::string text(size_bytes, 0);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

class DiskFullTest : public ::testing::Test {
 protected:
  void SetUp() override {
    mounted_ = enlace::testing::MountSmallDisk(temp_.path(), 24 << 20);
    if (!mounted_) GTEST_SKIP() << "a tmpfs can't be mounted here: " << std::strerror(errno);
  }

  void TearDown() override {
    engine_.reset();
    if (mounted_) {
      EXPECT_TRUE(enlace::testing::UnmountSmallDisk(temp_.path()));
    }
  }

  std::filesystem::path folder() const { return temp_.path() / "db"; }
  std::filesystem::path ballast() const { return temp_.path() / "ballast"; }

  uint64_t FreeBytes() const {
    struct statvfs info {};
    EXPECT_EQ(::statvfs(temp_.path().c_str(), &info), 0);
    return uint64_t{info.f_bavail} * info.f_frsize;
  }

  // Takes all space but `left_bytes`, also while a writer takes some.
  void FillUp(uint64_t left_bytes) {
    const int fd = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    off_t size_bytes = 0;
    for (uint64_t free_bytes = FreeBytes(); free_bytes > left_bytes; free_bytes = FreeBytes()) {
      const off_t more_bytes = static_cast<off_t>(free_bytes - left_bytes);
      if (::posix_fallocate(fd, size_bytes, more_bytes) == 0) size_bytes += more_bytes;
    }
    EXPECT_GT(size_bytes, 0);
    EXPECT_EQ(::close(fd), 0);
  }

  void MakeRoom() { ASSERT_TRUE(std::filesystem::remove(ballast())); }

  void Open(uint64_t reserve_bytes) {
    DiskOptions options = SmallDisk(folder());
    options.reserve_bytes = reserve_bytes;
    absl::StatusOr<std::unique_ptr<Engine>> opened = OpenDiskEngine(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = std::move(*opened);
  }

  // Tries a commit until it is accepted; false when that takes longer than a minute.
  bool ResumesByItself() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
      const absl::Status status = PutText(*engine_, "resumed", "1");
      if (status.ok()) return true;
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      std::this_thread::sleep_for(kResumeInterval / 10);
    }
    return false;
  }

  // Reads what the writer says until it says `word` or, for kOpened, any number.
  uint64_t ReadUntil(WriterProcess& writer, bool full) {
    while (const uint64_t word = writer.Next()) {
      if (word != kFull) acknowledged_ = word;
      if ((word == kFull) == full) return word;
    }
    ADD_FAILURE() << "the writer died";
    return 0;
  }

  void AuditAcknowledged() {
    Open(0);
    const absl::StatusOr<uint64_t> newest = AuditWriterStore(*engine_, kValueBytes);
    ASSERT_TRUE(newest.ok()) << newest.status();
    EXPECT_GE(*newest, acknowledged_) << "an acknowledged commit is missing";
    EXPECT_LE(*newest, acknowledged_ + 1);
    engine_.reset();
  }

  TempFolder temp_;
  bool mounted_ = false;
  std::unique_ptr<Engine> engine_;
  uint64_t acknowledged_ = 0;
};

TEST_F(DiskFullTest, BelowTheReserve_PutsAreRefused_ReadsAndDeletesGoOn) {
  Open(8 << 20);
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  ASSERT_TRUE(PutText(*engine_, "b", "1").ok());
  FillUp(4 << 20);
  const absl::Status refused = PutText(*engine_, "c", "1");
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
  EXPECT_EQ(TextAt(*engine_, "c"), "(absent)");
  EXPECT_EQ(engine_->Health()->state, EngineState::kDiskFull);
  EXPECT_THAT(engine_->Health()->detail, ::testing::HasSubstr("8 MiB"));

  WriteBatch deletes;
  deletes.Delete(AsBytes("a"));
  EXPECT_TRUE(engine_->Commit(deletes, Durability::kSynced).ok());
  EXPECT_TRUE(engine_->Compact({}).ok());
  WriteBatch both;
  both.Put(AsBytes("c"), AsBytes("1"));
  const std::vector<CommitItem> group = {{{}, &both}, {{}, &deletes}};
  const std::vector<absl::Status> results = engine_->CommitGroup(group, Durability::kSynced);
  EXPECT_TRUE(absl::IsResourceExhausted(results[0]));
  EXPECT_TRUE(results[1].ok());

  MakeRoom();
  EXPECT_TRUE(PutText(*engine_, "c", "1").ok());
  EXPECT_EQ(engine_->Health()->state, EngineState::kServing);
}

TEST_F(DiskFullTest, NoByteLeft_RefusesWrites_ServesReads_AndResumesByItself) {
  Open(0);
  const std::string value = RandomText(kValueBytes);
  std::set<std::string> accepted;
  std::set<std::string> refused;
  FillUp(0);
  // What was set aside for the log is used up first, also by the first attempts to resume; then
  // every write is refused.
  auto refused_since = std::chrono::steady_clock::now();
  for (int i = 0; std::chrono::steady_clock::now() - refused_since < 3 * kResumeInterval; ++i) {
    ASSERT_LT(i, 1000000) << "the disk never filled up";
    const std::string key = "key " + std::to_string(i);
    const absl::Status status = PutText(*engine_, key, value);
    if (status.ok()) {
      accepted.insert(key);
      refused_since = std::chrono::steady_clock::now();
    } else {
      ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
      refused.insert(key);
    }
    const std::string& seen = accepted.empty() ? key : *accepted.begin();
    ASSERT_EQ(TextAt(*engine_, seen) == value, !accepted.empty()) << "a read on a full disk";
  }
  ASSERT_FALSE(refused.empty());
  EXPECT_EQ(engine_->Health()->state, EngineState::kDiskFull);
  EXPECT_NE(engine_->Health()->detail, "");
  MakeRoom();
  EXPECT_TRUE(ResumesByItself());
  EXPECT_EQ(engine_->Health()->state, EngineState::kServing);
  for (const std::string& key : accepted) EXPECT_TRUE(TextAt(*engine_, key) == value) << key;
}

TEST_F(DiskFullTest, StartOnAFullDisk_ServesReads_AndResumesByItself) {
  Open(0);
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  ASSERT_TRUE(engine_->Close().ok());
  engine_.reset();
  FillUp(0);
  Open(0);
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
  EXPECT_TRUE(absl::IsResourceExhausted(PutText(*engine_, "b", std::string(kValueBytes, 'v'))));
  EXPECT_EQ(engine_->Health()->state, EngineState::kDiskFull);
  MakeRoom();
  EXPECT_TRUE(ResumesByItself());
  EXPECT_EQ(TextAt(*engine_, "a"), "1");
}

TEST_F(DiskFullTest, SnapshotTakenBeforeResuming_Ends_AndHarmsNobody) {
  Open(0);
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  absl::StatusOr<std::unique_ptr<Snapshot>> snapshot = engine_->NewSnapshot();
  ASSERT_TRUE(snapshot.ok());
  FillUp(0);
  absl::Status status;
  for (int i = 0; status.ok() && i < 10000; ++i) {
    status = PutText(*engine_, "key", std::string(kValueBytes, 'v'));
  }
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(TextAt(**snapshot, "a"), "1");
  MakeRoom();
  ASSERT_TRUE(ResumesByItself());
  EXPECT_TRUE(absl::IsUnavailable((*snapshot)->Get(AsBytes("a")).status()));
  EXPECT_TRUE(absl::IsUnavailable((*snapshot)->Scan({}).status()));
  snapshot->reset();
  EXPECT_TRUE(engine_->Close().ok());
}

TEST_F(DiskFullTest, FullInTheFirstCommit_ThenResumed_ThenKilled_LosesNothingAcknowledged) {
  WriterProcess writer({.folder = folder(), .value_bytes = kValueBytes});
  FillUp(0);
  writer.Go();
  ReadUntil(writer, /*full=*/true);
  MakeRoom();
  for (int i = 0; i < 50; ++i) ReadUntil(writer, /*full=*/false);
  writer.KillAndDrain(acknowledged_);
  AuditAcknowledged();
}

TEST_F(DiskFullTest, FullAgainAndAgain_ThenKilled_LosesNothingAcknowledged) {
  for (int cycle = 0; cycle < 2; ++cycle) {
    WriterProcess writer({.folder = folder(), .value_bytes = kValueBytes});
    writer.Go();
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 5; ++i) ReadUntil(writer, /*full=*/false);
      FillUp(static_cast<uint64_t>(round) * 20 << 10);
      ReadUntil(writer, /*full=*/true);
      MakeRoom();
    }
    ReadUntil(writer, /*full=*/false);
    writer.KillAndDrain(acknowledged_);
    ASSERT_NO_FATAL_FAILURE(AuditAcknowledged());
  }
}

TEST_F(DiskFullTest, KilledWhileFull_LosesNothingAcknowledged) {
  for (int cycle = 0; cycle < 3; ++cycle) {
    WriterProcess writer({.folder = folder(), .value_bytes = kValueBytes});
    writer.Go();
    ReadUntil(writer, /*full=*/false);
    FillUp(0);
    ReadUntil(writer, /*full=*/true);
    writer.KillAndDrain(acknowledged_);
    MakeRoom();
    ASSERT_NO_FATAL_FAILURE(AuditAcknowledged());
  }
}

TEST_F(DiskFullTest, HighWaterMark_StaysAsItWas_AndIsWrittenLater) {
  absl::StatusOr<HighWaterFile> file = HighWaterFile::Open(temp_.path());
  ASSERT_TRUE(file.ok());
  ChainHead head;
  head.sequence = 1;
  ASSERT_TRUE(file->Write(head).ok());
  FillUp(0);
  ChainHead next = head;
  next.sequence = 2;
  EXPECT_TRUE(absl::IsResourceExhausted(file->Write(next)));
  EXPECT_EQ(HighWaterFile::Open(temp_.path())->mark(), head);
  MakeRoom();
  EXPECT_TRUE(file->Write(next).ok());
  EXPECT_EQ(HighWaterFile::Open(temp_.path())->mark(), next);
}

}  // namespace
}  // namespace enlace::storage

int main(int argc, char** argv) {
  int exit_code = 0;
  if (enlace::storage::RunAsWriter(argc, argv, exit_code)) return exit_code;
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
