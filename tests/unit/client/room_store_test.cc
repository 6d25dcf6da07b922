// Records of rooms in the vault: pages of them, and those that wait for this device.
#include "client/rooms/room_store.h"

#include <gmock/gmock.h>

#include "crypto/primitives/system_rng.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PassphraseCost kCheap{8192, 1};

vault::v1::RoomRecord RecordOf(const std::string& id) {
  vault::v1::RoomRecord record;
  record.set_room_id(id);
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_MEMBER);
  return record;
}

class RoomStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto vault =
        Vault::Create(folder_.File("vault.db"),
                      SecretBytes::CopyOf(AsBytes("puente maíz lunes tambor")), rng_, kCheap);
    ASSERT_TRUE(vault.ok());
    vault_ = *std::move(vault);
  }
  void Save(const vault::v1::RoomRecord& record) {
    auto tx = vault_->Begin();
    ASSERT_TRUE(RoomStore(*vault_).Save(**tx, record).ok());
    ASSERT_TRUE((*tx)->Commit().ok());
  }
  std::vector<std::string> Waiting() const { return IdsOf(RoomStore(*vault_).LoadWaiting()); }
  std::vector<std::string> Page(const std::string& after, size_t limit) const {
    return IdsOf(RoomStore(*vault_).LoadPage(AsBytes(after), limit));
  }
  static std::vector<std::string> IdsOf(
      const absl::StatusOr<std::vector<vault::v1::RoomRecord>>& records) {
    std::vector<std::string> ids;
    EXPECT_TRUE(records.ok()) << records.status();
    for (const vault::v1::RoomRecord& record : *records) ids.push_back(record.room_id());
    return ids;
  }

  TempFolder folder_;
  crypto::SystemRng rng_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(RoomStoreTest, RoomWhoseLogWasLost_WaitsForItsSuccessor) {
  vault::v1::RoomRecord record = RecordOf("a");
  record.set_read_only_since_ms(1);
  Save(record);
  EXPECT_THAT(Waiting(), ElementsAre("a"));
  record.set_successor_room_id("b");
  Save(record);
  EXPECT_THAT(Waiting(), IsEmpty());
  // A device that left does not wait any more.
  record.clear_successor_room_id();
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_LEFT);
  Save(record);
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(RoomStoreTest, RoomThatIsBeingFounded_WaitsUntilTheLogBringsItBack) {
  vault::v1::RoomRecord record = RecordOf("a");
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_FOUNDING);
  Save(record);
  EXPECT_THAT(Waiting(), ElementsAre("a"));
  Save(RecordOf("a"));
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(RoomStoreTest, RoomWithACommitToOffer_WaitsUntilItIsOffered) {
  vault::v1::RoomRecord record = RecordOf("b");
  Save(RecordOf("a"));
  Save(record);
  EXPECT_THAT(Waiting(), IsEmpty());
  record.set_pending_request("request");
  Save(record);
  EXPECT_THAT(Waiting(), ElementsAre("b"));
  record.clear_pending_request();
  Save(record);
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(RoomStoreTest, RoomInWhichSomebodyWantsTheGuard_Waits) {
  vault::v1::RoomRecord record = RecordOf("a");
  record.add_guard_wanted_leaves(3);
  Save(record);
  EXPECT_THAT(Waiting(), ElementsAre("a"));
}

TEST_F(RoomStoreTest, ForgottenRoom_WaitsNoLonger) {
  vault::v1::RoomRecord record = RecordOf("a");
  record.set_pending_request("request");
  Save(record);
  auto tx = vault_->Begin();
  ASSERT_TRUE(RoomStore(*vault_).Forget(**tx, AsBytes("a")).ok());
  ASSERT_TRUE((*tx)->Commit().ok());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(RoomStoreTest, Pages_ComeOneAfterTheOther) {
  for (const char* id : {"c", "a", "b"}) Save(RecordOf(id));
  EXPECT_THAT(Page("", 2), ElementsAre("a", "b"));
  EXPECT_THAT(Page("b", 2), ElementsAre("c"));
  EXPECT_THAT(Page("c", 2), IsEmpty());
}

}  // namespace
}  // namespace enlace::client::testing
