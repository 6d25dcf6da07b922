// SIGKILL in the middle of synced writes: everything acknowledged is there, and nothing is half
// there.
//
// ENLACE_STORAGE_KILLS is the number of kills (default 15).
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/storage/stores.h"
#include "tests/unit/storage/writer_process.h"

namespace enlace::storage {
namespace {

constexpr size_t kValueBytes = 1000;

absl::StatusOr<uint64_t> Audit(const std::filesystem::path& folder) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, OpenDiskEngine(SmallDisk(folder)));
  return AuditWriterStore(*engine, kValueBytes);
}

TEST(Kill, EverythingAcknowledged_IsThere_AfterEveryKill) {
  const TempFolder temp;
  const std::filesystem::path folder = temp.path() / "db";
  const char* kills = std::getenv("ENLACE_STORAGE_KILLS");
  std::mt19937_64 random(4);
  uint64_t acknowledged = 0;
  for (int left = kills == nullptr ? 15 : std::atoi(kills); left > 0; --left) {
    WriterProcess writer({.folder = folder, .value_bytes = kValueBytes});
    writer.Go();
    acknowledged = writer.Next();
    ASSERT_NE(acknowledged, 0u);
    // The moment of the kill is what varies; nothing waits for this.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 200000));
    writer.KillAndDrain(acknowledged);
    const absl::StatusOr<uint64_t> newest = Audit(folder);
    ASSERT_TRUE(newest.ok()) << newest.status();
    ASSERT_GE(*newest, acknowledged) << "an acknowledged commit is missing";
    ASSERT_LE(*newest, acknowledged + 1) << "more than the one commit under way";
  }
  EXPECT_GT(acknowledged, 100u);
}

struct CrashCase {
  std::string point;
  // Whether the commit that was under way is there after the crash: its bytes were with the kernel.
  bool written;
};

class CrashPointTest : public ::testing::TestWithParam<CrashCase> {};

INSTANTIATE_TEST_SUITE_P(Points, CrashPointTest,
                         ::testing::Values(CrashCase{"storage.before_write", false},
                                           CrashCase{"storage.after_write", true},
                                           CrashCase{"storage.after_sync", true}));

TEST_P(CrashPointTest, IsHit_AndTheStoreIsWhole) {
  const TempFolder temp;
  WriterProcess writer({.folder = temp.path() / "db",
                        .crash_point = GetParam().point,
                        .crash_pass = 10,
                        .value_bytes = kValueBytes});
  writer.Go();
  uint64_t acknowledged = 0;
  while (const uint64_t word = writer.Next()) acknowledged = word;
  EXPECT_EQ(writer.WaitForSignal(), SIGKILL);
  EXPECT_EQ(acknowledged, 9u);
  const absl::StatusOr<uint64_t> newest = Audit(temp.path() / "db");
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(*newest, GetParam().written ? 10u : 9u);
}

class AuditTest : public ::testing::Test {
 protected:
  // A store with some numbers in it.
  void SetUp() override {
    {
      WriterProcess writer({.folder = folder(), .value_bytes = kValueBytes});
      writer.Go();
      while (writer.Next() < 5) continue;
    }
    engine_ = *OpenDiskEngine(SmallDisk(folder()));
    ASSERT_TRUE(AuditWriterStore(*engine_, kValueBytes).ok());
  }

  std::filesystem::path folder() const { return temp_.path() / "db"; }

  TempFolder temp_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(AuditTest, NoticesAnyRowDeleted_Altered_OrAdded) {
  const std::vector<Row> rows = engine_->Scan({})->rows;
  ASSERT_GT(rows.size(), 10u);
  for (const Row& row : rows) {
    for (const bool alter : {false, true}) {
      WriteBatch damage;
      if (alter) {
        Bytes value = row.value;
        value.back() ^= 1;
        damage.Put(row.key, value);
      } else {
        damage.Delete(row.key);
      }
      ASSERT_TRUE(engine_->Commit(damage, Durability::kBuffered).ok());
      EXPECT_TRUE(absl::IsDataLoss(AuditWriterStore(*engine_, kValueBytes).status()));
      WriteBatch repair;
      repair.Put(row.key, row.value);
      ASSERT_TRUE(engine_->Commit(repair, Durability::kBuffered).ok());
    }
  }
  ASSERT_TRUE(AuditWriterStore(*engine_, kValueBytes).ok());
  ASSERT_TRUE(PutText(*engine_, "\x11 added", "1").ok());
  EXPECT_TRUE(absl::IsDataLoss(AuditWriterStore(*engine_, kValueBytes).status()));
}

}  // namespace
}  // namespace enlace::storage

int main(int argc, char** argv) {
  int exit_code = 0;
  if (enlace::storage::RunAsWriter(argc, argv, exit_code)) return exit_code;
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
