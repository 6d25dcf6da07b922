// Inboxes and fan-out on a group's overlay: cursors, confirmation, lapsed devices, slices, crashes.
#include "server/core/inbox_core.h"

#include <gtest/gtest.h>

#include <set>

#include "server/core/fan_out.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"
#include "storage/memory/memory_engine.h"

namespace enlace::testing {
namespace {

using server::EffectsBuffer;
using server::FanOut;
using server::GroupOverlay;
using server::InboxCore;
using server::InboxEntry;

constexpr char kDevice[] = "enlace://hn/officers/ofc-hn-001/devices/dev-1";

class InboxCoreTest : public ::testing::Test {
 protected:
  InboxCoreTest() { Restart(); }

  void Restart() {
    fan_out_.reset();
    inboxes_.reset();
    store_.reset();
    engine_.reset();
    engine_ = *storage::OpenMemoryEngine(disk_);
    store_ = std::make_unique<GroupOverlay>(*engine_);
    inboxes_ = std::make_unique<InboxCore>(*store_, effects_);
    inboxes_->OnLapsed([this](std::string_view uri) {
      lapsed_.insert(std::string(uri));
      return absl::OkStatus();
    });
    fan_out_ = std::make_unique<FanOut>(*store_, effects_, *inboxes_);
    ASSERT_TRUE(fan_out_->Load().ok());
  }
  void Keep() {
    store_->KeepOperation();
    effects_.KeepOperation();
    inboxes_->KeepOperation();
    fan_out_->KeepOperation();
  }
  void Drop() {
    store_->DropOperation();
    effects_.DropOperation();
    inboxes_->DropOperation();
    ASSERT_TRUE(fan_out_->DropOperation().ok());
  }
  server::GroupEffects Commit() {
    Keep();
    inboxes_->Flush();
    store_->KeepOperation();
    EXPECT_TRUE(engine_->Commit(store_->Batch(), storage::Durability::kSynced).ok());
    store_->Clear();
    inboxes_->GroupCommitted();
    return effects_.Take();
  }
  static InboxEntry Entry(uint8_t mark) { return server::MakeRoomOpenedEntry(Bytes(16, mark)); }
  // The marks of the items in a device's inbox, in order.
  std::vector<int> Items(std::string_view device) {
    std::vector<int> out;
    const auto range = storage::PrefixRange(server::keys::InboxOf(device));
    EXPECT_TRUE(
        server::ForEachRow(*store_, range, [&](const storage::Row& row) -> absl::StatusOr<bool> {
          const auto stored = server::ReadInboxRow(row);
          if (!stored.ok()) return stored.status();
          const auto add = [&](uint64_t, const store::v1::Pointer& pointer) {
            out.push_back(static_cast<uint8_t>(pointer.room_opened().room_id()[0]));
            return true;
          };
          const absl::Status walked = stored->ForEachAfter(Confirmed(device), add);
          if (!walked.ok()) return walked;
          return true;
        }).ok());
    return out;
  }
  uint64_t Confirmed(std::string_view device) {
    const auto state =
        server::ReadRecord<store::v1::InboxState>(*store_, server::keys::InboxState(device));
    EXPECT_TRUE(state.ok());
    return state.ok() && *state ? (*state)->confirmed() : 0;
  }
  size_t Rows(std::string_view device) {
    const auto page = engine_->Scan(storage::PrefixRange(server::keys::InboxOf(device)));
    EXPECT_TRUE(page.ok());
    return page.ok() ? page->rows.size() : 0;
  }
  static std::vector<std::string> Devices(size_t count) {
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i) out.push_back("device " + std::to_string(1000 + i));
    return out;
  }

  std::shared_ptr<storage::MemoryDisk> disk_ = storage::NewMemoryDisk();
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<GroupOverlay> store_;
  EffectsBuffer effects_;
  std::unique_ptr<InboxCore> inboxes_;
  std::unique_ptr<FanOut> fan_out_;
  std::set<std::string> lapsed_;
};

TEST_F(InboxCoreTest, CursorsRiseByOne_AlsoAcrossARestart) {
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(1)).ok());
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(2)).ok());
  server::GroupEffects effects = Commit();
  ASSERT_EQ(effects.deliveries.size(), 2u);
  EXPECT_EQ(effects.deliveries[0].cursor, 1u);
  EXPECT_EQ(effects.deliveries[1].cursor, 2u);
  Restart();
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(3)).ok());
  EXPECT_EQ(Commit().deliveries.at(0).cursor, 3u);
  EXPECT_EQ(Items(kDevice), (std::vector<int>{1, 2, 3}));
}

TEST_F(InboxCoreTest, ConfirmedItemsGo_AndTheirCursorsAreNotUsedAgain) {
  for (uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(inboxes_->Append(kDevice, Entry(i)).ok());
  Commit();
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 2).ok());
  Commit();
  EXPECT_EQ(Items(kDevice), (std::vector<int>{3}));
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 1000).ok());
  Commit();
  EXPECT_TRUE(Items(kDevice).empty());
  Restart();
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(4)).ok());
  EXPECT_EQ(Commit().deliveries.at(0).cursor, 4u);
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 1u);
}

TEST_F(InboxCoreTest, AnOlderCursor_ConfirmsNothing) {
  for (uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(inboxes_->Append(kDevice, Entry(i)).ok());
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 2).ok());
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 1).ok());
  Commit();
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 1u);
}

TEST_F(InboxCoreTest, ALongStretch_IsConfirmedAtOnce) {
  for (int i = 0; i < 600; ++i)
    ASSERT_TRUE(inboxes_->Append(kDevice, Entry(static_cast<uint8_t>(i))).ok());
  Commit();
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 599).ok());
  Commit();
  EXPECT_EQ(Items(kDevice).size(), 1u);
}

TEST_F(InboxCoreTest, ItemsOfAGroup_ShareRows_AndGoWithTheLastOfThem) {
  const size_t count = server::kItemsOfRowMax + 6;
  for (size_t i = 0; i < count; ++i)
    ASSERT_TRUE(inboxes_->Append(kDevice, Entry(static_cast<uint8_t>(i))).ok());
  Commit();
  EXPECT_EQ(Rows(kDevice), 2u);
  EXPECT_EQ(Items(kDevice).size(), count);
  // Within a row: it stays for what is left of it, also across a restart.
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 10).ok());
  Commit();
  EXPECT_EQ(Rows(kDevice), 2u);
  Restart();
  EXPECT_EQ(*inboxes_->Waiting(kDevice), count - 10);
  EXPECT_EQ(Items(kDevice).front(), 10);
  ASSERT_TRUE(inboxes_->Confirm(kDevice, server::kItemsOfRowMax + 1).ok());
  Commit();
  EXPECT_EQ(Rows(kDevice), 1u);
  EXPECT_EQ(Items(kDevice), (std::vector<int>{65, 66, 67, 68, 69}));
  ASSERT_TRUE(inboxes_->Confirm(kDevice, count).ok());
  Commit();
  EXPECT_EQ(Rows(kDevice), 0u);
}

TEST_F(InboxCoreTest, WhatIsConfirmedWithinItsGroup_IsNeverWritten) {
  for (uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(inboxes_->Append(kDevice, Entry(i)).ok());
  Keep();
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 2).ok());
  Commit();
  EXPECT_EQ(Items(kDevice), (std::vector<int>{3}));
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 1u);
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(4)).ok());
  Keep();
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 1000).ok());
  Commit();
  EXPECT_EQ(Rows(kDevice), 0u);
  Restart();
  EXPECT_EQ(*inboxes_->LastCursor(kDevice), 4u);
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 0u);
}

TEST_F(InboxCoreTest, EntriesOfARoomThatFollowEachOther_AreOnePointer) {
  const Bytes room(16, 7);
  const auto item = std::make_shared<const std::string>();
  for (const uint64_t sequence : {5u, 6u, 7u, 9u})
    ASSERT_TRUE(inboxes_->Append(kDevice, {server::PointerToEntry(room, sequence), item}).ok());
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(1)).ok());
  ASSERT_TRUE(inboxes_->Append(kDevice, {server::PointerToEntry(Bytes(16, 8), 10), item}).ok());
  Commit();
  const auto row = engine_->Get(server::keys::Inbox(kDevice, 6));
  ASSERT_TRUE(row.ok() && *row);
  const auto stored = server::ReadInboxRow({server::keys::Inbox(kDevice, 6), **row});
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->row.items_size(), 4);
  EXPECT_EQ(stored->first, 1u);
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  ASSERT_TRUE(stored
                  ->ForEachAfter(1,
                                 [&](uint64_t cursor, const store::v1::Pointer& pointer) {
                                   EXPECT_EQ(pointer.entry().count(), 0u);
                                   seen.emplace_back(cursor, pointer.entry().sequence());
                                   return true;
                                 })
                  .ok());
  EXPECT_EQ(seen,
            (std::vector<std::pair<uint64_t, uint64_t>>{{2, 6}, {3, 7}, {4, 9}, {5, 0}, {6, 10}}));
}

TEST_F(InboxCoreTest, ARowThatIsNotInItsForm_IsDamage) {
  const Bytes key = server::keys::Inbox(kDevice, 3);
  const auto read = [&](const store::v1::InboxRow& row) {
    return server::ReadInboxRow({key, ToBytes(AsBytes(row.SerializeAsString()))}).status().code();
  };
  store::v1::InboxRow row;
  EXPECT_NE(read(row), absl::StatusCode::kOk) << "nothing in it";
  row.add_items()->mutable_entry()->set_count(3);
  EXPECT_EQ(read(row), absl::StatusCode::kOk);
  row.mutable_items(0)->mutable_entry()->set_count(4);
  EXPECT_NE(read(row), absl::StatusCode::kOk) << "more than cursors up to its own";
  row.mutable_items(0)->mutable_entry()->set_count(~uint64_t{0});
  row.add_items();
  EXPECT_NE(read(row), absl::StatusCode::kOk) << "counts that overflow";
}

TEST_F(InboxCoreTest, ADroppedOperation_GivesItsCursorsBack) {
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(1)).ok());
  Keep();
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(2)).ok());
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 1).ok());
  Drop();
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(3)).ok());
  const server::GroupEffects effects = Commit();
  ASSERT_EQ(effects.deliveries.size(), 2u);
  EXPECT_EQ(effects.deliveries[1].cursor, 2u);
  EXPECT_EQ(Items(kDevice), (std::vector<int>{1, 3}));
}

TEST_F(InboxCoreTest, AGroupThatNeverHappened_GivesItsCursorsBack) {
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(1)).ok());
  Keep();
  store_->Clear();
  effects_.Clear();
  inboxes_->AbandonGroup();
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(2)).ok());
  EXPECT_EQ(Commit().deliveries.at(0).cursor, 1u);
}

TEST_F(InboxCoreTest, ADeviceThatNeverComes_IsLapsed_AndItsInboxEmptied) {
  for (uint64_t i = 0; i < server::kInboxPointersMax; ++i) {
    ASSERT_TRUE(inboxes_->Append(kDevice, Entry(1)).ok());
    if (i % 5000 == 0) Commit();
  }
  Commit();
  EXPECT_TRUE(lapsed_.empty());
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(2)).ok());
  Commit();
  EXPECT_EQ(lapsed_, std::set<std::string>{kDevice});
  EXPECT_TRUE(Items(kDevice).empty());
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(3)).ok());
  EXPECT_EQ(Commit().deliveries.at(0).cursor, server::kInboxPointersMax + 1);
}

TEST_F(InboxCoreTest, ALargeAudience_IsWrittenInSlices_InTheRoomsOrder) {
  const Bytes room(16, 7);
  const auto devices = Devices(450);
  ASSERT_TRUE(fan_out_->Send(room, Entry(1), devices).ok());
  EXPECT_TRUE(Commit().fan_out_waits);
  EXPECT_TRUE(Items(devices[0]).empty());
  // A small audience of the same room waits behind it; another room does not.
  ASSERT_TRUE(fan_out_->Send(room, Entry(2), {devices[449]}).ok());
  ASSERT_TRUE(fan_out_->Send(Bytes(16, 8), Entry(3), {devices[449]}).ok());
  Commit();
  EXPECT_EQ(Items(devices[449]), (std::vector<int>{3}));
  std::vector<size_t> slices;
  while (fan_out_->waits()) {
    ASSERT_TRUE(fan_out_->Continue().ok());
    slices.push_back(Commit().deliveries.size());
  }
  EXPECT_EQ(slices, (std::vector<size_t>{200, 200, 50, 1}));
  EXPECT_EQ(Items(devices[0]), (std::vector<int>{1}));
  EXPECT_EQ(Items(devices[449]), (std::vector<int>{3, 1, 2}));
}

TEST_F(InboxCoreTest, ACrashBetweenSlices_GoesOnWithTheNext) {
  const Bytes room(16, 7);
  const auto devices = Devices(450);
  ASSERT_TRUE(fan_out_->Send(room, Entry(1), devices).ok());
  Commit();
  ASSERT_TRUE(fan_out_->Continue().ok());
  Commit();
  // A slice that was decided and not written.
  ASSERT_TRUE(fan_out_->Continue().ok());
  Keep();
  disk_->Crash();
  effects_.Clear();
  Restart();
  EXPECT_TRUE(fan_out_->waits());
  while (fan_out_->waits()) {
    ASSERT_TRUE(fan_out_->Continue().ok());
    Commit();
  }
  for (const std::string& device : devices)
    ASSERT_EQ(Items(device), (std::vector<int>{1})) << device;
}

TEST_F(InboxCoreTest, TwoRoomsTakeTurns) {
  const auto devices = Devices(400);
  ASSERT_TRUE(fan_out_->Send(Bytes(16, 1), Entry(1), devices).ok());
  ASSERT_TRUE(fan_out_->Send(Bytes(16, 2), Entry(2), devices).ok());
  Commit();
  ASSERT_TRUE(fan_out_->Continue().ok());
  ASSERT_TRUE(fan_out_->Continue().ok());
  Commit();
  EXPECT_EQ(Items(devices[0]).size(), 2u);
}

TEST_F(InboxCoreTest, AfterADeclaredLoss_CursorsGoOnAboveTheBase_AndEveryCountHolds) {
  for (uint8_t i = 1; i <= 5; ++i) ASSERT_TRUE(inboxes_->Append(kDevice, Entry(i)).ok());
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 2).ok());
  Commit();
  Restart();
  constexpr uint64_t kBase = 1'000'000;
  inboxes_->SetCursorBases({kBase});
  EXPECT_EQ(*inboxes_->LastCursor(kDevice), 5u);
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(6)).ok());
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(7)).ok());
  Commit();
  EXPECT_EQ(*inboxes_->LastCursor(kDevice), kBase + 2);
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 5u);
  Restart();
  inboxes_->SetCursorBases({kBase});
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 5u);
  EXPECT_EQ(Items(kDevice), (std::vector<int>{3, 4, 5, 6, 7}));
  // Within the row below the gap, and within the group.
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(9)).ok());
  Drop();
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 3).ok());
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 4u);
  // A device that had come further in the lost part confirms a cursor in the gap.
  ASSERT_TRUE(inboxes_->Confirm(kDevice, 900).ok());
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 2u);
  EXPECT_EQ(Items(kDevice), (std::vector<int>{6, 7}));
  ASSERT_TRUE(inboxes_->Confirm(kDevice, kBase + 1).ok());
  Commit();
  Restart();
  inboxes_->SetCursorBases({kBase, 2 * kBase});
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 1u);
  ASSERT_TRUE(inboxes_->Append(kDevice, Entry(8)).ok());
  EXPECT_EQ(*inboxes_->LastCursor(kDevice), 2 * kBase + 1);
  EXPECT_EQ(*inboxes_->Waiting(kDevice), 2u);
}

}  // namespace
}  // namespace enlace::testing
