// Log headers told by what changed: put together again they are the same, and lies lead nowhere.
#include "crypto/room/header_change.h"

#include <gtest/gtest.h>

#include <limits>

namespace enlace::room {
namespace {

const char* const kMessage = "the entry's content";

LogHeader HeaderBefore() {
  LogHeader header;
  header.room_id = Bytes(kRoomIdBytes, 1);
  header.sequence = 7;
  header.server_sequence = 500;
  header.kind = LogKind::kCommit;
  header.sender = SenderHash("enlace://hn/officers/ofc-hn-007/devices/dev-7");
  header.content_hash = merkle::Sha256(AsBytes("a commit"));
  header.accepted_at_ms = 1'000'000;
  header.epoch = 3;
  header.previous_room_head = merkle::Sha256(AsBytes("the room's"));
  header.previous_server_head = merkle::Sha256(AsBytes("the server's"));
  return header;
}

// The next entry of the same room and the next of the server.
LogHeader HeaderAfter(const LogHeader& before) {
  LogHeader next = before;
  ++next.sequence;
  ++next.server_sequence;
  next.kind = LogKind::kMessage;
  next.content_hash = merkle::Sha256(AsBytes(kMessage));
  next.accepted_at_ms += 250;
  next.previous_room_head = LogHeaderHash(before);
  next.previous_server_head = LogHeaderHash(before);
  return next;
}

void ExpectSame(const LogHeader& before, const LogHeader& next) {
  const HeaderChange change = ChangeBetween(before, next);
  const auto followed = FollowChange(before, change, next.room_id, AsBytes(kMessage));
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(*followed, next);
  EXPECT_EQ(EncodeLogHeader(*followed), EncodeLogHeader(next));
}

TEST(HeaderChange, OfTheNextEntry_LeavesEverythingOutThatFollows) {
  const LogHeader before = HeaderBefore();
  const HeaderChange change = ChangeBetween(before, HeaderAfter(before));
  EXPECT_FALSE(change.sender);
  EXPECT_FALSE(change.previous_room_head);
  EXPECT_FALSE(change.previous_server_head);
  EXPECT_EQ(change.server_sequence_added, 1);
  EXPECT_EQ(change.accepted_at_added_ms, 250);
  ExpectSame(before, HeaderAfter(before));
}

TEST(HeaderChange, OfAnyOtherEntry_GivesTheSameHeaderToo) {
  const LogHeader before = HeaderBefore();
  LogHeader next = HeaderAfter(before);
  next.sender = SenderHash("enlace://mx/officers/ofc-mx-033/devices/dev-1");
  ExpectSame(before, next);
  next.server_sequence = 900;
  next.previous_server_head = merkle::Sha256(AsBytes("entries of other rooms lie between"));
  ExpectSame(before, next);
  next.room_id = Bytes(kRoomIdBytes, 2);
  next.previous_room_head = merkle::Sha256(AsBytes("another room's"));
  ExpectSame(before, next);
  // Entries of a device's inbox may come in another order than the server's.
  next.server_sequence = 2;
  next.accepted_at_ms = 0;
  ExpectSame(before, next);
  // The first of a room names no entry before.
  next.previous_room_head = {};
  next.sequence = 1;
  ExpectSame(before, next);
}

TEST(HeaderChange, WithAnotherContent_GivesAnotherHeader) {
  const LogHeader before = HeaderBefore();
  const LogHeader next = HeaderAfter(before);
  const auto followed =
      FollowChange(before, ChangeBetween(before, next), next.room_id, AsBytes("another"));
  ASSERT_TRUE(followed.ok());
  EXPECT_NE(LogHeaderHash(*followed), LogHeaderHash(next));
  EXPECT_FALSE(CheckFollowsInRoom(*followed, HeaderAfter(next)).ok());
}

TEST(HeaderChange, ThatLeadsToNoHeader_IsRefused) {
  const LogHeader before = HeaderBefore();
  const HeaderChange good = ChangeBetween(before, HeaderAfter(before));
  const auto follow = [&](const HeaderChange& change, BytesView room_id) {
    return FollowChange(before, change, room_id, AsBytes(kMessage)).status().code();
  };
  const auto refused = absl::StatusCode::kInvalidArgument;
  ASSERT_EQ(follow(good, before.room_id), absl::StatusCode::kOk);
  EXPECT_EQ(follow(good, Bytes(kRoomIdBytes, 2)), refused) << "another room's head was left out";
  EXPECT_EQ(follow(good, Bytes(kRoomIdBytes - 1, 1)), refused);
  HeaderChange bad = good;
  bad.sequence = 0;
  EXPECT_EQ(follow(bad, before.room_id), refused);
  bad = good;
  bad.server_sequence_added = -500;
  EXPECT_EQ(follow(bad, before.room_id), refused);
  bad = good;
  bad.accepted_at_added_ms = -1'000'001;
  EXPECT_EQ(follow(bad, before.room_id), refused);
  bad.accepted_at_added_ms = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(follow(bad, before.room_id), refused);
}

}  // namespace
}  // namespace enlace::room
