// What keeps rooms healthy: leases, reports, successors, lapsed devices, retention, wake calls.
#include "enlace/store/v1/store.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

class RoomCareTest : public RoomFixture {
 protected:
  void SetUp() override {
    RoomFixture::SetUp();
    FoundRoom();
  }
  bool Lease(const RoomDevice& device) {
    v1::AcquireRemovalLeaseRequest request;
    request.set_room_id(room_id_);
    const auto answer = Do<v1::AcquireRemovalLeaseResponse>(device.device(), request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() && answer->granted();
  }
  // mx says that it can't apply the commit that ended epoch 0.
  std::string Report(const RoomDevice& device) {
    v1::ReportUnprocessableRequest report;
    report.set_request_id(RequestId());
    report.set_room_id(room_id_);
    report.set_commit_hash(std::string(32, 'c'));
    return ReasonOf(Do<v1::ReportUnprocessableResponse>(device.device(), report).status());
  }
  // `founder` opens a successor of the room; the reason of the answer.
  std::string Succeed(RoomDevice& founder) {
    room::RoomPolicy policy = Policy();
    policy.predecessor.room_id = ToBytes(room_id_);
    v1::CreateRoomRequest request = founder.Found(RequestId(), policy, {});
    request.set_request_id(RequestId());
    return ReasonOf(Do<v1::CreateRoomResponse>(founder.device(), request).status());
  }
  std::vector<server::WakeCall> WakeCalls() {
    const auto calls = core_->TakeWakeCalls(now_ms());
    EXPECT_TRUE(CommitGroup().ok());
    return *calls;
  }
};

TEST_F(RoomCareTest, RemovalLease_IsOneMembersForTenSeconds) {
  EXPECT_TRUE(Lease(*hn_));
  EXPECT_TRUE(Lease(*hn_));
  EXPECT_FALSE(Lease(*mx_));
  world_.Advance(server::kRemovalLeaseMs);
  EXPECT_TRUE(Lease(*mx_));
  EXPECT_FALSE(Lease(*hn_));
  const WorldDevice stranger = NewDevice("ofc-mx-002", "mx.child");
  v1::AcquireRemovalLeaseRequest request;
  request.set_room_id(room_id_);
  EXPECT_EQ(ReasonOf(Do<v1::AcquireRemovalLeaseResponse>(stranger, request).status()),
            "NOT_A_MEMBER");
}

TEST_F(RoomCareTest, Successor_IsTheOriginsAtOnce_AndAnActionOfficesAnHourAfterAReport) {
  EXPECT_EQ(Succeed(*mx_), "POLICY_FORBIDS");
  ASSERT_EQ(Report(*mx_), "OK");
  EXPECT_EQ(Report(*mx_), "OK");
  EXPECT_EQ(Succeed(*mx_), "POLICY_FORBIDS");
  EXPECT_EQ(Succeed(*hn_), "OK");
  world_.Advance(server::kHourMs);
  EXPECT_EQ(Succeed(*mx_), "OK");
  const RoomDevice stranger(world_, NewDevice("ofc-mx-002", "mx.child"));
  EXPECT_EQ(Report(stranger), "NOT_A_MEMBER");
}

TEST_F(RoomCareTest, FoundingOrCommitWithAnInvalidMessage_LeavesNothing) {
  const std::string old_room = room_id_;
  room_id_ = RequestId();
  v1::CreateRoomRequest founding = hn_->Found(room_id_, Policy(), {mx_->MakeKeyPackage()});
  founding.set_request_id(RequestId());
  founding.mutable_bundle()->add_messages()->set_message("no MLS message");
  const size_t before = Inbox(*mx_).size();
  EXPECT_EQ(ReasonOf(Do<v1::CreateRoomResponse>(hn_->device(), founding).status()),
            "MALFORMED_REQUEST");
  EXPECT_EQ(Inbox(*mx_).size(), before);
  v1::GetRoomRequest get;
  get.set_room_id(room_id_);
  EXPECT_EQ(ReasonOf(core_->reader().GetRoom(CallerOf(hn_->device()), get, now_ms()).status()),
            "ROOM_UNKNOWN");
  room_id_ = old_room;
  v1::CommitRequest commit = CommitOf(mx_->MakeCommit({}));
  commit.mutable_bundle()->add_messages()->set_message("no MLS message");
  EXPECT_EQ(ReasonOf(Do<v1::CommitResponse>(mx_->device(), commit).status()), "MALFORMED_REQUEST");
  get.set_room_id(room_id_);
  EXPECT_EQ(core_->reader().GetRoom(CallerOf(mx_->device()), get, now_ms())->epoch(), 1u);
  // The same commit without the message is accepted: nothing of the first try stayed.
  commit.mutable_bundle()->clear_messages();
  commit.set_request_id(RequestId());
  EXPECT_EQ(ReasonOf(Do<v1::CommitResponse>(mx_->device(), commit).status()), "OK");
  ExpectStoreIsWhole();
}

TEST_F(RoomCareTest, DeviceTooFarBehind_LapsesAndIsNoLongerDeliveredTo_AndEntersAgain) {
  // As many pointers as may wait, without sending as many messages.
  store::v1::InboxRow row;
  row.add_items()->mutable_room_opened()->set_room_id(room_id_);
  storage::WriteBatch batch;
  const uint64_t last = Inbox(*mx_).back().cursor();
  for (uint64_t i = last + 1; i <= server::kInboxPointersMax; ++i)
    batch.Put(server::keys::Inbox(mx_->uri(), i), AsBytes(row.SerializeAsString()));
  ASSERT_TRUE(engine_->Commit(batch, storage::Durability::kSynced).ok());
  Restart();
  Send(*hn_, Message(*hn_, "hn.consular"));
  EXPECT_TRUE(Inbox(*mx_).empty());
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), Message(*hn_, "hn.consular")).status()),
            "ROSTER_STALE");
  const auto rooms = core_->reader().ListRooms(CallerOf(mx_->device()), now_ms());
  ASSERT_EQ(rooms->rooms_size(), 1);
  ASSERT_EQ(rooms->rooms(0).stale_leaves_size(), 1);
  // By itself it comes back with an external commit that takes its old leaf out.
  v1::GetRoomRequest get;
  get.set_room_id(room_id_);
  const auto room = core_->reader().GetRoom(CallerOf(mx_->device()), get, now_ms());
  const auto entered = Do<v1::CommitResponse>(
      mx_->device(), CommitOf(mx_->Enter(room->group_info(), Tree(mx_->device(), 1),
                                         rooms->rooms(0).stale_leaves(0))));
  ASSERT_EQ(ReasonOf(entered.status()), "OK") << entered.status();
  hn_->Process(Inbox(*hn_).back().entry().message());
  Send(*hn_, Message(*hn_, "hn.consular", "after"));
  EXPECT_FALSE(Inbox(*mx_).empty());
  ExpectStoreIsWhole();
}

TEST_F(RoomCareTest, Withdrawal_IsTheSendersOfficeAlone_AndLeavesTheHeader) {
  const v1::Acceptance sent = Send(*hn_, Message(*hn_, "hn.consular"));
  v1::SendRequest foreign = Message(*mx_, "mx.consular");
  foreign.mutable_envelope()->add_withdraws(sent.sequence());
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(mx_->device(), foreign).status()), "NOT_YOUR_OFFICE");
  v1::SendRequest own = Message(*hn_, "hn.consular");
  own.mutable_envelope()->add_withdraws(sent.sequence());
  Send(*hn_, own);
  bool found = false;
  for (const v1::InboxItem& item : Inbox(*mx_)) {
    if (item.entry().header() != sent.header()) continue;
    found = true;
    EXPECT_TRUE(item.entry().message().empty());
  }
  EXPECT_TRUE(found);
  ExpectStoreIsWhole();
}

TEST_F(RoomCareTest, RetentionBeyondTheLimit_IsShortened_AndTheSenderIsTold) {
  v1::SendRequest request = Message(*hn_, "hn.consular");
  const auto limit = static_cast<uint64_t>(now_ms() + server::kRetentionMsMax);
  request.mutable_envelope()->set_delete_after_ms(limit);
  EXPECT_EQ(Send(*hn_, request).delete_after_ms(), 0u);
  request = Message(*hn_, "hn.consular");
  request.mutable_envelope()->set_delete_after_ms(limit + 1000);
  EXPECT_EQ(Send(*hn_, request).delete_after_ms(), limit);
  request = Message(*hn_, "hn.consular");
  request.mutable_envelope()->set_delete_after_ms(static_cast<uint64_t>(now_ms()));
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), request).status()), "MALFORMED_REQUEST");
}

TEST_F(RoomCareTest, OfficeWithoutConnectedDevice_IsWokenAfterTwoMinutes_AndOnceAnHour) {
  ASSERT_TRUE(core_->StreamOpened(CallerOf(hn_->device()), now_ms()).ok());
  ASSERT_TRUE(core_->StreamOpened(CallerOf(mx_->device()), now_ms()).ok());
  Send(*hn_, Message(*hn_, "hn.consular"));
  world_.Advance(server::kWakeAfterMs);
  EXPECT_TRUE(WakeCalls().empty());
  ASSERT_TRUE(core_->StreamClosed(CallerOf(mx_->device()), now_ms()).ok());
  ASSERT_TRUE(CommitGroup().ok());
  Restart();
  ASSERT_TRUE(core_->StreamOpened(CallerOf(hn_->device()), now_ms()).ok());
  EXPECT_TRUE(WakeCalls().empty());
  world_.Advance(server::kWakeAfterMs);
  const auto calls = WakeCalls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].office_id, "mx.consular");
  EXPECT_TRUE(WakeCalls().empty());
  world_.Advance(server::kWakeAgainMs);
  EXPECT_EQ(WakeCalls().size(), 1u);
  ASSERT_TRUE(core_->StreamOpened(CallerOf(mx_->device()), now_ms()).ok());
  world_.Advance(server::kWakeAgainMs);
  EXPECT_TRUE(WakeCalls().empty());
}

TEST_F(RoomCareTest, Tree_ComesInPagesOfTheNewestEpochAlone) {
  v1::GetTreeRequest request;
  request.set_room_id(room_id_);
  request.set_epoch(1);
  const auto whole = core_->reader().GetTree(CallerOf(mx_->device()), request, now_ms());
  ASSERT_TRUE(whole.ok());
  request.set_offset(whole->total_bytes() - 3);
  const auto rest = core_->reader().GetTree(CallerOf(mx_->device()), request, now_ms());
  EXPECT_EQ(rest->chunk(), whole->chunk().substr(whole->chunk().size() - 3));
  request.set_offset(whole->total_bytes() + 1);
  EXPECT_EQ(ReasonOf(core_->reader().GetTree(CallerOf(mx_->device()), request, now_ms()).status()),
            "MALFORMED_REQUEST");
  request.set_epoch(0);
  EXPECT_EQ(ReasonOf(core_->reader().GetTree(CallerOf(mx_->device()), request, now_ms()).status()),
            "EPOCH_STALE");
}

}  // namespace
}  // namespace enlace::testing
