// The group's writes on top of the engine: read-your-writes, dropped operations, ranges, pages.
#include "server/core/group_overlay.h"

#include <gtest/gtest.h>

#include <map>

#include "crypto/primitives/status.h"
#include "storage/memory/memory_engine.h"
#include "tests/unit/identity/test_rng.h"

namespace enlace::testing {
namespace {

using server::GroupOverlay;

class GroupOverlayTest : public ::testing::Test {
 protected:
  GroupOverlayTest() : engine_(*storage::OpenMemoryEngine(disk_)), overlay_(*engine_) {}

  std::string Get(std::string_view key) {
    const auto value = overlay_.Get(AsBytes(key));
    if (!value.ok()) return value.status().ToString();
    return *value ? ToText(**value) : "-";
  }
  void Put(std::string_view key, std::string_view value) { overlay_.Put(ToBytes(key), value); }
  void Commit() {
    overlay_.KeepOperation();
    ASSERT_TRUE(engine_->Commit(overlay_.Batch(), storage::Durability::kSynced).ok());
    overlay_.Clear();
  }
  // All keys, by pages of `rows_max`.
  std::string Keys(size_t rows_max, storage::Order order = storage::Order::kForward) {
    std::string out;
    std::optional<storage::KeyRange> rest = storage::KeyRange{ToBytes("a"), ToBytes("z")};
    storage::ScanOptions options;
    options.rows_max = rows_max;
    options.order = order;
    while (rest) {
      const auto page = overlay_.Scan(*rest, options);
      if (!page.ok()) return page.status().ToString();
      for (const storage::Row& row : page->rows)
        out += ToText(row.key) + "=" + ToText(row.value) + " ";
      rest = page->rest;
    }
    return out;
  }

  std::shared_ptr<storage::MemoryDisk> disk_ = storage::NewMemoryDisk();
  std::unique_ptr<storage::Engine> engine_;
  GroupOverlay overlay_;
};

TEST_F(GroupOverlayTest, SharedValue_IsReadAndWrittenWhoeverHasItToo) {
  auto owner = std::make_shared<const std::string>("before value after");
  overlay_.Put(ToBytes("b"), owner, AsBytes(*owner).subspan(7, 5));
  EXPECT_EQ(owner.use_count(), 2);
  EXPECT_EQ(Get("b"), "value");
  EXPECT_EQ(Keys(10), "b=value ");
  overlay_.KeepOperation();
  Put("b", "own");
  EXPECT_EQ(Get("b"), "own");
  overlay_.DropOperation();
  EXPECT_EQ(Get("b"), "value");
  Commit();
  EXPECT_EQ(owner.use_count(), 1);
  EXPECT_EQ(Get("b"), "value");
}

TEST_F(GroupOverlayTest, AnOperationSeesItsOwnWrites_AndThoseBeforeIt) {
  Put("b", "1");
  Commit();
  Put("c", "2");
  overlay_.KeepOperation();
  Put("c", "3");
  overlay_.Delete(ToBytes("b"));
  EXPECT_EQ(Get("b"), "-");
  EXPECT_EQ(Get("c"), "3");
}

TEST_F(GroupOverlayTest, ADroppedOperation_LeavesWhatTheGroupKept) {
  Put("c", "2");
  overlay_.KeepOperation();
  Put("c", "3");
  Put("d", "4");
  overlay_.DeleteRange({ToBytes("a"), ToBytes("z")});
  overlay_.DropOperation();
  EXPECT_EQ(Get("c"), "2");
  EXPECT_EQ(Get("d"), "-");
}

TEST_F(GroupOverlayTest, ARangeDeletion_TakesWhatStoodBefore_AndNotWhatComesAfter) {
  Put("b", "1");
  Commit();
  Put("c", "2");
  overlay_.KeepOperation();
  overlay_.DeleteRange({ToBytes("b"), ToBytes("d")});
  Put("c", "3");
  EXPECT_EQ(Keys(10), "c=3 ");
  Commit();
  EXPECT_EQ(Keys(10), "c=3 ");
}

TEST_F(GroupOverlayTest, PagesInBothOrders_MergeWhatIsPending) {
  for (const char* key : {"b", "d", "f", "h"}) Put(key, "0");
  Commit();
  Put("a", "1");
  Put("e", "1");
  overlay_.KeepOperation();
  Put("i", "2");
  overlay_.Delete(ToBytes("d"));
  for (size_t rows_max = 1; rows_max < 8; ++rows_max) {
    EXPECT_EQ(Keys(rows_max), "a=1 b=0 e=1 f=0 h=0 i=2 ") << rows_max;
    EXPECT_EQ(Keys(rows_max, storage::Order::kReverse), "i=2 h=0 f=0 e=1 b=0 a=1 ") << rows_max;
  }
}

TEST_F(GroupOverlayTest, TheBatch_IsWhatWasKept) {
  Put("b", "1");
  overlay_.KeepOperation();
  Put("c", "2");
  overlay_.DropOperation();
  ASSERT_TRUE(engine_->Commit(overlay_.Batch(), storage::Durability::kSynced).ok());
  overlay_.Clear();
  EXPECT_TRUE(overlay_.empty());
  EXPECT_EQ(Keys(10), "b=1 ");
}

// Random operations, some dropped, against a plain map.
TEST_F(GroupOverlayTest, FollowsAPlainMap) {
  TestRng rng(3);
  std::map<std::string, std::string> model;
  const auto random = [&rng](uint8_t below) { return rng.PublicBytes(1)[0] % below; };
  const auto key = [&] { return std::string(1, static_cast<char>('a' + random(12))); };
  for (int round = 0; round < 300; ++round) {
    const auto before = model;
    for (int write = 0; write < 5; ++write) {
      const std::string a = key();
      const std::string b = key();
      switch (random(4)) {
        case 0:
          overlay_.Delete(ToBytes(a));
          model.erase(a);
          break;
        case 1:
          overlay_.DeleteRange({ToBytes(a), ToBytes(b)});
          if (a < b) model.erase(model.lower_bound(a), model.lower_bound(b));
          break;
        default:
          Put(a, std::to_string(round));
          model[a] = std::to_string(round);
      }
    }
    if (random(3) == 0) {
      overlay_.DropOperation();
      model = before;
    } else {
      overlay_.KeepOperation();
    }
    if (random(4) == 0) Commit();
    std::string expected;
    for (const auto& [k, v] : model) expected += k + "=" + v + " ";
    ASSERT_EQ(Keys(1 + static_cast<size_t>(random(5))), expected) << "round " << round;
    const std::string probe = key();
    ASSERT_EQ(Get(probe), model.contains(probe) ? model[probe] : "-");
  }
}

}  // namespace
}  // namespace enlace::testing
