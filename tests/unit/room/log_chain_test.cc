// The server's log: chains that hold, breaks that are noticed, receipts that prove.
#include "crypto/room/log_chain.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/test_rng.h"

namespace enlace::room {
namespace {

using enlace::testing::TestRng;

LogHeader FirstHeader() {
  LogHeader header;
  header.room_id = Bytes(kRoomIdBytes, 1);
  header.sequence = 1;
  header.server_sequence = 5;
  header.kind = LogKind::kRoomCreated;
  header.sender = SenderHash("enlace://hn/officers/ofc-hn-007/devices/dev-7");
  header.content_hash = merkle::Sha256(AsBytes("group info"));
  header.accepted_at_ms = 1000;
  header.previous_server_head = merkle::Sha256(AsBytes("before"));
  return header;
}

LogHeader NextHeader(const LogHeader& previous) {
  LogHeader next = previous;
  ++next.sequence;
  ++next.server_sequence;
  next.kind = LogKind::kMessage;
  next.previous_room_head = LogHeaderHash(previous);
  next.previous_server_head = LogHeaderHash(previous);
  return next;
}

TEST(LogHeader, RoundTrips_AndRefusesPrefixesAndExtraBytes) {
  Bytes bytes = EncodeLogHeader(NextHeader(FirstHeader()));
  EXPECT_EQ(*DecodeLogHeader(bytes), NextHeader(FirstHeader()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeLogHeader(BytesView(bytes).first(size)).ok()) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeLogHeader(bytes).ok());
}

TEST(LogHeader, OfUnknownKindShortRoomOrZeroSequence_IsRefused) {
  LogHeader header = FirstHeader();
  header.room_id.pop_back();
  EXPECT_FALSE(DecodeLogHeader(EncodeLogHeader(header)).ok());
  header = FirstHeader();
  header.sequence = 0;
  EXPECT_FALSE(DecodeLogHeader(EncodeLogHeader(header)).ok());
  header = FirstHeader();
  header.kind = static_cast<LogKind>(5);
  EXPECT_FALSE(DecodeLogHeader(EncodeLogHeader(header)).ok());
  header.kind = static_cast<LogKind>(0);
  EXPECT_FALSE(DecodeLogHeader(EncodeLogHeader(header)).ok());
}

TEST(LogHeader, HashChangesWithEveryByte) {
  const Bytes bytes = EncodeLogHeader(FirstHeader());
  const merkle::Hash hash = LogHeaderHash(FirstHeader());
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    const absl::StatusOr<LogHeader> read = DecodeLogHeader(changed);
    EXPECT_FALSE(read.ok() && LogHeaderHash(*read) == hash) << i;
  }
}

TEST(RoomChain, HoldsForTheNextAndBreaksForAnyOther) {
  const LogHeader first = FirstHeader();
  const LogHeader next = NextHeader(first);
  EXPECT_TRUE(CheckFirstInRoom(first).ok());
  EXPECT_TRUE(CheckFollowsInRoom(first, next).ok());
  const std::vector<void (*)(LogHeader&)> breaks = {
      [](LogHeader& h) { ++h.sequence; },        [](LogHeader& h) { --h.sequence; },
      [](LogHeader& h) { h.room_id[0] ^= 1; },   [](LogHeader& h) { h.previous_room_head[0] ^= 1; },
      [](LogHeader& h) { --h.server_sequence; }, [](LogHeader& h) { --h.accepted_at_ms; }};
  for (auto* change : breaks) {
    LogHeader broken = next;
    change(broken);
    EXPECT_EQ(CheckFollowsInRoom(first, broken).code(), absl::StatusCode::kDataLoss);
  }
  LogHeader epoch_one = next;
  epoch_one.epoch = 1;
  EXPECT_EQ(CheckFollowsInRoom(epoch_one, NextHeader(next)).code(), absl::StatusCode::kDataLoss);
}

TEST(RoomChain, BeginsWithItsCreation) {
  LogHeader first = FirstHeader();
  first.kind = LogKind::kMessage;
  EXPECT_FALSE(CheckFirstInRoom(first).ok());
  first = FirstHeader();
  first.sequence = 2;
  EXPECT_FALSE(CheckFirstInRoom(first).ok());
  first = FirstHeader();
  first.previous_room_head[0] = 1;
  EXPECT_FALSE(CheckFirstInRoom(first).ok());
}

TEST(ServerChain, AdvancesOverHeadersAndGenerations) {
  TestRng rng(1);
  ServerHead head{4, FirstHeader().previous_server_head};
  ASSERT_TRUE(AdvanceServerHead(head, FirstHeader(), head).ok());
  EXPECT_EQ(head, (ServerHead{5, LogHeaderHash(FirstHeader())}));
  const GenerationRecord record = NextGeneration(2, head, 2000, rng);
  ServerHead after;
  ASSERT_TRUE(AdvanceServerHead(head, record, after).ok());
  EXPECT_EQ(after, (ServerHead{6, GenerationHash(record)}));
  // The header that would have come without the restart no longer fits.
  EXPECT_FALSE(AdvanceServerHead(after, NextHeader(FirstHeader()), after).ok());
}

TEST(ServerChain, RestoredCopy_NeverReachesTheSameHead) {
  TestRng rng(1);
  const ServerHead head{4, FirstHeader().previous_server_head};
  EXPECT_NE(GenerationHash(NextGeneration(2, head, 2000, rng)),
            GenerationHash(NextGeneration(2, head, 2000, rng)));
}

TEST(ServerChain, GapOrForeignHead_IsNoticed) {
  ServerHead after;
  EXPECT_EQ(AdvanceServerHead({3, FirstHeader().previous_server_head}, FirstHeader(), after).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(AdvanceServerHead({4, {}}, FirstHeader(), after).code(), absl::StatusCode::kDataLoss);
}

TEST(GenerationRecord, RoundTrips_AndRefusesPrefixes) {
  TestRng rng(1);
  const GenerationRecord record = NextGeneration(1, {}, 5, rng);
  const Bytes bytes = EncodeGenerationRecord(record);
  EXPECT_EQ(*DecodeGenerationRecord(bytes), record);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeGenerationRecord(BytesView(bytes).first(size)).ok());
  }
  GenerationRecord wrong = record;
  wrong.random.pop_back();
  EXPECT_FALSE(DecodeGenerationRecord(EncodeGenerationRecord(wrong)).ok());
}

class ReceiptTest : public ::testing::Test {
 protected:
  Receipt Made() {
    Receipt receipt;
    receipt.header = NextHeader(FirstHeader());
    receipt.room_head = LogHeaderHash(receipt.header);
    receipt.room_sequence = receipt.header.sequence;
    receipt.issued_at_ms = 3000;
    return receipt;
  }

  TestRng rng_{1};
  crypto::SigningKey key_ = crypto::SigningKey::Generate(rng_);
};

TEST_F(ReceiptTest, OfTheServer_VerifiesAfterItsRoundTrip) {
  const Receipt receipt = SignReceipt(Made(), key_);
  const absl::StatusOr<Receipt> read = DecodeReceipt(EncodeReceipt(receipt));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, receipt);
  EXPECT_TRUE(VerifyReceipt(*read, key_.public_key()).ok());
}

TEST_F(ReceiptTest, WithAnyChangedByteOrAnotherKey_IsRefused) {
  const Receipt receipt = SignReceipt(Made(), key_);
  EXPECT_EQ(VerifyReceipt(receipt, crypto::SigningKey::Generate(rng_).public_key()).code(),
            absl::StatusCode::kDataLoss);
  const Bytes bytes = EncodeReceipt(receipt);
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    const absl::StatusOr<Receipt> read = DecodeReceipt(changed);
    EXPECT_FALSE(read.ok() && VerifyReceipt(*read, key_.public_key()).ok()) << i;
    EXPECT_FALSE(DecodeReceipt(BytesView(bytes).first(i)).ok()) << i;
  }
}

TEST_F(ReceiptTest, ThatContradictsItself_IsRefusedThoughSigned) {
  const std::vector<void (*)(Receipt&)> contradictions = {
      [](Receipt& r) { r.room_head[0] ^= 1; }, [](Receipt& r) { --r.room_sequence; },
      [](Receipt& r) { r.issued_at_ms = r.header.accepted_at_ms - 1; }};
  for (auto* change : contradictions) {
    Receipt receipt = Made();
    change(receipt);
    EXPECT_FALSE(VerifyReceipt(SignReceipt(receipt, key_), key_.public_key()).ok());
  }
  Receipt later = Made();
  later.room_sequence += 3;
  later.room_head = merkle::Sha256(AsBytes("later"));
  EXPECT_TRUE(VerifyReceipt(SignReceipt(later, key_), key_.public_key()).ok());
}

TEST(SenderHash, TellsDevicesApart) {
  EXPECT_NE(SenderHash("enlace://hn/officers/ofc-hn-007/devices/dev-7"),
            SenderHash("enlace://hn/officers/ofc-hn-007/devices/dev-8"));
}

}  // namespace
}  // namespace enlace::room
