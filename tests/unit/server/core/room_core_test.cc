// Rooms through the core, with real MLS groups: founding, sending, epochs, revocation, entering,
// repeats, crashes.
#include "crypto/room/log_chain.h"
#include "server/core/limits.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

using RoomCoreTest = RoomFixture;

TEST_F(RoomCoreTest, AFoundedRoom_ReachesBothSides_AndTheStoreIsWhole) {
  FoundRoom();
  const auto own = Inbox(*hn_);
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[1].cursor(), 2u);
  EXPECT_EQ(hn_->group().epoch(), 1u);
  EXPECT_EQ(mx_->group().epoch(), 1u);
  ExpectStoreIsWhole();
}

TEST_F(RoomCoreTest, AMessage_IsDeliveredToAll_WithTheServersHeader_AlsoAfterARestart) {
  FoundRoom();
  Restart();
  const v1::SendRequest request = Message(*hn_, "hn.consular");
  const auto sent = Do<v1::SendResponse>(hn_->device(), request);
  ASSERT_EQ(ReasonOf(sent.status()), "OK") << sent.status();
  EXPECT_EQ(sent->acceptance().sequence(), 3u);
  EXPECT_EQ(effects_.deliveries.size(), 2u);
  const auto items = Inbox(*mx_, 1);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].entry().message(), request.envelope().message());
  EXPECT_EQ(items[0].entry().header(), sent->acceptance().header());
  mx_->Process(items[0].entry().message());
  ExpectStoreIsWhole();
}

TEST_F(RoomCoreTest, ARepeatedSend_HasOneEffect_AndTheFirstAnswer) {
  FoundRoom();
  const v1::SendRequest request = Message(*hn_, "hn.consular");
  const auto first = Do<v1::SendResponse>(hn_->device(), request);
  const auto again = Do<v1::SendResponse>(hn_->device(), request);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(Inbox(*mx_).size(), 2u);
}

TEST_F(RoomCoreTest, ARequestOlderThanTheNewest_HasOneEffect_AlsoAfterARestart) {
  FoundRoom();
  v1::SendRequest old = Message(*hn_, "hn.consular");
  old.set_request_id(RequestIdAt(now_ms() - 60'000));
  const v1::Acceptance first = Send(*hn_, old);
  const v1::SendRequest newer = Message(*hn_, "hn.consular");
  const v1::Acceptance second = Send(*hn_, newer);
  EXPECT_EQ(Send(*hn_, old).SerializeAsString(), first.SerializeAsString());
  Restart();
  EXPECT_EQ(Send(*hn_, old).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Send(*hn_, newer).SerializeAsString(), second.SerializeAsString());
  EXPECT_EQ(Inbox(*mx_).size(), 3u);
  // One that is older than both and new, and one whose bytes differ.
  v1::SendRequest late = Message(*hn_, "hn.consular");
  late.set_request_id(RequestIdAt(now_ms() - 120'000));
  EXPECT_EQ(Send(*hn_, late).sequence(), second.sequence() + 1);
  v1::SendRequest other = Message(*hn_, "hn.consular");
  other.set_request_id(newer.request_id());
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), other).status()), "REQUEST_ID_REUSED");
}

TEST_F(RoomCoreTest, ARequestFromBeforeTheClockWasSetBack_HasOneEffect) {
  FoundRoom();
  world_.Advance(3 * server::kDayMs);
  const v1::SendRequest ahead = Message(*hn_, "hn.consular");
  const v1::Acceptance first = Send(*hn_, ahead);
  world_.Advance(-3 * server::kDayMs);
  Restart();
  Send(*hn_, Message(*hn_, "hn.consular"));
  world_.Advance(3 * server::kDayMs);
  EXPECT_EQ(Send(*hn_, ahead).SerializeAsString(), first.SerializeAsString());
}

TEST_F(RoomCoreTest, OneCommitWinsAnEpoch_AndContentOfTheOldOneIsRefused) {
  FoundRoom();
  const v1::SendRequest late = Message(*hn_, "hn.consular");
  const v1::CommitRequest first = CommitOf(mx_->MakeCommit({}));
  const v1::CommitRequest second = CommitOf(hn_->MakeCommit({}));
  ASSERT_EQ(ReasonOf(Do<v1::CommitResponse>(mx_->device(), first).status()), "OK");
  EXPECT_EQ(ReasonOf(Do<v1::CommitResponse>(hn_->device(), second).status()), "EPOCH_STALE");
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), late).status()), "EPOCH_STALE");
  ExpectStoreIsWhole();
}

TEST_F(RoomCoreTest, AStranger_NeitherSendsNorReads) {
  FoundRoom();
  const WorldDevice stranger = NewDevice("ofc-mx-002", "mx.child");
  v1::SendRequest request = Message(*hn_, "hn.consular");
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(stranger, request).status()), "NOT_A_MEMBER");
  v1::GetRoomRequest get;
  get.set_room_id(room_id_);
  EXPECT_EQ(ReasonOf(core_->reader().GetRoom(CallerOf(stranger), get, now_ms()).status()),
            "NOT_A_MEMBER");
  EXPECT_TRUE(core_->reader().ListRooms(CallerOf(stranger), now_ms())->rooms().empty());
}

TEST_F(RoomCoreTest, ARevokedMember_StopsContent_UntilItsLeafIsOut) {
  FoundRoom();
  ASSERT_TRUE(world_
                  .LogStatement("mx", identity::DeviceRevoked{mx_->uri(),
                                                              identity::RevocationReason::kStolen})
                  .ok());
  PublishNew();
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), Message(*hn_, "hn.consular")).status()),
            "ROSTER_STALE");
  const auto rooms = core_->reader().ListRooms(CallerOf(hn_->device()), now_ms());
  ASSERT_EQ(rooms->rooms().size(), 1);
  ASSERT_EQ(rooms->rooms(0).stale_leaves().size(), 1);
  const room::RemovedLeaf leaf = {rooms->rooms(0).stale_leaves(0), room::RemovalReason::kInactive};
  const v1::CommitRequest removal = CommitOf(hn_->MakeCommit({}, {leaf}));
  const auto removed = Do<v1::CommitResponse>(hn_->device(), removal);
  ASSERT_EQ(ReasonOf(removed.status()), "OK") << removed.status();
  hn_->Process(removal.bundle().commit());
  EXPECT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), Message(*hn_, "hn.consular")).status()),
            "OK");
  EXPECT_TRUE(Inbox(*mx_).empty());
}

TEST_F(RoomCoreTest, AColleagueOfAParticipant_EntersByItself) {
  FoundRoom();
  RoomDevice colleague(world_, NewDevice("ofc-mx-003", "mx.consular"));
  const auto rooms = core_->reader().ListRooms(CallerOf(colleague.device()), now_ms());
  ASSERT_EQ(rooms->rooms().size(), 1);
  EXPECT_FALSE(rooms->rooms(0).member());
  v1::GetRoomRequest get;
  get.set_room_id(room_id_);
  const auto room = core_->reader().GetRoom(CallerOf(colleague.device()), get, now_ms());
  ASSERT_TRUE(room.ok()) << room.status();
  const v1::CommitRequest entering =
      CommitOf(colleague.Enter(room->group_info(), Tree(colleague.device(), 1)));
  const auto entered = Do<v1::CommitResponse>(colleague.device(), entering);
  ASSERT_EQ(ReasonOf(entered.status()), "OK") << entered.status();
  colleague.Process(entering.bundle().commit());
  EXPECT_EQ(Inbox(colleague).size(), 1u);
  EXPECT_EQ(
      ReasonOf(
          Do<v1::SendResponse>(colleague.device(), Message(colleague, "mx.consular")).status()),
      "OK");
  ExpectStoreIsWhole();
}

TEST_F(RoomCoreTest, AFailedCommitOfTheStore_LeavesTheRoomAsItWas) {
  FoundRoom();
  disk_->FailSync(1, storage::FailedSync::kLost);
  const v1::SendRequest request = Message(*hn_, "hn.consular");
  EXPECT_FALSE(Do<v1::SendResponse>(hn_->device(), request).ok());
  EXPECT_EQ(Inbox(*mx_).size(), 1u);
  Restart();
  const auto sent = Do<v1::SendResponse>(hn_->device(), request);
  ASSERT_EQ(ReasonOf(sent.status()), "OK") << sent.status();
  EXPECT_EQ(sent->acceptance().sequence(), 3u);
  ExpectStoreIsWhole();
}

TEST_F(RoomCoreTest, ADeadline_IsRaisedOnce_AndEndsWhenItIsSettled) {
  FoundRoom();
  v1::SendRequest request = Message(*hn_, "hn.consular");
  request.mutable_envelope()->set_ack_due_after_ms(60'000);
  request.mutable_envelope()->add_ack_office_ids("mx.consular");
  const auto sent = Do<v1::SendResponse>(hn_->device(), request);
  ASSERT_EQ(ReasonOf(sent.status()), "OK");
  world_.Advance(30'000);
  TickUntilDone();
  TickUntilDone();
  const auto items = Inbox(*mx_, 2);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].deadline().step(), v1::DEADLINE_STEP_HALF);
  v1::SendRequest ack = Message(*mx_, "mx.consular");
  ack.mutable_envelope()->mutable_settles()->set_sequence(sent->acceptance().sequence());
  ack.mutable_envelope()->mutable_settles()->set_office_id("mx.consular");
  ASSERT_EQ(ReasonOf(Do<v1::SendResponse>(mx_->device(), ack).status()), "OK");
  const size_t before = Inbox(*hn_).size();
  world_.Advance(120'000);
  TickUntilDone();
  EXPECT_EQ(Inbox(*hn_).size(), before);
}

TEST_F(RoomCoreTest, ExpiredContent_LeavesItsHeader) {
  FoundRoom();
  v1::SendRequest request = Message(*hn_, "hn.consular");
  request.mutable_envelope()->set_delete_after_ms(static_cast<uint64_t>(now_ms() + 1000));
  ASSERT_EQ(ReasonOf(Do<v1::SendResponse>(hn_->device(), request).status()), "OK");
  world_.Advance(1000);
  TickUntilDone();
  const auto items = Inbox(*mx_, 1);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_TRUE(items[0].entry().message().empty());
  EXPECT_TRUE(room::DecodeLogHeader(AsBytes(items[0].entry().header())).ok());
  ExpectStoreIsWhole();
}

}  // namespace
}  // namespace enlace::testing
