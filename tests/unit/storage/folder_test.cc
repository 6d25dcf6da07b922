// What storage/ keeps beside the engine: the folder's lock, files replaced as a whole, the version
// of the store.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "storage/folder_lock.h"
#include "storage/schema.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

using ::testing::HasSubstr;

TEST(FolderLock, CreatesTheFolder_ForItsOwnerOnly) {
  const TempFolder temp;
  const std::filesystem::path folder = temp.path() / "a" / "b";
  ASSERT_TRUE(FolderLock::Acquire(folder).ok());
  struct stat info {};
  ASSERT_EQ(::stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(FolderLock, SecondHolder_IsRefused_AndToldWhoHoldsIt) {
  const TempFolder temp;
  const absl::StatusOr<FolderLock> first = FolderLock::Acquire(temp.path());
  ASSERT_TRUE(first.ok());
  const absl::StatusOr<FolderLock> second = FolderLock::Acquire(temp.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(std::string(MessageOf(second.status())),
              HasSubstr("process " + std::to_string(::getpid())));
}

TEST(FolderLock, IsFree_OnceItsHolderIsGone) {
  const TempFolder temp;
  { const absl::StatusOr<FolderLock> first = FolderLock::Acquire(temp.path()); }
  EXPECT_TRUE(FolderLock::Acquire(temp.path()).ok());
}

TEST(FolderLock, OfAKilledProcess_LocksNobodyOut) {
  const TempFolder temp;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const absl::StatusOr<FolderLock> lock = FolderLock::Acquire(temp.path());
    const char ok = lock.ok() ? 'y' : 'n';
    if (::write(ready[1], &ok, 1) == 1) ::pause();
    ::_exit(1);
  }
  char ok = 0;
  ASSERT_EQ(::read(ready[0], &ok, 1), 1);
  ASSERT_EQ(ok, 'y');
  EXPECT_TRUE(absl::IsFailedPrecondition(FolderLock::Acquire(temp.path()).status()));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(FolderLock::Acquire(temp.path()).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(ReplaceFile, ReplacesTheWholeContent_AndLeavesNothingBeside) {
  const TempFolder temp;
  const std::filesystem::path path = temp.path() / "file";
  ASSERT_TRUE(ReplaceFile(path, AsBytes("a longer content")).ok());
  ASSERT_TRUE(ReplaceFile(path, AsBytes("short")).ok());
  EXPECT_EQ(*ReadWholeFile(path), ToBytes("short"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(temp.path()), {}), 1);
}

TEST(ReplaceFile, IntoAMissingFolder_IsNotFound) {
  const TempFolder temp;
  EXPECT_TRUE(absl::IsNotFound(ReplaceFile(temp.path() / "none" / "file", {})));
}

TEST(ReadWholeFile, OfAMissingFile_IsNotFound) {
  const TempFolder temp;
  EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(temp.path() / "none").status()));
}

TEST(ReadWholeFile, OfAHugeFile_IsRefused) {
  const TempFolder temp;
  const std::filesystem::path path = temp.path() / "huge";
  ASSERT_TRUE(ReplaceFile(path, {}).ok());
  std::filesystem::resize_file(path, kWholeFileBytesMax + 1);
  EXPECT_TRUE(absl::IsResourceExhausted(ReadWholeFile(path).status()));
}

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() : engine_(*OpenMemoryEngine(NewMemoryDisk())) {}

  void Set(std::string_view name, uint32_t version) {
    WriteBatch batch;
    SetSchema(batch, name, version);
    ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(SchemaTest, EmptyStore_GetsTheCurrentVersion) {
  const absl::StatusOr<SchemaVersion> created = OpenSchema(*engine_, "server", 3);
  ASSERT_TRUE(created.ok());
  EXPECT_TRUE(created->created);
  const absl::StatusOr<SchemaVersion> opened = OpenSchema(*engine_, "server", 3);
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(opened->created);
  EXPECT_EQ(opened->found, 3u);
}

TEST_F(SchemaTest, OneVersionOlder_IsOpened_ForMigration) {
  Set("server", 2);
  const absl::StatusOr<SchemaVersion> opened = OpenSchema(*engine_, "server", 3);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->found, 2u);
}

TEST_F(SchemaTest, NewerVersion_IsRefused) {
  Set("server", 4);
  const absl::Status status = OpenSchema(*engine_, "server", 3).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("newer"));
}

TEST_F(SchemaTest, TooOldVersion_IsRefused) {
  Set("server", 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSchema(*engine_, "server", 3).status()));
}

TEST_F(SchemaTest, StoreOfAnotherKind_IsRefused) {
  Set("vault", 3);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSchema(*engine_, "server", 3).status()));
}

TEST_F(SchemaTest, DataWithoutVersion_IsDataLoss) {
  ASSERT_TRUE(PutText(*engine_, "a", "1").ok());
  EXPECT_TRUE(absl::IsDataLoss(OpenSchema(*engine_, "server", 3).status()));
}

TEST_F(SchemaTest, DamagedRecord_IsDataLoss) {
  Set("server", 3);
  const Bytes key = KeyBuilder(kStorageKeySpace).Text("schema").Take();
  const Bytes value = **engine_->Get(key);
  for (size_t size = 0; size < value.size(); ++size) {
    WriteBatch batch;
    batch.Put(key, BytesView(value).first(size));
    ASSERT_TRUE(engine_->Commit(batch, Durability::kSynced).ok());
    EXPECT_TRUE(absl::IsDataLoss(OpenSchema(*engine_, "server", 3).status())) << size;
  }
}

}  // namespace
}  // namespace enlace::storage
