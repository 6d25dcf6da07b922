// Each rule of a commit's validity by name.
#include "crypto/room/room_rules.h"

#include <gtest/gtest.h>

#include "tests/unit/room/room_world.h"

namespace enlace::room {
namespace {

using absl::StatusCode;
using enlace::testing::RoomWorld;
using enlace::testing::World;
using enlace::testing::WorldDevice;
using identity::DeviceRevoked;
using identity::kDayMs;
using identity::OfficeClosed;
using identity::OfficerAssigned;
using identity::OfficeRenamed;
using identity::OfficerSuspended;
using identity::RevocationReason;
using identity::Role;
using identity::RoleBit;
using identity::Tlp;

class RoomRulesTest : public ::testing::Test {
 protected:
  StatusCode CodeOf(const RoomState& before, const CommitSummary& commit) {
    return w_.Judge(before, commit).code();
  }
  void ExpectValid(const RoomState& before, const CommitSummary& commit) {
    const absl::Status status = w_.Judge(before, commit);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Revoke(const WorldDevice& device) {
    ASSERT_TRUE(w_.world()
                    .LogStatement(std::string(device.uri.authority()),
                                  DeviceRevoked{device.uri.text(), RevocationReason::kStolen})
                    .ok());
  }

  RoomWorld w_;
};

TEST_F(RoomRulesTest, PlainCommitOfAMember_IsValid) {
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(1, w_.mx));
}

TEST_F(RoomRulesTest, SameInputs_GiveTheSameVerdict_HoweverMuchOfTheLogIsKnown) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx});
  const CommitSummary commit = w_.CommitBy(1, w_.mx);
  Revoke(w_.mx);
  // Judged at the head that the commit names, where the device was active.
  ExpectValid(room, commit);
}

// Heads.

TEST_F(RoomRulesTest, HeadAheadOfTheRegistry_AsksToCatchUp) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.context.head = merkle::SignHead({w_.registry().size() + 1, {}}, w_.world().now_ms(),
                                         w_.world().server_key());
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kOutOfRange);
}

TEST_F(RoomRulesTest, HeadThatTheServerDidNotSign_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  ++commit.context.head.timestamp_ms;
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kDataLoss);
}

TEST_F(RoomRulesTest, HeadOfAFork_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.context.head =
      merkle::SignHead({w_.registry().size(), {}}, w_.world().now_ms(), w_.world().server_key());
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kDataLoss);
}

TEST_F(RoomRulesTest, HeadThatGoesBackInSizeOrTime_IsRefused) {
  const CommitSummary old = w_.CommitBy(0, w_.hn);
  w_.world().AddOffice("hn.later");
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), old), StatusCode::kFailedPrecondition);
  const CommitSummary earlier = w_.CommitBy(0, w_.hn);
  w_.world().Advance(1);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), earlier), StatusCode::kFailedPrecondition);
}

TEST_F(RoomRulesTest, CharterThatIsNotInForceAtTheHead_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.context.charter_version = 2;
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kInvalidArgument);
}

// The committer.

TEST_F(RoomRulesTest, CommitterRevokedAtTheNamedHead_IsRefused) {
  Revoke(w_.mx);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(1, w_.mx)),
            StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, CommitterSuspendedAtTheNamedHead_IsRefused) {
  ASSERT_TRUE(w_.world().LogStatement("mx", OfficerSuspended{"ofc-mx-001", 0}).ok());
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(1, w_.mx)),
            StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, CommitterExpiredAtTheNamedHeadsTime_IsRefused) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx});
  w_.world().Advance(identity::kDeviceValidityMs + kDayMs);
  EXPECT_EQ(CodeOf(room, w_.CommitBy(1, w_.mx)), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, CommitterMovedToAnotherOffice_IsRefused) {
  ASSERT_TRUE(
      w_.world()
          .LogStatement("mx",
                        OfficerAssigned{"ofc-mx-001", {"mx.trafficking"}, RoleBit(Role::kOfficer)})
          .ok());
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(1, w_.mx)),
            StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, CommitterThatDoesNotStandAtItsLeaf_IsRefused) {
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(0, w_.mx)),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.CommitBy(7, w_.mx)),
            StatusCode::kInvalidArgument);
}

TEST_F(RoomRulesTest, CommitterWithUnloggedCertificate_IsRefused) {
  const WorldDevice unlogged = w_.world().MakeDevice("ofc-mx-009", "dev-1");
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &unlogged}), w_.CommitBy(1, unlogged)),
            StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, RenewedCertificate_MayBeBroughtEvenAfterTheOldOnesEnd) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx});
  w_.world().Advance(identity::kDeviceValidityMs + kDayMs);
  const WorldDevice renewed = w_.world().MakeDevice("ofc-mx-001", "dev-1");
  ASSERT_TRUE(w_.world().LogStatement("mx", World::Enrolment(renewed, {"mx.consular"})).ok());
  CommitSummary commit = w_.CommitBy(1, w_.mx);
  commit.new_certificate = renewed.mls.fingerprint();
  ExpectValid(room, commit);
}

TEST_F(RoomRulesTest, RenewedCertificateOfARevokedDevice_IsRefused) {
  const WorldDevice renewed = w_.world().MakeDevice("ofc-mx-001", "dev-1");
  ASSERT_TRUE(w_.world().LogStatement("mx", World::Enrolment(renewed, {"mx.consular"})).ok());
  Revoke(w_.mx);
  CommitSummary commit = w_.CommitBy(1, w_.mx);
  commit.new_certificate = renewed.mls.fingerprint();
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, LeafThatPassesToAnotherDeviceOrAnUnloggedCertificate_IsRefused) {
  CommitSummary commit = w_.CommitBy(1, w_.mx);
  commit.new_certificate = w_.mx2.mls.fingerprint();
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
  commit.new_certificate = w_.world().MakeDevice("ofc-mx-001", "dev-1").mls.fingerprint();
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, ChangeThatRoomsDoNotUse_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.other_changes = true;
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kPermissionDenied);
}

// Entering.

TEST_F(RoomRulesTest, DeviceOfAParticipatingOffice_EntersByItself) {
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), w_.EntryOf(w_.mx2));
  ExpectValid(w_.RoomOf({&w_.hn}), w_.EntryOf(w_.iom));
  ExpectValid(w_.RoomOf({&w_.hn}), w_.EntryOf(w_.hn2));
}

TEST_F(RoomRulesTest, DeviceOfAnotherOffice_DoesNotEnter) {
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), w_.EntryOf(w_.pa)), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, RevokedDevice_DoesNotEnter) {
  Revoke(w_.mx2);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), w_.EntryOf(w_.mx2)), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, DeviceThatLostItsState_ReplacesItsOwnLeaf) {
  CommitSummary entry = w_.EntryOf(w_.mx);
  RoomWorld::Remove(entry, 1, RemovalReason::kReplaced);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), entry);
}

TEST_F(RoomRulesTest, EnteringDevice_StandsOnce) {
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), w_.EntryOf(w_.mx)), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, EnteringDevice_RemovesNobodyElse) {
  CommitSummary entry = w_.EntryOf(w_.mx2);
  RoomWorld::Remove(entry, 1, RemovalReason::kReplaced);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), entry), StatusCode::kPermissionDenied);
  Revoke(w_.mx);
  CommitSummary cleaning = w_.EntryOf(w_.mx2);
  RoomWorld::Remove(cleaning, 1, RemovalReason::kInactive);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), cleaning), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, EnteringDevice_ChangesNothingElse) {
  CommitSummary entry = w_.EntryOf(w_.hn2);
  entry.added = {w_.mx.mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), entry), StatusCode::kPermissionDenied);
  entry = w_.EntryOf(w_.hn2);
  entry.new_policy = RoomWorld::Policy();
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), entry), StatusCode::kPermissionDenied);
  entry = w_.EntryOf(w_.hn2);
  entry.new_guard_commitment = merkle::Hash{};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), entry), StatusCode::kPermissionDenied);
}

// Adding.

TEST_F(RoomRulesTest, AddedDevicesOfParticipatingOffices_AreValid) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.mx.mls.fingerprint(), w_.mx2.mls.fingerprint(), w_.iom.mls.fingerprint()};
  ExpectValid(w_.RoomOf({&w_.hn}), commit);
}

TEST_F(RoomRulesTest, AddedDeviceOfAnotherOffice_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.pa.mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, AddedDeviceThatIsRevokedOrUnlogged_IsRefused) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.world().MakeDevice("ofc-mx-009", "dev-1").mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kPermissionDenied);
  Revoke(w_.mx);
  commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.mx.mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, AddedDevice_StandsOnce) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.mx.mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
  commit.added = {w_.mx2.mls.fingerprint(), w_.mx2.mls.fingerprint()};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, MoreThan200Adds_AreTooMany) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added.assign(kCommitAddsMax + 1, w_.mx.mls.fingerprint());
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kResourceExhausted);
}

TEST_F(RoomRulesTest, MoreThan2000Devices_AreTooMany) {
  RoomState room = w_.RoomOf({&w_.hn});
  while (room.members.size() < kRoomDevicesMax) {
    room.members.push_back({static_cast<uint32_t>(room.members.size()), {}});
  }
  ExpectValid(room, w_.CommitBy(0, w_.hn));
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.added = {w_.mx.mls.fingerprint()};
  EXPECT_EQ(CodeOf(room, commit), StatusCode::kResourceExhausted);
}

// Removing.

TEST_F(RoomRulesTest, RevokedDevice_IsRemovedByAnyMember) {
  Revoke(w_.mx);
  CommitSummary commit = w_.CommitBy(2, w_.iom);
  RoomWorld::Remove(commit, 1, RemovalReason::kInactive);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx, &w_.iom}), commit);
}

TEST_F(RoomRulesTest, ActiveDevice_IsNotRemovedAsInactiveOrMoved) {
  for (RemovalReason reason :
       {RemovalReason::kInactive, RemovalReason::kMoved, RemovalReason::kOfficeLeft}) {
    CommitSummary commit = w_.CommitBy(0, w_.hn);
    RoomWorld::Remove(commit, 1, reason);
    EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
  }
}

TEST_F(RoomRulesTest, MovedDevice_IsRemovedByAnyMember) {
  ASSERT_TRUE(
      w_.world()
          .LogStatement("mx",
                        OfficerAssigned{"ofc-mx-001", {"mx.trafficking"}, RoleBit(Role::kOfficer)})
          .ok());
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  RoomWorld::Remove(commit, 1, RemovalReason::kMoved);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), commit);
}

TEST_F(RoomRulesTest, GuardExcludedDevice_IsRemovedByAnyMember_ButNeverTheOriginsOwn) {
  CommitSummary commit = w_.CommitBy(2, w_.iom);
  RoomWorld::Remove(commit, 1, RemovalReason::kGuardExcluded);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx, &w_.iom}), commit);
  CommitSummary against_origin = w_.CommitBy(2, w_.iom);
  RoomWorld::Remove(against_origin, 0, RemovalReason::kGuardExcluded);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx, &w_.iom}), against_origin),
            StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, LapsedDevice_IsRemovedByAnyMember) {
  CommitSummary commit = w_.CommitBy(1, w_.mx);
  RoomWorld::Remove(commit, 0, RemovalReason::kLapsed);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), commit);
}

TEST_F(RoomRulesTest, MemberDoesNotUseTheReasonOfAnEntry) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  RoomWorld::Remove(commit, 1, RemovalReason::kReplaced);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, RemovalWithoutAReasonOrReasonWithoutRemoval_IsRefused) {
  Revoke(w_.mx);
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.removed = {1};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kInvalidArgument);
  commit = w_.CommitBy(0, w_.hn);
  commit.context.removed = {{1, RemovalReason::kInactive}};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kInvalidArgument);
  commit = w_.CommitBy(0, w_.hn);
  RoomWorld::Remove(commit, 5, RemovalReason::kInactive);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kInvalidArgument);
}

TEST_F(RoomRulesTest, RevokedLeafThatACommitLeavesIn_DoesNotInvalidateIt) {
  Revoke(w_.mx);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), w_.EntryOf(w_.iom));
}

// Policy and guard.

TEST_F(RoomRulesTest, Origin_ChangesPolicyAndGuard) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.new_policy = RoomWorld::Policy();
  commit.new_policy->participants.push_back({"pa.consular", OfficeRole::kInfo});
  commit.new_guard_commitment = merkle::Hash{};
  commit.added = {w_.pa.mls.fingerprint()};
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), commit);
}

TEST_F(RoomRulesTest, NobodyElse_ChangesPolicyOrGuard) {
  CommitSummary commit = w_.CommitBy(1, w_.mx);
  commit.new_policy = RoomWorld::Policy();
  commit.new_policy->participants.push_back({"pa.consular", OfficeRole::kInfo});
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
  commit = w_.CommitBy(1, w_.mx);
  commit.new_guard_commitment = merkle::Hash{};
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, KindNetworksOriginAndLinks_NeverChange) {
  const std::vector<void (*)(RoomPolicy&)> changes = {
      [](RoomPolicy& p) {
        p.networks = {"consular", "trafficking"};
      },
      [](RoomPolicy& p) { p.origin_office = "hn.other"; },
      [](RoomPolicy& p) { p.predecessor.room_id = Bytes(kRoomIdBytes, 1); },
      [](RoomPolicy& p) {
        p.kind = RoomKind::kIdentity;
        p.main_room = Bytes(kRoomIdBytes, 1);
        p.participants.erase(p.participants.begin());
      }};
  for (auto* change : changes) {
    CommitSummary commit = w_.CommitBy(0, w_.hn);
    commit.new_policy = RoomWorld::Policy();
    change(*commit.new_policy);
    ASSERT_TRUE(CheckRoomPolicy(*commit.new_policy).ok());
    EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), commit), StatusCode::kPermissionDenied);
  }
}

TEST_F(RoomRulesTest, NewParticipant_ExistsSharesANetworkAndMayHaveItsRole) {
  const auto with = [this](const std::string& office, OfficeRole role) {
    CommitSummary commit = w_.CommitBy(0, w_.hn);
    commit.new_policy = RoomWorld::Policy();
    commit.new_policy->participants.insert(commit.new_policy->participants.begin(), {office, role});
    std::sort(commit.new_policy->participants.begin(), commit.new_policy->participants.end(),
              [](const Participant& a, const Participant& b) { return a.office_id < b.office_id; });
    return CodeOf(w_.RoomOf({&w_.hn}), commit);
  };
  EXPECT_EQ(with("gt.consular", OfficeRole::kInfo), StatusCode::kNotFound);
  EXPECT_EQ(with("mx.trafficking", OfficeRole::kInfo), StatusCode::kPermissionDenied);
  EXPECT_EQ(with("co.consular", OfficeRole::kAction), StatusCode::kPermissionDenied);
  EXPECT_EQ(with("co.consular", OfficeRole::kInfo), StatusCode::kOk);
}

TEST_F(RoomRulesTest, DevicesOfADroppedOffice_LeaveInTheSameCommit) {
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.new_policy = RoomWorld::Policy();
  commit.new_policy->participants.pop_back();
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn, &w_.mx}), commit), StatusCode::kPermissionDenied);
  RoomWorld::Remove(commit, 1, RemovalReason::kOfficeLeft);
  ExpectValid(w_.RoomOf({&w_.hn, &w_.mx}), commit);
}

TEST_F(RoomRulesTest, Referral_AddsOfficesWhereThePolicyAllowsIt) {
  RoomState room = w_.RoomOf({&w_.hn, &w_.mx, &w_.iom});
  room.policy.referral = ReferralRule::kActionOffices;
  const auto refer = [&](uint32_t leaf, const WorldDevice& device) {
    CommitSummary commit = w_.CommitBy(leaf, device);
    commit.new_policy = room.policy;
    commit.new_policy->participants.push_back({"pa.consular", OfficeRole::kAction});
    return commit;
  };
  ExpectValid(room, refer(1, w_.mx));
  EXPECT_EQ(CodeOf(room, refer(2, w_.iom)), StatusCode::kPermissionDenied);
  CommitSummary drops = refer(1, w_.mx);
  drops.new_policy->participants.erase(drops.new_policy->participants.begin());
  EXPECT_EQ(CodeOf(room, drops), StatusCode::kPermissionDenied);
  CommitSummary promotes = refer(1, w_.mx);
  promotes.new_policy->participants[0].role = OfficeRole::kAction;
  EXPECT_EQ(CodeOf(room, promotes), StatusCode::kPermissionDenied);
  CommitSummary relaxes = refer(1, w_.mx);
  relaxes.new_policy->referral = ReferralRule::kNobody;
  EXPECT_EQ(CodeOf(room, relaxes), StatusCode::kPermissionDenied);
}

TEST_F(RoomRulesTest, RenamedOrClosedOffice_KeepsItsPartInTheRoom) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx});
  ASSERT_TRUE(w_.world().LogStatement("mx", OfficeRenamed{"mx.consular", "mx.protection"}).ok());
  ASSERT_TRUE(w_.world().LogStatement("hn", World::Office("hn.heir")).ok());
  ASSERT_TRUE(w_.world().LogStatement("hn", OfficeClosed{"hn.consular", "hn.heir"}).ok());
  ExpectValid(room, w_.CommitBy(1, w_.mx));
  ExpectValid(room, w_.EntryOf(w_.mx2));
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  commit.new_guard_commitment = merkle::Hash{};
  ExpectValid(room, commit);
}

TEST_F(RoomRulesTest, StandingThatLosesItsRole_TakesNoMorePart) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.iom});
  ASSERT_TRUE(
      w_.world().LogCharter([](identity::Charter& c) { c.permissions[2].be_info = false; }).ok());
  EXPECT_EQ(CodeOf(room, w_.CommitBy(1, w_.iom)), StatusCode::kPermissionDenied);
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  RoomWorld::Remove(commit, 1, RemovalReason::kMoved);
  ExpectValid(room, commit);
}

}  // namespace
}  // namespace enlace::room
