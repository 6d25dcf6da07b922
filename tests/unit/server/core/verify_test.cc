// VerifyStore names every kind of damage that a record can have while its checksum is right.
#include "server/core/verify.h"

#include <gmock/gmock.h>

#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/keys.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

namespace keys = server::keys;
using ::testing::Contains;
using ::testing::HasSubstr;

class VerifyTest : public RoomFixture {
 protected:
  void SetUp() override {
    RoomFixture::SetUp();
    FoundRoom();
    for (int i = 0; i < 3; ++i) Send(*hn_, Message(*hn_, "hn.consular"));
    ExpectStoreIsWhole();
  }
  Bytes Value(const Bytes& key) {
    const auto value = engine_->Get(key);
    EXPECT_TRUE(value.ok() && *value) << ToHex(key);
    return value.ok() ? value->value_or(Bytes()) : Bytes();
  }
  void Put(const Bytes& key, BytesView value) {
    storage::WriteBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(engine_->Commit(batch, storage::Durability::kSynced).ok());
  }
  void Delete(const Bytes& key) {
    storage::WriteBatch batch;
    batch.Delete(key);
    ASSERT_TRUE(engine_->Commit(batch, storage::Durability::kSynced).ok());
  }
  // "where: what" of everything that is found.
  std::vector<std::string> Findings() {
    const auto report = server::VerifyStore(*engine_, world_.charter().root);
    EXPECT_TRUE(report.ok()) << report.status();
    std::vector<std::string> out;
    for (const server::Finding& finding : report->findings)
      out.push_back(finding.where + ": " + finding.what);
    return out;
  }
  // The row of the server's log that an entry stands in alone.
  Bytes PlaceKey(uint64_t sequence) {
    v1::RoomEntry entry;
    EXPECT_TRUE(entry.ParseFromString(ToText(Value(LogKey(sequence)))));
    return keys::ServerLog(room::DecodeLogHeader(AsBytes(entry.header()))->server_sequence);
  }
  Bytes LogKey(uint64_t sequence) const { return keys::RoomLog(AsBytes(room_id_), sequence); }
};

TEST_F(VerifyTest, AlteredContent_IsFound) {
  v1::RoomEntry entry;
  ASSERT_TRUE(entry.ParseFromString(ToText(Value(LogKey(3)))));
  entry.mutable_message()->back() ^= 1;
  Put(LogKey(3), AsBytes(entry.SerializeAsString()));
  EXPECT_THAT(Findings(), Contains(HasSubstr("not the one that its header names")));
}

TEST_F(VerifyTest, AlteredHeader_BreaksBothChains) {
  v1::RoomEntry entry;
  ASSERT_TRUE(entry.ParseFromString(ToText(Value(LogKey(4)))));
  auto header = *room::DecodeLogHeader(AsBytes(entry.header()));
  ++header.accepted_at_ms;
  entry.set_header(ToText(room::EncodeLogHeader(header)));
  Put(LogKey(4), AsBytes(entry.SerializeAsString()));
  const auto findings = Findings();
  EXPECT_THAT(findings, Contains(HasSubstr("not in the server's chain")));
  EXPECT_GE(findings.size(), 2u);
}

TEST_F(VerifyTest, MissingRows_AreFoundEachInItsPlace) {
  Delete(LogKey(4));
  EXPECT_FALSE(Findings().empty());
  Delete(PlaceKey(3));
  EXPECT_THAT(Findings(), Contains(HasSubstr("rows are missing")));
  Delete(keys::Inbox(mx_->uri(), 2));
  EXPECT_THAT(Findings(), Contains(HasSubstr("items are missing")));
  Delete(keys::RegistryLog(1));
  EXPECT_THAT(Findings(), Contains(HasSubstr("registry entry")));
  Delete(keys::Member(AsBytes(room_id_), mx_->uri()));
  EXPECT_THAT(Findings(), Contains(HasSubstr("the members are not those of the group")));
  Delete(keys::Room(AsBytes(room_id_)));
  EXPECT_THAT(Findings(), Contains(HasSubstr("it has a log and no record")));
}

TEST_F(VerifyTest, LastEntryGone_IsFoundByTheRoomsRecord) {
  Delete(LogKey(5));
  EXPECT_THAT(Findings(), Contains(HasSubstr("does not end where its record says")));
}

TEST_F(VerifyTest, RecordsThatDoNotParse_AreFoundAndTheWalkGoesOn) {
  const Bytes nonsense = {0xff, 0xff, 0xff};
  Put(PlaceKey(4), nonsense);
  Put(LogKey(3), nonsense);
  Put(keys::Inbox(mx_->uri(), 2), nonsense);
  Put(keys::Room(AsBytes(room_id_)), nonsense);
  EXPECT_GE(Findings().size(), 4u);
}

TEST_F(VerifyTest, AlteredRegistryEntry_FailsItsSignature) {
  Bytes entry = Value(keys::RegistryLog(2));
  entry.back() ^= 1;
  Put(keys::RegistryLog(2), entry);
  EXPECT_THAT(Findings(), Contains(HasSubstr("registry entry 2")));
}

}  // namespace
}  // namespace enlace::testing
