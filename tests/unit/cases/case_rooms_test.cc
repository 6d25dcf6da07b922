// A case in the vault whose room was lost: told over all its rooms, each message once, and moved by
// nothing but its own successor.
#include <gmock/gmock.h>

#include "client/alerts/compose.h"
#include "client/cases/case_log.h"
#include "crypto/room/room_policy.h"
#include "tests/unit/cases/case_world.h"

namespace enlace::client::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char* const kCase = "HN-2026-000412";

Bytes OtherRoom() { return RoomOf("another"); }

class CaseRoomsTest : public ::testing::Test {
 protected:
  void Commit(const std::function<absl::Status(VaultTransaction&)>& change) {
    auto tx = cases_.vault().Begin();
    ASSERT_TRUE(tx.ok());
    const absl::Status changed = change(**tx);
    ASSERT_TRUE(changed.ok()) << changed;
    ASSERT_TRUE((*tx)->Commit().ok());
  }
  // The room is in the vault as the successor of the case's first.
  void Succeeds(const Bytes& room_id) {
    room::RoomPolicy policy;
    policy.networks = {"consular"};
    policy.origin_office = "hn.consular";
    policy.participants = {{"mx.consular", room::OfficeRole::kAction}};
    policy.predecessor.room_id = RoomOf(kCase);
    const auto encoded = room::EncodeRoomPolicy(policy);
    ASSERT_TRUE(encoded.ok()) << encoded.status();
    vault::v1::RoomRecord record;
    record.set_room_id(ToText(room_id));
    record.set_policy(ToText(*encoded));
    Commit([&](VaultTransaction& tx) {
      return tx.Put("rooms", room_id, AsBytes(record.SerializeAsString()), kVaultKey);
    });
  }
  void MoveTo(const Bytes& room_id) {
    Commit([&](VaultTransaction& tx) { return store_.MoveToRoom(tx, kCase, {room_id, false}); });
  }
  // The content stands in `room_id` and came through `through`.
  void Add(const alert::v1::Content& content, const Bytes& room_id, uint64_t sequence,
           const Bytes& through) {
    vault::v1::StoredContent stored = StoredMessage(kCase, content, sequence);
    stored.set_room_id(ToText(room_id));
    stored.set_accepted_at_ms(kCaseNowMs + static_cast<int64_t>(sequence) * kMinuteMs);
    stored.set_office_id(content.has_alert() ? "hn.consular" : "mx.consular");
    stored.set_officer_id(content.has_alert() ? "ofc-hn-001" : "ofc-mx-001");
    Commit([&](VaultTransaction& tx) {
      return store_.Add(tx, {stored, content, offices_, AsText(through), kCase});
    });
  }
  static alert::v1::Content Alert(const alert::v1::CaseAlert& alert) {
    alert::v1::Content content;
    content.set_version(1);
    *content.mutable_alert()->mutable_alert() = alert;
    content.mutable_alert()->set_part(alert::v1::ALERT_PART_WHOLE);
    return content;
  }
  static alert::v1::Content Update(const std::string& subject) {
    alert::v1::CaseAlert update = SmallAlert(kCase);
    update.set_message_type(alert::v1::MESSAGE_TYPE_UPDATE);
    update.set_subject(subject);
    return Alert(update);
  }
  vault::v1::CaseRecord Record() const {
    const auto record = store_.Find(kCase);
    return record.ok() && record->has_value() ? **record : vault::v1::CaseRecord();
  }
  // Subjects of the alerts that the case tells, in its order.
  std::vector<std::string> Told() const {
    std::vector<std::string> subjects;
    const auto log = LoadCaseLog(cases_.vault(), kCase);
    EXPECT_TRUE(log.ok()) << log.status();
    for (const alerts::OrderedAlert& one : log->ordered) subjects.push_back(one.alert->subject());
    return subjects;
  }

  mutable CaseWorld cases_;
  CaseStore store_{cases_.vault()};
  const std::vector<std::string> offices_ = {"mx.consular"};
  const Bytes first_ = RoomOf(kCase);
  const Bytes second_ = RoomOf("the successor");
  const alert::v1::CaseAlert opening_ = SmallAlert(kCase);
};

TEST_F(CaseRoomsTest, OtherRoomThatSpeaksOfTheCase_NeitherTakesNorChangesIt) {
  Add(Alert(opening_), first_, 2, first_);
  Add(Update("Otro asunto"), OtherRoom(), 9, OtherRoom());
  EXPECT_EQ(Record().room_id(), ToText(first_));
  EXPECT_EQ(Record().subject(), opening_.subject());
  EXPECT_THAT(Told(), ElementsAre(opening_.subject()));
}

TEST_F(CaseRoomsTest, OtherRoomsIdentityPart_DoesNotTakeTheCasesOwn) {
  Add(Alert(opening_), first_, 2, first_);
  alert::v1::Content part = Alert(opening_);
  part.mutable_alert()->set_part(alert::v1::ALERT_PART_IDENTITY);
  Add(part, second_, 2, second_);
  EXPECT_EQ(Record().identity_room_id(), ToText(second_));
  Add(part, OtherRoom(), 2, OtherRoom());
  EXPECT_EQ(Record().identity_room_id(), ToText(second_));
}

TEST_F(CaseRoomsTest, MachineThatCameLater_HearsOfTheLostRoomThroughTheSuccessor) {
  Succeeds(second_);
  Add(Update("Lo nuevo"), second_, 2, second_);
  EXPECT_EQ(Record().room_id(), ToText(second_));
  // The history that a colleague sends: of a room that this machine never was in.
  Add(Alert(opening_), first_, 7, second_);
  EXPECT_EQ(Record().room_id(), ToText(second_));
  EXPECT_EQ(Record().subject(), "Lo nuevo") << "the older alert is not the newest";
  EXPECT_THAT(Told(), ElementsAre(opening_.subject(), "Lo nuevo"));
}

TEST_F(CaseRoomsTest, WhatIsOfferedAgain_CountsOnce_AtItsFirstPlace) {
  const alert::v1::Content update = Update("Lo nuevo");
  Add(Alert(opening_), first_, 2, first_);
  Add(update, first_, 3, first_);
  Succeeds(second_);
  MoveTo(second_);
  Add(update, second_, 2, second_);
  Add(Alert(opening_), second_, 3, second_);
  Add(update, second_, 4, second_);
  EXPECT_THAT(Told(), ElementsAre(opening_.subject(), "Lo nuevo"));
  EXPECT_EQ(Record().subject(), "Lo nuevo");
  const auto log = LoadCaseLog(cases_.vault(), kCase);
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(log->messages.size(), 2u);
  EXPECT_EQ(SequenceInRoom(*log, log->messages[0]), 3u);
}

TEST_F(CaseRoomsTest, WhatCameBeforeTheCaseMoved_IsTakenWhenItMoves) {
  Add(Alert(opening_), first_, 2, first_);
  Succeeds(second_);
  Add(Update("Lo nuevo"), second_, 2, second_);
  EXPECT_EQ(Record().subject(), opening_.subject());
  MoveTo(second_);
  EXPECT_EQ(Record().subject(), "Lo nuevo");
  EXPECT_GT(Record().newest_sequence(), Record().read_sequence());
  EXPECT_THAT(Told(), ElementsAre(opening_.subject(), "Lo nuevo"));
}

TEST_F(CaseRoomsTest, Redaction_ReachesEveryRoom) {
  const alert::v1::Content update = Update("Lo nuevo");
  Add(Alert(opening_), first_, 2, first_);
  Succeeds(second_);
  MoveTo(second_);
  Add(Alert(opening_), second_, 2, second_);
  Add(update, second_, 3, second_);
  Commit([&](VaultTransaction& tx) {
    return store_.Redact(tx, kCase, {update.alert().alert().alert_id()});
  });
  for (const Bytes& room_id : {first_, second_}) {
    const auto messages = store_.Contents(room_id);
    ASSERT_TRUE(messages.ok()) << messages.status();
    for (const vault::v1::StoredContent& stored : *messages)
      EXPECT_EQ(stored.signed_content().find("Lo nuevo"), std::string::npos);
    EXPECT_EQ(messages->size(), room_id == first_ ? 1u : 2u);
  }
  EXPECT_THAT(Told(), ElementsAre(opening_.subject(), ""));
}

TEST_F(CaseRoomsTest, RoomsThatNameEachOther_AreWalkedOnce) {
  Succeeds(second_);
  Succeeds(first_);
  const auto rooms = RoomsOfCase(cases_.vault(), first_);
  ASSERT_TRUE(rooms.ok());
  EXPECT_THAT(*rooms, ElementsAre(first_));
  EXPECT_THAT(*RoomsOfCase(cases_.vault(), Bytes()), IsEmpty());
}

}  // namespace
}  // namespace enlace::client::testing
