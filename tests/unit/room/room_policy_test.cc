// Policy and guard: one encoding, their rules of form, the commitment, and tightening.
#include "crypto/room/room_policy.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/test_rng.h"

namespace enlace::room {
namespace {

using enlace::testing::TestRng;
using identity::Tlp;

RoomPolicy GoodPolicy() {
  RoomPolicy policy;
  policy.networks = {"consular", "trafficking"};
  policy.origin_office = "hn.consular";
  policy.participants = {{"gt.consular", OfficeRole::kInfo}, {"mx.consular", OfficeRole::kAction}};
  policy.referral = ReferralRule::kActionOffices;
  policy.predecessor = {Bytes(kRoomIdBytes, 7), merkle::Sha256(AsBytes("head"))};
  return policy;
}

RoomGuard GoodGuard() { return {{"gt", "pa"}, Tlp::kAmber, 5, "No reenviar.\nLlamar antes."}; }

TEST(RoomPolicy, RoundTrips) {
  RoomPolicy identity = GoodPolicy();
  identity.kind = RoomKind::kIdentity;
  identity.participants = {{"mx.consular", OfficeRole::kAction}};
  identity.main_room = Bytes(kRoomIdBytes, 1);
  RoomPolicy bulletin;
  bulletin.kind = RoomKind::kBulletin;
  bulletin.networks = {"consular"};
  bulletin.origin_office = "ts.secretariat";
  for (const RoomPolicy& policy : {GoodPolicy(), identity, bulletin}) {
    const absl::StatusOr<Bytes> bytes = EncodeRoomPolicy(policy);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(*DecodeRoomPolicy(*bytes), policy);
  }
}

TEST(RoomPolicy, EveryPrefixAndAnExtraByte_IsRefused) {
  Bytes bytes = *EncodeRoomPolicy(GoodPolicy());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRoomPolicy(BytesView(bytes).first(size)).ok()) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeRoomPolicy(bytes).ok());
  EXPECT_FALSE(DecodeRoomPolicy(Bytes(kPolicyBytesMax + 1)).ok());
}

TEST(RoomPolicy, UnknownVersionKindOrRule_IsRefused) {
  const Bytes bytes = *EncodeRoomPolicy(GoodPolicy());
  for (const auto& [at, value] : {std::pair<size_t, uint8_t>{1, 2}, {2, 0}, {2, 4}}) {
    Bytes changed = bytes;
    changed[at] = value;
    EXPECT_FALSE(DecodeRoomPolicy(changed).ok()) << at;
  }
}

struct BadPolicy {
  const char* what;
  void (*change)(RoomPolicy&);
};
class BadPolicyTest : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(BadPolicyTest, IsRefused) {
  RoomPolicy policy = GoodPolicy();
  GetParam().change(policy);
  EXPECT_EQ(CheckRoomPolicy(policy).code(), absl::StatusCode::kInvalidArgument) << GetParam().what;
  EXPECT_FALSE(EncodeRoomPolicy(policy).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadPolicyTest,
    ::testing::Values(
        BadPolicy{"no network", [](RoomPolicy& p) { p.networks.clear(); }},
        BadPolicy{"networks not in order",
                  [](RoomPolicy& p) { std::swap(p.networks[0], p.networks[1]); }},
        BadPolicy{"network id", [](RoomPolicy& p) { p.networks[0] = "A"; }},
        BadPolicy{"origin", [](RoomPolicy& p) { p.origin_office = "hn"; }},
        BadPolicy{"origin as participant", [](RoomPolicy& p) { p.origin_office = "mx.consular"; }},
        BadPolicy{"participants not in order",
                  [](RoomPolicy& p) { std::swap(p.participants[0], p.participants[1]); }},
        BadPolicy{"participant twice",
                  [](RoomPolicy& p) { p.participants[1] = p.participants[0]; }},
        BadPolicy{"participant id", [](RoomPolicy& p) { p.participants[0].office_id = "x"; }},
        BadPolicy{"case room with main room",
                  [](RoomPolicy& p) { p.main_room = Bytes(kRoomIdBytes); }},
        BadPolicy{"identity room without main room",
                  [](RoomPolicy& p) {
                    p.kind = RoomKind::kIdentity;
                    p.participants.erase(p.participants.begin());
                  }},
        BadPolicy{"identity room with INFO office",
                  [](RoomPolicy& p) {
                    p.kind = RoomKind::kIdentity;
                    p.main_room = Bytes(kRoomIdBytes);
                  }},
        BadPolicy{"bulletin with participants",
                  [](RoomPolicy& p) {
                    p.kind = RoomKind::kBulletin;
                    p.networks.pop_back();
                  }},
        BadPolicy{"bulletin of two networks",
                  [](RoomPolicy& p) {
                    p.kind = RoomKind::kBulletin;
                    p.participants.clear();
                    p.referral = ReferralRule::kNobody;
                  }},
        BadPolicy{"short predecessor", [](RoomPolicy& p) { p.predecessor.room_id.pop_back(); }},
        BadPolicy{"head without predecessor",
                  [](RoomPolicy& p) { p.predecessor.room_id.clear(); }}));

TEST(RoomPolicy, FindsParticipantsButNotTheOrigin) {
  const RoomPolicy policy = GoodPolicy();
  EXPECT_EQ(policy.FindParticipant("mx.consular")->role, OfficeRole::kAction);
  EXPECT_EQ(policy.FindParticipant("hn.consular"), nullptr);
}

TEST(RoomGuard, RoundTripsWithItsSalt_AndCommitmentBindsBoth) {
  TestRng rng(1);
  const SaltedGuard salted = SaltGuard(GoodGuard(), rng);
  EXPECT_EQ(*DecodeSaltedGuard(*EncodeSaltedGuard(salted)), salted);
  const merkle::Hash commitment = *CommitToGuard(salted);
  EXPECT_EQ(*CommitToGuard(salted), commitment);
  EXPECT_NE(*CommitToGuard(SaltGuard(GoodGuard(), rng)), commitment);
  SaltedGuard changed = salted;
  changed.guard.tlp = Tlp::kRed;
  EXPECT_NE(*CommitToGuard(changed), commitment);
  EXPECT_EQ(*DecodeGuardCommitment(EncodeGuardCommitment(commitment)), commitment);
}

TEST(RoomGuard, EveryPrefixAndAnExtraByte_IsRefused) {
  TestRng rng(1);
  Bytes bytes = *EncodeSaltedGuard(SaltGuard(GoodGuard(), rng));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeSaltedGuard(BytesView(bytes).first(size)).ok()) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeSaltedGuard(bytes).ok());
  Bytes commitment = EncodeGuardCommitment({});
  for (size_t size = 0; size < commitment.size(); ++size) {
    EXPECT_FALSE(DecodeGuardCommitment(BytesView(commitment).first(size)).ok());
  }
}

TEST(RoomGuard, WithoutTlpOrMalformed_IsRefused) {
  RoomGuard guard = GoodGuard();
  guard.tlp = Tlp::kUnset;
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  guard = GoodGuard();
  std::swap(guard.excluded_authorities[0], guard.excluded_authorities[1]);
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  guard = GoodGuard();
  guard.excluded_authorities = {"GT"};
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  guard = GoodGuard();
  guard.handling = 16;
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  guard = GoodGuard();
  guard.restriction = "\x1b[2J";
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  guard.restriction = std::string(kGuardRestrictionBytesMax + 1, 'a');
  EXPECT_FALSE(CheckRoomGuard(guard).ok());
  EXPECT_FALSE(EncodeSaltedGuard({Bytes(16), GoodGuard()}).ok());
  EXPECT_FALSE(CommitToGuard({Bytes(16), GoodGuard()}).ok());
}

TEST(RoomGuard, OnlyTightens) {
  const RoomGuard before = GoodGuard();
  RoomGuard after = before;
  EXPECT_TRUE(IsTightened(before, after));
  after.tlp = Tlp::kRed;
  after.excluded_authorities = {"co", "gt", "pa"};
  after.handling = 7;
  after.restriction += "\nNada más.";
  EXPECT_TRUE(IsTightened(before, after));
  EXPECT_FALSE(IsTightened(after, before));
  after = before;
  after.tlp = Tlp::kGreen;
  EXPECT_FALSE(IsTightened(before, after));
  after = before;
  after.excluded_authorities = {"gt"};
  EXPECT_FALSE(IsTightened(before, after));
  after = before;
  after.handling = 1;
  EXPECT_FALSE(IsTightened(before, after));
  after = before;
  after.restriction.clear();
  EXPECT_FALSE(IsTightened(before, after));
}

TEST(RoomGuard, ExcludesWhatItNames) {
  EXPECT_TRUE(GoodGuard().Excludes("pa"));
  EXPECT_FALSE(GoodGuard().Excludes("mx"));
}

}  // namespace
}  // namespace enlace::room
