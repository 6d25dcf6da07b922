// Rooms that begin, who may enter them, the local judgement that freezes one, and what a commit
// says about itself.
#include <gtest/gtest.h>

#include "crypto/room/room_rules.h"
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

class RoomJudgementTest : public ::testing::Test {
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

// Rooms that begin.

class NewRoomTest : public RoomJudgementTest {
 protected:
  StatusCode Found(const RoomPolicy& policy, const WorldDevice& creator) {
    return CheckNewRoom(policy, creator.mls.fingerprint(), w_.Context(), w_.registry()).code();
  }
};

TEST_F(NewRoomTest, OfTheOriginsDevice_IsValid) {
  EXPECT_EQ(Found(RoomWorld::Policy(), w_.hn), StatusCode::kOk);
}

TEST_F(NewRoomTest, OfAnotherOfficesDevice_IsRefused_UnlessItIsASuccessor) {
  EXPECT_EQ(Found(RoomWorld::Policy(), w_.mx), StatusCode::kPermissionDenied);
  RoomPolicy successor = RoomWorld::Policy();
  successor.predecessor.room_id = Bytes(kRoomIdBytes, 1);
  EXPECT_EQ(Found(successor, w_.mx), StatusCode::kOk);
  EXPECT_EQ(Found(successor, w_.iom), StatusCode::kPermissionDenied);
  EXPECT_EQ(Found(successor, w_.pa), StatusCode::kPermissionDenied);
}

TEST_F(NewRoomTest, OfARevokedDevice_IsRefused) {
  Revoke(w_.hn);
  EXPECT_EQ(Found(RoomWorld::Policy(), w_.hn), StatusCode::kPermissionDenied);
}

TEST_F(NewRoomTest, OfAStandingThatOpensNoCases_IsRefused) {
  const WorldDevice co = w_.world().AddDevice("ofc-co-001", "dev-1", {"co.consular"});
  RoomPolicy policy = RoomWorld::Policy();
  policy.origin_office = "co.consular";
  EXPECT_EQ(Found(policy, co), StatusCode::kPermissionDenied);
}

TEST_F(NewRoomTest, WithUnknownOfficeNetworkOrForbiddenRole_IsRefused) {
  RoomPolicy policy = RoomWorld::Policy();
  policy.participants[1].office_id = "mx.unknown";
  EXPECT_EQ(Found(policy, w_.hn), StatusCode::kNotFound);
  policy = RoomWorld::Policy();
  policy.networks = {"consular", "unknown"};
  EXPECT_EQ(Found(policy, w_.hn), StatusCode::kNotFound);
  policy = RoomWorld::Policy();
  policy.networks = {"trafficking"};
  EXPECT_EQ(Found(policy, w_.hn), StatusCode::kPermissionDenied);
  policy = RoomWorld::Policy();
  policy.participants = {{"co.consular", OfficeRole::kAction}};
  EXPECT_EQ(Found(policy, w_.hn), StatusCode::kPermissionDenied);
}

TEST_F(NewRoomTest, BulletinRoom_IsEnteredByEveryOfficeOfItsNetwork) {
  RoomPolicy policy;
  policy.kind = RoomKind::kBulletin;
  policy.networks = {"trafficking"};
  policy.origin_office = "iom.sanjose";
  EXPECT_EQ(Found(policy, w_.iom), StatusCode::kOk);
  const WorldDevice inside = w_.world().AddDevice("ofc-mx-003", "dev-1", {"mx.trafficking"});
  const identity::LogMoment now = w_.registry().Now(w_.world().now_ms());
  const auto role = [&](const WorldDevice& device) {
    return RoleInRoom(policy, *w_.registry().FindDevice(device.uri.text()), w_.registry(), now);
  };
  EXPECT_EQ(role(inside), OfficeRole::kInfo);
  EXPECT_EQ(role(w_.iom), OfficeRole::kAction);
  EXPECT_EQ(role(w_.mx), std::nullopt);
}

// Administrators keep the registry; they read no case.

class AdministratorTest : public NewRoomTest {
 protected:
  void Assign(const std::string& officer, const std::string& office, identity::RoleSet roles) {
    const std::string authority = office.substr(0, office.find('.'));
    ASSERT_TRUE(w_.world().LogStatement(authority, OfficerAssigned{officer, {office}, roles}).ok());
  }
  std::optional<OfficeRole> RoleOf(const RoomPolicy& policy, const WorldDevice& device) {
    return RoleInRoom(policy, *w_.registry().FindDevice(device.uri.text()), w_.registry(),
                      w_.registry().Now(w_.world().now_ms()));
  }
};

TEST_F(AdministratorTest, TakesNoPartInAnyRoom_UnlessAnotherRoleIsGiven) {
  RoomPolicy bulletin;
  bulletin.kind = RoomKind::kBulletin;
  bulletin.networks = {"consular"};
  bulletin.origin_office = "hn.consular";
  ASSERT_EQ(RoleOf(RoomWorld::Policy(), w_.mx), OfficeRole::kAction);
  ASSERT_EQ(RoleOf(bulletin, w_.mx), OfficeRole::kInfo);
  Assign("ofc-mx-001", "mx.consular", RoleBit(Role::kAdmin));
  EXPECT_EQ(RoleOf(RoomWorld::Policy(), w_.mx), std::nullopt);
  EXPECT_EQ(RoleOf(bulletin, w_.mx), std::nullopt);
  EXPECT_FALSE(MayEnter(RoomWorld::Policy(), *w_.registry().FindDevice(w_.mx.uri.text()),
                        w_.registry(), w_.registry().Now(w_.world().now_ms())));
  for (const Role role : {Role::kOfficer, Role::kSupervisor}) {
    Assign("ofc-mx-001", "mx.consular",
           static_cast<identity::RoleSet>(RoleBit(role) | RoleBit(Role::kAdmin)));
    EXPECT_EQ(RoleOf(RoomWorld::Policy(), w_.mx), OfficeRole::kAction);
    EXPECT_EQ(RoleOf(bulletin, w_.mx), OfficeRole::kInfo);
  }
}

TEST_F(AdministratorTest, ServiceAndSupervisorTakePart) {
  const WorldDevice service =
      w_.world().AddDevice("svc-mx-001", "dev-1", {"mx.consular"}, RoleBit(Role::kService));
  const WorldDevice supervisor =
      w_.world().AddDevice("ofc-mx-050", "dev-1", {"mx.consular"}, RoleBit(Role::kSupervisor));
  EXPECT_EQ(RoleOf(RoomWorld::Policy(), service), OfficeRole::kAction);
  EXPECT_EQ(RoleOf(RoomWorld::Policy(), supervisor), OfficeRole::kAction);
}

TEST_F(AdministratorTest, OfTheOrigin_FoundsNoRoom) {
  Assign("ofc-hn-001", "hn.consular", RoleBit(Role::kAdmin));
  EXPECT_EQ(RoleOf(RoomWorld::Policy(), w_.hn), std::nullopt);
  EXPECT_EQ(Found(RoomWorld::Policy(), w_.hn), StatusCode::kPermissionDenied);
  EXPECT_EQ(Found(RoomWorld::Policy(), w_.hn2), StatusCode::kOk);
}

TEST_F(AdministratorTest, OfficerWhoBecomesOne_IsTakenOutOfTheRoom) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx, &w_.iom});
  Assign("ofc-mx-001", "mx.consular", RoleBit(Role::kAdmin));
  const std::vector<FreezeReason> reasons =
      FreezeReasons(room, w_.registry(), w_.world().now_ms(), nullptr);
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].member.leaf, 1u);
  EXPECT_EQ(reasons[0].reason, RemovalReason::kMoved);
  EXPECT_EQ(CodeOf(room, w_.CommitBy(1, w_.mx)), StatusCode::kPermissionDenied);
  CommitSummary removal = w_.CommitBy(0, w_.hn);
  RoomWorld::Remove(removal, 1, RemovalReason::kMoved);
  ExpectValid(room, removal);
  EXPECT_EQ(CodeOf(w_.RoomOf({&w_.hn}), w_.EntryOf(w_.mx)), StatusCode::kPermissionDenied);
}

TEST_F(RoomJudgementTest, MayEnter_AsksForActivityAndOffice) {
  const auto may = [this](const WorldDevice& device) {
    return MayEnter(RoomWorld::Policy(), *w_.registry().FindDevice(device.uri.text()),
                    w_.registry(), w_.registry().Now(w_.world().now_ms()));
  };
  EXPECT_TRUE(may(w_.mx));
  EXPECT_FALSE(may(w_.pa));
  Revoke(w_.mx);
  EXPECT_FALSE(may(w_.mx));
}

// Freezing.

class FreezeTest : public RoomJudgementTest {
 protected:
  std::vector<FreezeReason> Reasons(const RoomGuard* guard = nullptr) {
    return FreezeReasons(w_.RoomOf({&w_.hn, &w_.mx, &w_.iom}), w_.registry(), w_.world().now_ms(),
                         guard);
  }
  FreezeReason Expected(uint32_t leaf, const WorldDevice& device, RemovalReason reason) {
    return {{leaf, device.mls.fingerprint()}, reason};
  }
};

TEST_F(FreezeTest, RoomOfActiveParticipants_IsNotFrozen) { EXPECT_TRUE(Reasons().empty()); }

TEST_F(FreezeTest, LaterRevocation_Freezes) {
  Revoke(w_.mx);
  EXPECT_EQ(Reasons(), std::vector{Expected(1, w_.mx, RemovalReason::kInactive)});
}

TEST_F(FreezeTest, MovedOrUnassignedOfficer_Freezes) {
  ASSERT_TRUE(w_.world()
                  .LogStatement("mx", OfficerAssigned{"ofc-mx-001", {}, RoleBit(Role::kOfficer)})
                  .ok());
  EXPECT_EQ(Reasons(), std::vector{Expected(1, w_.mx, RemovalReason::kMoved)});
  ASSERT_TRUE(
      w_.world()
          .LogStatement("mx",
                        OfficerAssigned{"ofc-mx-001", {"mx.trafficking"}, RoleBit(Role::kOfficer)})
          .ok());
  EXPECT_EQ(Reasons(), std::vector{Expected(1, w_.mx, RemovalReason::kMoved)});
}

TEST_F(FreezeTest, AuthorityThatTheGuardExcludes_Freezes_OnlyForWhoHoldsTheGuard) {
  const RoomGuard guard{{"mx"}, Tlp::kGreen, 0, ""};
  EXPECT_EQ(Reasons(&guard), std::vector{Expected(1, w_.mx, RemovalReason::kGuardExcluded)});
  EXPECT_TRUE(Reasons().empty());
}

TEST_F(FreezeTest, StandingThatMayNotSeeTheTlp_Freezes) {
  const RoomGuard amber{{}, Tlp::kAmber, 0, ""};
  EXPECT_TRUE(Reasons(&amber).empty());
  const RoomGuard red{{}, Tlp::kRed, 0, ""};
  EXPECT_EQ(Reasons(&red), std::vector{Expected(2, w_.iom, RemovalReason::kGuardExcluded)});
}

TEST_F(FreezeTest, EveryReason_LeadsToAValidRemovalAtTheNewestHead) {
  const RoomState room = w_.RoomOf({&w_.hn, &w_.mx, &w_.iom, &w_.mx2});
  Revoke(w_.mx);
  ASSERT_TRUE(w_.world()
                  .LogStatement("mx", OfficerAssigned{"ofc-mx-002", {}, RoleBit(Role::kOfficer)})
                  .ok());
  const RoomGuard guard{{"iom"}, Tlp::kGreen, 0, ""};
  const std::vector<FreezeReason> reasons =
      FreezeReasons(room, w_.registry(), w_.world().now_ms(), &guard);
  ASSERT_EQ(reasons.size(), 3u);
  CommitSummary commit = w_.CommitBy(0, w_.hn);
  for (const FreezeReason& reason : reasons)
    RoomWorld::Remove(commit, reason.member.leaf, reason.reason);
  ExpectValid(room, commit);
}

// Commit context and head mark.

TEST_F(RoomJudgementTest, CommitContext_RoundTrips_AndRefusesPrefixesOrderAndReasons) {
  CommitContext context = w_.Context();
  context.removed = {{1, RemovalReason::kInactive}, {4, RemovalReason::kGuardExcluded}};
  Bytes bytes = EncodeCommitContext(context);
  EXPECT_EQ(*DecodeCommitContext(bytes), context);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeCommitContext(BytesView(bytes).first(size)).ok());
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeCommitContext(bytes).ok());
  context.removed[1].leaf = 1;
  EXPECT_FALSE(DecodeCommitContext(EncodeCommitContext(context)).ok());
  context.removed = {{1, static_cast<RemovalReason>(7)}};
  EXPECT_FALSE(DecodeCommitContext(EncodeCommitContext(context)).ok());
}

TEST_F(RoomJudgementTest, HeadMark_RoundTripsAndIsTheCommitsHead) {
  const HeadMark mark = MarkOf(w_.Context());
  EXPECT_EQ(mark.head, w_.registry().head());
  const Bytes bytes = EncodeHeadMark(mark);
  EXPECT_EQ(*DecodeHeadMark(bytes), mark);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(DecodeHeadMark(BytesView(bytes).first(size)).ok());
}

}  // namespace
}  // namespace enlace::room
