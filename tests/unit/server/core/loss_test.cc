// A store that lost the end of its log: noticed, refused, declared, and the way on from there.
#include "crypto/room/log_chain.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

class LossTest : public RoomFixture {
 protected:
  void SetUp() override {
    RoomFixture::SetUp();
    FoundRoom();
  }

  // What a device has seen of the server's chain, as it presents it.
  v1::SubscribeRequest SeenNow() const {
    const auto position = core_->reader().Position();
    v1::SubscribeRequest seen;
    seen.set_generation(ToText(position->generation));
    seen.set_server_sequence(position->server_sequence);
    seen.set_server_head(ToText(position->server_head));
    return seen;
  }
  std::string CheckSeen(const v1::SubscribeRequest& seen) const {
    return ReasonOf(core_->reader().CheckSeen(seen));
  }
  // The disk is replaced by an older copy of itself, and the operator declares the loss.
  void RestoreAndDeclare(const std::shared_ptr<storage::MemoryDisk>& copy) {
    disk_ = copy;
    ASSERT_EQ(ReasonOf(TryRestart()), "STORAGE_DAMAGED");
    Restart(/*declare_loss=*/true);
  }
  v1::ReportUnprocessableRequest Report(const std::string& header) {
    v1::ReportUnprocessableRequest report;
    report.set_request_id(RequestId());
    report.set_room_id(room_id_);
    report.set_last_header(header);
    return report;
  }
};

TEST_F(LossTest, OlderCopy_IsRefused_AndServedOnceTheLossIsDeclared) {
  const auto copy = CopyOfDisk();
  Send(*hn_, Message(*hn_, "hn.consular"));
  RestoreAndDeclare(copy);
  ExpectStoreIsWhole();
  // The declaration is remembered: the next start needs none.
  Restart();
}

TEST_F(LossTest, StoreWithoutItsMark_IsRefused) {
  core_.reset();
  options_.high_water.reset();
  EXPECT_EQ(ReasonOf(TryRestart()), "STORAGE_DAMAGED");
}

TEST_F(LossTest, DeviceThatWasFurther_GetsEveryItemThatComesAfterTheLoss) {
  const auto copy = CopyOfDisk();
  for (int i = 0; i < 5; ++i) Send(*hn_, Message(*hn_, "hn.consular"));
  const uint64_t stored_by_mx = Inbox(*mx_).back().cursor();
  RestoreAndDeclare(copy);
  const v1::SendRequest after = Message(*hn_, "hn.consular", "after the loss");
  Send(*hn_, after);
  const auto items = Inbox(*mx_, stored_by_mx);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].entry().message(), after.envelope().message());
  // Confirming takes what was there before along.
  v1::ConfirmRequest confirm;
  confirm.set_cursor(items[0].cursor());
  const auto confirmed = Do<v1::ConfirmResponse>(mx_->device(), confirm);
  ASSERT_TRUE(confirmed.ok());
  EXPECT_EQ(confirmed->last_cursor(), items[0].cursor());
  EXPECT_TRUE(Inbox(*mx_).empty());
  ExpectStoreIsWhole();
}

TEST_F(LossTest, TheSameCopyRestoredTwice_StillGivesNewItemsNewCursors) {
  const auto first = CopyOfDisk();
  const auto second = CopyOfDisk();
  Send(*hn_, Message(*hn_, "hn.consular"));
  RestoreAndDeclare(first);
  Send(*hn_, Message(*hn_, "hn.consular"));
  const uint64_t stored_by_mx = Inbox(*mx_).back().cursor();
  world_.Advance(60'000);
  RestoreAndDeclare(second);
  Send(*hn_, Message(*hn_, "hn.consular"));
  EXPECT_EQ(Inbox(*mx_, stored_by_mx).size(), 1u);
}

TEST_F(LossTest, SeenHeads_AreJudgedByWhatWasDeclared) {
  const v1::SubscribeRequest before = SeenNow();
  const auto copy = CopyOfDisk();
  Send(*hn_, Message(*hn_, "hn.consular"));
  const v1::SubscribeRequest in_lost_part = SeenNow();
  EXPECT_EQ(CheckSeen(before), "OK");
  EXPECT_EQ(CheckSeen(in_lost_part), "OK");
  RestoreAndDeclare(copy);
  EXPECT_EQ(CheckSeen(before), "OK");
  EXPECT_EQ(CheckSeen(in_lost_part), "OK");
  // A head from before the loss that the store does not hold is a fork, not a loss.
  v1::SubscribeRequest forked = before;
  forked.set_server_head(std::string(32, 'x'));
  EXPECT_EQ(CheckSeen(forked), "SERVER_BEHIND");
}

TEST_F(LossTest, ASecondLoss_IsNotCoveredByTheFirstDeclaration) {
  const auto copy = CopyOfDisk();
  Send(*hn_, Message(*hn_, "hn.consular"));
  RestoreAndDeclare(copy);
  v1::SubscribeRequest seen = SeenNow();
  seen.set_server_sequence(seen.server_sequence() + 7);
  seen.set_server_head(std::string(32, 'x'));
  EXPECT_EQ(CheckSeen(seen), "SERVER_BEHIND");
}

TEST_F(LossTest, LossWithinTheMarksInterval_CanBeDeclaredToo) {
  const auto copy = CopyOfDisk();
  const auto mark = core_->durable_head();
  Send(*hn_, Message(*hn_, "hn.consular"));
  const v1::SubscribeRequest seen = SeenNow();
  core_.reset();
  disk_ = copy;
  options_.high_water = mark;
  Restart();
  EXPECT_EQ(CheckSeen(seen), "SERVER_BEHIND");
  Restart(/*declare_loss=*/true);
  EXPECT_EQ(CheckSeen(seen), "OK");
}

TEST_F(LossTest, RoomProvenBehind_TurnsReadOnly_AndItsSuccessorTakesTheReofferedMessage) {
  const auto copy = CopyOfDisk();
  const v1::SendRequest lost = Message(*hn_, "hn.consular", "lost");
  const v1::Acceptance accepted = Send(*hn_, lost);
  // Without a loss a report of a header changes nothing.
  const auto early = Do<v1::ReportUnprocessableResponse>(mx_->device(), Report(accepted.header()));
  ASSERT_TRUE(early.ok()) << early.status();
  EXPECT_FALSE(early->read_only());
  RestoreAndDeclare(copy);
  const auto reported =
      Do<v1::ReportUnprocessableResponse>(mx_->device(), Report(accepted.header()));
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_TRUE(reported->read_only());
  // The others are told; once is enough.
  ASSERT_TRUE(Do<v1::ReportUnprocessableResponse>(mx_->device(), Report(accepted.header())).ok());
  size_t told = 0;
  for (const v1::InboxItem& item : Inbox(*hn_))
    told += item.has_room_opened() && item.room_opened().room_id() == room_id_ ? 1 : 0;
  EXPECT_EQ(told, 1u);
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), lost).status()), "ROOM_READ_ONLY");
  EXPECT_EQ(ReasonOf(Do<v1::CommitResponse>(mx_->device(), CommitOf(mx_->MakeCommit({}))).status()),
            "ROOM_READ_ONLY");
  const auto rooms = core_->reader().ListRooms(CallerOf(hn_->device()), now_ms());
  ASSERT_EQ(rooms->rooms_size(), 1);
  EXPECT_TRUE(rooms->rooms(0).read_only());

  room::RoomPolicy policy = Policy();
  policy.predecessor.room_id = ToBytes(room_id_);
  const auto head = AsBytes(accepted.room_head());
  std::copy(head.begin(), head.end(), policy.predecessor.last_head.begin());
  room_id_ = RequestId();
  v1::CreateRoomRequest successor = hn_->Found(room_id_, policy, {mx_->MakeKeyPackage()});
  successor.set_request_id(RequestId());
  ASSERT_EQ(ReasonOf(Do<v1::CreateRoomResponse>(hn_->device(), successor).status()), "OK");
  hn_->Process(successor.bundle().commit());
  Send(*hn_, Message(*hn_, "hn.consular", "lost"));
  ExpectStoreIsWhole();
}

TEST_F(LossTest, DeviceWhoseEntryWasLost_ProvesTheRoomBehind_AndAStrangerNothing) {
  RoomDevice colleague(world_, NewDevice("ofc-mx-004", "mx.consular"));
  const WorldDevice stranger = NewDevice("ofc-mx-002", "mx.child");
  const auto copy = CopyOfDisk();
  v1::GetRoomRequest get;
  get.set_room_id(room_id_);
  const auto room = core_->reader().GetRoom(CallerOf(colleague.device()), get, now_ms());
  ASSERT_TRUE(room.ok()) << room.status();
  const auto entered = Do<v1::CommitResponse>(
      colleague.device(),
      CommitOf(colleague.Enter(room->group_info(), Tree(colleague.device(), room->epoch()))));
  ASSERT_TRUE(entered.ok()) << entered.status();
  RestoreAndDeclare(copy);
  const auto report = [&] { return Report(entered->commit().header()); };
  EXPECT_EQ(ReasonOf(Do<v1::ReportUnprocessableResponse>(stranger, report()).status()),
            "NOT_A_MEMBER");
  const auto reported = Do<v1::ReportUnprocessableResponse>(colleague.device(), report());
  ASSERT_TRUE(reported.ok()) << reported.status();
  EXPECT_TRUE(reported->read_only());
}

TEST_F(LossTest, HeaderThatTheLogHolds_ProvesNothing) {
  const v1::Acceptance held = Send(*hn_, Message(*hn_, "hn.consular"));
  const auto copy = CopyOfDisk();
  Send(*hn_, Message(*hn_, "hn.consular"));
  RestoreAndDeclare(copy);
  const auto answer = Do<v1::ReportUnprocessableResponse>(mx_->device(), Report(held.header()));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->read_only());
  EXPECT_EQ(ReasonOf(Do<v1::ReportUnprocessableResponse>(mx_->device(), Report("x")).status()),
            "MALFORMED_REQUEST");
  EXPECT_EQ(ReasonOf(Do<v1::ReportUnprocessableResponse>(mx_->device(), Report("")).status()),
            "MALFORMED_REQUEST");
}

}  // namespace
}  // namespace enlace::testing
