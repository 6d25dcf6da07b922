// One room on the machines of three offices: what each believes, sends, and keeps over a restart.
#include "client/rooms/room.h"

#include <gtest/gtest.h>

#include "client/rooms/room_store.h"
#include "proto/errors/reasons.h"
#include "tests/unit/rooms/machine.h"

namespace enlace::client {
namespace {

using ::enlace::testing::World;
using ::enlace::testing::WorldDevice;
using testing::Machine;
using testing::RoomLog;

World MakeWorld() {
  World world;
  for (const char* id : {"hn.consular", "mx.consular", "iom.sanjose", "pa.consular"})
    world.AddOffice(id);
  return world;
}

room::RoomPolicy Policy() {
  room::RoomPolicy policy;
  policy.networks = {"consular"};
  policy.origin_office = "hn.consular";
  policy.participants = {{"iom.sanjose", room::OfficeRole::kInfo},
                         {"mx.consular", room::OfficeRole::kAction}};
  return policy;
}

// hn founds the room and adds mx; iom's machine is outside, though its office takes part.
class RoomTest : public ::testing::Test {
 protected:
  void SetUp() override {
    FoundingPlan plan{"HN-2026-000001", Policy(), {{"pa"}, identity::Tlp::kGreen, 0, ""}, {}, {}};
    plan.members.push_back(mx_.MakeKeyPackage());
    plan.messages.push_back(ToBytes(AsBytes("first")));
    FoundedRoom founded;
    ASSERT_TRUE(hn_.InTransaction([&](VaultTransaction& tx) -> absl::Status {
                     auto made = FoundRoom(hn_.context(), tx, plan, world_.now_ms());
                     if (!made.ok()) return made.status();
                     founded = *std::move(made);
                     return absl::OkStatus();
                   })
                    .ok());
    hn_room_ = std::move(founded.room);
    id_ = ToBytes(hn_room_->id());
    log_.emplace(id_);
    log_->Append(room::LogKind::kRoomCreated, hn_, founded.founding_group_info, 0);
    log_->Append(room::LogKind::kCommit, hn_, founded.first_commit.commit, 0);
    log_->Append(room::LogKind::kMessage, hn_, founded.first_commit.messages[0], 1);
    group_info_ = founded.first_commit.group_info;
    for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(Apply(hn_, *hn_room_, i).ok()) << i;
    mx_room_ = EnterMx(founded.first_commit.welcome, log_->entries()[1].header);
    ASSERT_NE(mx_room_, nullptr);
  }

  Bytes Tree() const { return hn_room_->group().public_group().SerializeTree(); }

  std::unique_ptr<Room> EnterMx(BytesView welcome, BytesView header) {
    std::unique_ptr<Room> room;
    const absl::Status entered = mx_.InTransaction([&](VaultTransaction& tx) -> absl::Status {
      auto made = EnterByWelcome(mx_.context(), tx, {welcome, header, Tree()});
      if (made.ok()) room = *std::move(made);
      return made.status();
    });
    EXPECT_TRUE(entered.ok()) << entered;
    return room;
  }

  static absl::StatusOr<EntryOutcome> ApplyThis(Machine& machine, Room& room, BytesView header,
                                                BytesView content) {
    absl::StatusOr<EntryOutcome> outcome = EntryOutcome{};
    const absl::Status saved = machine.InTransaction([&](VaultTransaction& tx) {
      outcome = room.ApplyEntry(tx, header, content);
      return absl::OkStatus();
    });
    if (!saved.ok()) return saved;
    return outcome;
  }
  absl::StatusOr<EntryOutcome> Apply(Machine& machine, Room& room, size_t index) const {
    const RoomLog::Entry& entry = log_->entries()[index];
    return ApplyThis(machine, room, entry.header, entry.content);
  }
  // The newest entry.
  absl::StatusOr<EntryOutcome> ApplyLast(Machine& machine, Room& room) const {
    return Apply(machine, room, log_->entries().size() - 1);
  }

  static Bytes Protect(Machine& machine, Room& room, std::string_view text) {
    Bytes message;
    EXPECT_TRUE(machine
                    .InTransaction([&](VaultTransaction& tx) -> absl::Status {
                      auto made = room.Protect(tx, AsBytes(text));
                      if (made.ok()) message = *std::move(made);
                      return made.status();
                    })
                    .ok());
    return message;
  }
  static absl::StatusOr<PreparedCommit> Prepare(Machine& machine, Room& room,
                                                const CommitIntent& intent) {
    absl::StatusOr<PreparedCommit> prepared = PreparedCommit{};
    const absl::Status saved = machine.InTransaction([&](VaultTransaction& tx) -> absl::Status {
      prepared = room.PrepareCommit(tx, intent);
      return prepared.status();
    });
    if (!saved.ok()) return saved;
    return prepared;
  }
  static std::string TextOf(const absl::StatusOr<EntryOutcome>& outcome) {
    if (!outcome.ok() || !outcome->message) return outcome.status().ToString();
    return ToText(outcome->message->content.view());
  }
  void Revoke(const WorldDevice& device) {
    ASSERT_TRUE(world_
                    .LogStatement(std::string(device.uri.authority()),
                                  identity::DeviceRevoked{device.uri.text(),
                                                          identity::RevocationReason::kStolen})
                    .ok());
    for (Machine* machine : {&hn_, &mx_, &iom_}) machine->replica().Refresh();
  }

  World world_ = MakeWorld();
  WorldDevice hn_device_ = world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"});
  WorldDevice mx_device_ = world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"});
  WorldDevice iom_device_ = world_.AddDevice("ofc-iom-001", "dev-1", {"iom.sanjose"});
  WorldDevice pa_device_ = world_.AddDevice("ofc-pa-001", "dev-1", {"pa.consular"});
  Machine hn_{world_, hn_device_};
  Machine mx_{world_, mx_device_};
  Machine iom_{world_, iom_device_};
  Machine pa_{world_, pa_device_};
  Bytes id_;
  Bytes group_info_;
  std::optional<RoomLog> log_;
  std::unique_ptr<Room> hn_room_;
  std::unique_ptr<Room> mx_room_;
};

TEST_F(RoomTest, FirstMessage_IsOpenedByWhoWasWelcomed_AndIsTheFoundersOwn) {
  EXPECT_EQ(TextOf(Apply(mx_, *mx_room_, 2)), "first");
  EXPECT_EQ(mx_room_->record().membership(), vault::v1::ROOM_MEMBERSHIP_MEMBER);
  EXPECT_TRUE(mx_room_->Guard()->Excludes("pa"));
  EXPECT_TRUE(mx_room_->CheckMaySend().ok());
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
  EXPECT_EQ(*hn_room_->Policy(), Policy());
}

TEST_F(RoomTest, EntrySeenBefore_ChangesNothing) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Apply(mx_, *mx_room_, 2).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Apply(mx_, *mx_room_, 1).status()));
  EXPECT_EQ(mx_room_->record().sequence(), 3u);
}

TEST_F(RoomTest, EntryThatIsMissing_IsALossOfData) {
  log_->Append(room::LogKind::kMessage, hn_, Protect(hn_, *hn_room_, "second"), 1);
  EXPECT_TRUE(absl::IsDataLoss(ApplyLast(mx_, *mx_room_).status()));
  EXPECT_EQ(mx_room_->record().sequence(), 2u) << "the place in the log is where it was";
  EXPECT_EQ(TextOf(Apply(mx_, *mx_room_, 2)), "first");
  EXPECT_EQ(TextOf(Apply(mx_, *mx_room_, 3)), "second");
}

TEST_F(RoomTest, ContentThatItsHeaderDoesNotName_IsALossOfData) {
  const RoomLog::Entry& entry = log_->entries()[2];
  Bytes changed = entry.content;
  changed.back() ^= 1;
  EXPECT_TRUE(absl::IsDataLoss(ApplyThis(mx_, *mx_room_, entry.header, changed).status()));
  EXPECT_EQ(TextOf(Apply(mx_, *mx_room_, 2)), "first");
}

TEST_F(RoomTest, EntryOfAnotherRoom_IsALossOfData) {
  RoomLog other(Bytes(id_.size(), 9));
  const RoomLog::Entry& entry =
      other.Append(room::LogKind::kMessage, hn_, log_->entries()[2].content, 1);
  EXPECT_TRUE(absl::IsDataLoss(ApplyThis(mx_, *mx_room_, entry.header, entry.content).status()));
}

TEST_F(RoomTest, MessageUnderAnothersName_IsNotOpened) {
  log_->Append(room::LogKind::kMessage, hn_, Protect(mx_, *mx_room_, "mine"), 1);
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ApplyLast(mx_, *mx_room_).status()));
}

// State before bytes.

TEST_F(RoomTest, Restart_GoesOnWithFreshGenerations) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  for (const char* text : {"one", "two", "three"}) {
    // Every message is of a new run of the program.
    hn_room_.reset();
    hn_.Restart();
    hn_room_ = hn_.Load(id_);
    log_->Append(room::LogKind::kMessage, hn_, Protect(hn_, *hn_room_, text), 1);
    EXPECT_EQ(TextOf(ApplyLast(mx_, *mx_room_)), text);
    ASSERT_TRUE(ApplyLast(hn_, *hn_room_).ok());
  }
}

TEST_F(RoomTest, TransactionThatWasGivenUp_LeavesNoMessageThatCouldBeSentTwice) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  Bytes lost;
  const absl::Status given_up = hn_.InTransaction([&](VaultTransaction& tx) -> absl::Status {
    lost = *hn_room_->Protect(tx, AsBytes("lost"));
    return absl::CancelledError("power cut");
  });
  ASSERT_TRUE(absl::IsCancelled(given_up));
  hn_room_ = hn_.Load(id_);
  const Bytes next = Protect(hn_, *hn_room_, "next");
  EXPECT_NE(lost, next);
  log_->Append(room::LogKind::kMessage, hn_, next, 1);
  EXPECT_EQ(TextOf(ApplyLast(mx_, *mx_room_)), "next");
}

TEST_F(RoomTest, VaultThatIsACopy_NoticesItsOwnLaterMessage) {
  hn_room_.reset();
  const std::string backup = hn_.Backup();
  hn_room_ = hn_.Load(id_);
  // More than a block of generations that the backup could have reserved.
  for (uint32_t i = 0; i < 40; ++i)
    log_->Append(room::LogKind::kMessage, hn_, Protect(hn_, *hn_room_, "after the backup"), 1);
  hn_room_.reset();
  hn_.Restart(backup);
  hn_room_ = hn_.Load(id_);
  absl::Status noticed;
  for (size_t i = 3; i < log_->entries().size() && noticed.ok(); ++i)
    noticed = Apply(hn_, *hn_room_, i).status();
  EXPECT_TRUE(HasReason(noticed, Reason::kVaultIsCopy)) << noticed;
}

// Commits.

TEST_F(RoomTest, OwnCommit_CountsOnlyWhenTheLogBringsItBack) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  const auto prepared = Prepare(hn_, *hn_room_, {});
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(hn_room_->epoch(), 1u);
  EXPECT_TRUE(absl::IsAborted(hn_room_->CheckMaySend()));
  EXPECT_TRUE(absl::IsAborted(Prepare(hn_, *hn_room_, {}).status()));
  // The program ends before the answer: the new run knows its commit when it comes.
  hn_room_.reset();
  hn_.Restart();
  hn_room_ = hn_.Load(id_);
  EXPECT_TRUE(hn_room_->has_pending_commit());
  log_->Append(room::LogKind::kCommit, hn_, prepared->commit, 1);
  const auto came = ApplyLast(hn_, *hn_room_);
  ASSERT_TRUE(came.ok()) << came.status();
  EXPECT_TRUE(came->own_commit);
  EXPECT_EQ(hn_room_->epoch(), 2u);
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
  ASSERT_TRUE(ApplyLast(mx_, *mx_room_).ok());
  log_->Append(room::LogKind::kMessage, mx_, Protect(mx_, *mx_room_, "in epoch 2"), 2);
  EXPECT_EQ(TextOf(ApplyLast(hn_, *hn_room_)), "in epoch 2");
}

TEST_F(RoomTest, RivalsCommit_WinsWhereTheLogHasItFirst) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  ASSERT_TRUE(Prepare(hn_, *hn_room_, {}).ok());
  const auto rival = Prepare(mx_, *mx_room_, {});
  ASSERT_TRUE(rival.ok());
  log_->Append(room::LogKind::kCommit, mx_, rival->commit, 1);
  const auto came = ApplyLast(hn_, *hn_room_);
  ASSERT_TRUE(came.ok()) << came.status();
  EXPECT_TRUE(came->rival_won);
  EXPECT_FALSE(hn_room_->has_pending_commit());
  EXPECT_EQ(hn_room_->epoch(), 2u);
  hn_room_.reset();
  hn_.Restart();
  hn_room_ = hn_.Load(id_);
  EXPECT_EQ(hn_room_->epoch(), 2u);
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
}

TEST_F(RoomTest, RefusedCommit_LeavesTheEpochUsable) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  ASSERT_TRUE(Prepare(hn_, *hn_room_, {}).ok());
  ASSERT_TRUE(
      hn_.InTransaction([&](VaultTransaction& tx) { return hn_room_->AbandonCommit(tx); }).ok());
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
  log_->Append(room::LogKind::kMessage, hn_, Protect(hn_, *hn_room_, "still epoch 1"), 1);
  EXPECT_EQ(TextOf(ApplyLast(mx_, *mx_room_)), "still epoch 1");
}

TEST_F(RoomTest, CommitThatAddsAnOfficeThatTakesNoPart_IsNotMade) {
  CommitIntent intent;
  intent.adds.push_back(pa_.MakeKeyPackage());
  EXPECT_TRUE(absl::IsPermissionDenied(Prepare(hn_, *hn_room_, intent).status()));
  hn_room_ = hn_.Load(id_);
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
}

// Freezing and removal.

TEST_F(RoomTest, RevokedLeaf_KeepsEverybodyFromSending_UntilItIsOut) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  Revoke(mx_device_);
  EXPECT_TRUE(HasReason(hn_room_->CheckMaySend(), Reason::kRoomFrozen));
  const auto offending = hn_room_->Offending();
  ASSERT_TRUE(offending.ok());
  ASSERT_EQ(offending->size(), 1u);
  CommitIntent intent;
  intent.removes.push_back({(*offending)[0].member.leaf, (*offending)[0].reason});
  const auto prepared = Prepare(hn_, *hn_room_, intent);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  log_->Append(room::LogKind::kCommit, hn_, prepared->commit, 1);
  ASSERT_TRUE(ApplyLast(hn_, *hn_room_).ok());
  EXPECT_TRUE(hn_room_->CheckMaySend().ok());
  const auto removed = ApplyLast(mx_, *mx_room_);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_TRUE(removed->removed_self);
  EXPECT_TRUE(HasReason(mx_room_->CheckMaySend(), Reason::kNotAMember));
  EXPECT_EQ(mx_room_->record().left_reason(), static_cast<int>(room::RemovalReason::kInactive));
  EXPECT_TRUE(absl::IsNotFound(RoomStore(mx_.vault()).LoadGroup(id_).status()))
      << "the secrets of a room that was left are gone";
}

// Entering by oneself.

TEST_F(RoomTest, DeviceThatEntersByItself_ReadsButWaitsForTheGuard) {
  ASSERT_TRUE(Apply(mx_, *mx_room_, 2).ok());
  std::unique_ptr<Room> iom_room;
  Bytes commit;
  ASSERT_TRUE(iom_.InTransaction([&](VaultTransaction& tx) -> absl::Status {
                    auto entry = EnterByExternalCommit(iom_.context(), tx, group_info_, Tree());
                    if (!entry.ok()) return entry.status();
                    iom_room = std::move(entry->room);
                    commit = entry->commit;
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(HasReason(iom_room->CheckMaySend(), Reason::kNotAMember));
  log_->Append(room::LogKind::kCommit, iom_, commit, 1);
  const auto seen = ApplyLast(hn_, *hn_room_);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->entered.size(), 1u);
  ASSERT_TRUE(ApplyLast(mx_, *mx_room_).ok());
  const auto in = ApplyLast(iom_, *iom_room);
  ASSERT_TRUE(in.ok()) << in.status();
  EXPECT_TRUE(in->own_commit);
  log_->Append(room::LogKind::kMessage, hn_, Protect(hn_, *hn_room_, "welcome"), 2);
  EXPECT_EQ(TextOf(ApplyLast(iom_, *iom_room)), "welcome");
  EXPECT_TRUE(HasReason(iom_room->CheckMaySend(), Reason::kRoomFrozen));
  const auto adopt = [&](BytesView guard) {
    return iom_.InTransaction(
        [&](VaultTransaction& tx) { return iom_room->AdoptGuard(tx, guard); });
  };
  const Bytes other = *room::EncodeSaltedGuard(
      room::SaltGuard({{"us"}, identity::Tlp::kGreen, 0, ""}, iom_.context().rng));
  EXPECT_TRUE(absl::IsInvalidArgument(adopt(other)));
  EXPECT_TRUE(HasReason(iom_room->CheckMaySend(), Reason::kRoomFrozen));
  ASSERT_TRUE(adopt(AsBytes(hn_room_->record().guard())).ok());
  EXPECT_TRUE(iom_room->CheckMaySend().ok());
}

TEST_F(RoomTest, OfficeThatTakesNoPart_CannotEnterByItself) {
  const absl::Status entered = pa_.InTransaction([&](VaultTransaction& tx) {
    return EnterByExternalCommit(pa_.context(), tx, group_info_, Tree()).status();
  });
  EXPECT_TRUE(absl::IsPermissionDenied(entered)) << entered;
}

TEST_F(RoomTest, WelcomeForAnother_OrASecondTime_IsNotTaken) {
  FoundingPlan plan{"HN-2026-000002", Policy(), {{}, identity::Tlp::kGreen, 0, ""}, {}, {}};
  plan.members.push_back(mx_.MakeKeyPackage());
  FoundedRoom founded;
  ASSERT_TRUE(hn_.InTransaction([&](VaultTransaction& tx) -> absl::Status {
                   founded = *FoundRoom(hn_.context(), tx, plan, world_.now_ms());
                   return absl::OkStatus();
                 })
                  .ok());
  RoomLog log(founded.room->id());
  log.Append(room::LogKind::kRoomCreated, hn_, founded.founding_group_info, 0);
  log.Append(room::LogKind::kCommit, hn_, founded.first_commit.commit, 0);
  for (const RoomLog::Entry& entry : log.entries())
    ASSERT_TRUE(ApplyThis(hn_, *founded.room, entry.header, entry.content).ok());
  const Bytes tree = founded.room->group().public_group().SerializeTree();
  const WelcomeToEnter welcome{founded.first_commit.welcome, log.entries()[1].header, tree};
  const auto enter = [&](Machine& machine) {
    return machine.InTransaction([&](VaultTransaction& tx) {
      return EnterByWelcome(machine.context(), tx, welcome).status();
    });
  };
  EXPECT_TRUE(absl::IsNotFound(enter(iom_)));
  EXPECT_TRUE(enter(mx_).ok());
  EXPECT_TRUE(absl::IsNotFound(enter(mx_))) << "the one-time key is gone with its use";
}

}  // namespace
}  // namespace enlace::client
