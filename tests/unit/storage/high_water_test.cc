#include "storage/high_water.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "tests/unit/storage/temp_folder.h"

namespace enlace::storage {
namespace {

using ::testing::HasSubstr;

ChainHead Head(uint64_t sequence, uint8_t fill = 1) {
  ChainHead head;
  head.generation = 7;
  head.sequence = sequence;
  head.hash.fill(static_cast<uint8_t>(fill + sequence));
  return head;
}

// A log of the heads 1..newest, all of one chain.
HeadLookup LogUpTo(uint64_t newest, uint8_t fill = 1) {
  return [=](uint64_t sequence) -> absl::StatusOr<std::optional<ChainHead>> {
    if (sequence > newest) return std::optional<ChainHead>();
    return Head(sequence, fill);
  };
}

class HighWaterTest : public ::testing::Test {
 protected:
  HighWaterFile Open() {
    absl::StatusOr<HighWaterFile> file = HighWaterFile::Open(folder_.path());
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  void FlipByte(const std::string& name, size_t offset) {
    Bytes content = *ReadWholeFile(folder_.path() / name);
    content.at(offset) ^= 1;
    ASSERT_TRUE(ReplaceFile(folder_.path() / name, content).ok());
  }

  TempFolder folder_;
};

TEST_F(HighWaterTest, FreshFolder_HasNoMark) {
  EXPECT_FALSE(Open().mark());
  EXPECT_FALSE(Open().damaged());
}

TEST_F(HighWaterTest, WrittenMark_IsThereAfterReopening) {
  HighWaterFile file = Open();
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    ASSERT_TRUE(file.Write(Head(sequence)).ok());
    EXPECT_EQ(file.mark(), Head(sequence));
    EXPECT_EQ(Open().mark(), Head(sequence));
  }
}

TEST_F(HighWaterTest, Mark_NeverGoesBack_NorSideways) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(5)).ok());
  EXPECT_TRUE(file.Write(Head(5)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(file.Write(Head(4))));
  EXPECT_TRUE(absl::IsFailedPrecondition(file.Write(Head(5, 9))));
  EXPECT_EQ(Open().mark(), Head(5));
}

TEST_F(HighWaterTest, DeclaredLoss_SetsTheMarkBack_AndItHolds) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(5)).ok());
  ASSERT_TRUE(file.DeclareLoss(Head(3)).ok());
  EXPECT_EQ(Open().mark(), Head(3));
  ASSERT_TRUE(file.Write(Head(4, 9)).ok());
  EXPECT_EQ(Open().mark(), Head(4, 9));
}

TEST_F(HighWaterTest, EveryDamagedByteOfTheNewerFile_IsNoticed_AndTheOlderMarkServes) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  const size_t size = std::filesystem::file_size(folder_.path() / "high-water.0");
  for (size_t offset = 0; offset < size; ++offset) {
    FlipByte("high-water.0", offset);
    const HighWaterFile damaged = Open();
    EXPECT_TRUE(damaged.damaged()) << offset;
    EXPECT_EQ(damaged.mark(), Head(1)) << offset;
    FlipByte("high-water.0", offset);
  }
  EXPECT_FALSE(Open().damaged());
}

TEST_F(HighWaterTest, EveryCutOfTheNewerFile_IsNoticed) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  const Bytes whole = *ReadWholeFile(folder_.path() / "high-water.0");
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(ReplaceFile(folder_.path() / "high-water.0", BytesView(whole).first(size)).ok());
    EXPECT_TRUE(Open().damaged()) << size;
    EXPECT_EQ(Open().mark(), Head(1)) << size;
  }
}

TEST_F(HighWaterTest, WriteAfterDamage_ReplacesTheDamagedFile) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  FlipByte("high-water.0", 30);
  HighWaterFile damaged = Open();
  ASSERT_TRUE(damaged.Write(Head(3)).ok());
  EXPECT_FALSE(Open().damaged());
  EXPECT_EQ(Open().mark(), Head(3));
}

TEST_F(HighWaterTest, FileUnderTheOthersName_IsDamage) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  std::filesystem::copy_file(folder_.path() / "high-water.0", folder_.path() / "high-water.1",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(Open().damaged());
  EXPECT_EQ(Open().mark(), Head(2));
}

TEST_F(HighWaterTest, BothFilesDamaged_IsDataLoss) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  FlipByte("high-water.0", 30);
  FlipByte("high-water.1", 30);
  EXPECT_TRUE(absl::IsDataLoss(HighWaterFile::Open(folder_.path()).status()));
}

TEST_F(HighWaterTest, CrashWhileWriting_LeavesTheMarkBefore) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  std::ofstream(folder_.path() / "high-water.0.new") << "half";
  EXPECT_EQ(Open().mark(), Head(1));
  EXPECT_FALSE(Open().damaged());
  ASSERT_TRUE(file.Write(Head(2)).ok());
  EXPECT_EQ(Open().mark(), Head(2));
}

TEST_F(HighWaterTest, FailedWrite_LeavesTheMarkAsItWas) {
  HighWaterFile file = Open();
  ASSERT_TRUE(file.Write(Head(1)).ok());
  // A folder in the way of the temporary file, because permissions stop nobody who is root.
  std::filesystem::create_directory(folder_.path() / "high-water.0.new");
  EXPECT_FALSE(file.Write(Head(2)).ok());
  EXPECT_EQ(file.mark(), Head(1));
  std::filesystem::remove(folder_.path() / "high-water.0.new");
  EXPECT_TRUE(file.Write(Head(2)).ok());
  EXPECT_EQ(Open().mark(), Head(2));
}

TEST(CompareWithHighWater, EmptyStoreWithoutMark_IsAFreshServer) {
  EXPECT_TRUE(CompareWithHighWater(std::nullopt, std::nullopt, LogUpTo(0)).ok());
}

TEST(CompareWithHighWater, StoreAtTheMark_OrBeyondIt_IsWhole) {
  EXPECT_TRUE(CompareWithHighWater(Head(5), Head(5), LogUpTo(5)).ok());
  EXPECT_TRUE(CompareWithHighWater(Head(5), Head(9), LogUpTo(9)).ok());
}

TEST(CompareWithHighWater, StoreBehindTheMark_IsDataLoss_AndSaysBoth) {
  const absl::Status status = CompareWithHighWater(Head(5), Head(3), LogUpTo(3));
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("expected sequence 5"));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("found sequence 3"));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("declare the loss"));
}

TEST(CompareWithHighWater, EmptyStoreWithAMark_IsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(CompareWithHighWater(Head(5), std::nullopt, LogUpTo(0))));
}

TEST(CompareWithHighWater, StoreWithoutItsMark_IsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(CompareWithHighWater(std::nullopt, Head(5), LogUpTo(5))));
}

TEST(CompareWithHighWater, OldCopyThatGrewPastTheMark_IsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(CompareWithHighWater(Head(5), Head(9, 4), LogUpTo(9, 4))));
}

TEST(CompareWithHighWater, RecordMissingAtTheMark_IsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(CompareWithHighWater(Head(5), Head(9), LogUpTo(4))));
}

TEST(CompareWithHighWater, ErrorOfTheStore_IsPassedOn) {
  const HeadLookup broken = [](uint64_t) {
    return absl::StatusOr<std::optional<ChainHead>>(MakeStatus(absl::StatusCode::kUnavailable, ""));
  };
  EXPECT_TRUE(absl::IsUnavailable(CompareWithHighWater(Head(5), Head(9), broken)));
}

}  // namespace
}  // namespace enlace::storage
