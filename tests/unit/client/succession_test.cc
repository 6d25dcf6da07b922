// Which successor of a lost room a device follows.
#include "client/delivery/succession.h"

#include <gtest/gtest.h>

namespace enlace::client {
namespace {

RoomTerms Terms() {
  RoomTerms terms;
  terms.policy.networks = {"consular"};
  terms.policy.origin_office = "hn.consular";
  terms.policy.participants = {{"gt.consular", room::OfficeRole::kInfo},
                               {"mx.consular", room::OfficeRole::kAction}};
  terms.guard = room::RoomGuard{{"pa"}, identity::Tlp::kAmber, 0, ""};
  return terms;
}

TEST(Succession, OfTheSameTerms_IsFollowedWhoeverFoundedIt) {
  EXPECT_TRUE(MayContinue(Terms(), Terms(), false));
  EXPECT_TRUE(MayContinue(Terms(), Terms(), true));
}

TEST(Succession, WithAStricterGuard_IsFollowed_WithALooserOneNot) {
  RoomTerms stricter = Terms();
  stricter.guard->excluded_authorities = {"cr", "pa"};
  stricter.guard->tlp = identity::Tlp::kRed;
  EXPECT_TRUE(MayContinue(Terms(), stricter, false));
  EXPECT_FALSE(MayContinue(stricter, Terms(), false));
  EXPECT_FALSE(MayContinue(stricter, Terms(), true)) << "not the origin's either";
}

TEST(Succession, WhoseGuardIsStillToCome_IsNotFollowedYet) {
  RoomTerms next = Terms();
  next.guard.reset();
  EXPECT_FALSE(MayContinue(Terms(), next, true));
}

TEST(Succession, OfARoomWhoseGuardNeverArrived_IsFollowedToItsOriginOnly) {
  RoomTerms lost = Terms();
  lost.guard.reset();
  EXPECT_TRUE(MayContinue(lost, Terms(), true));
  EXPECT_FALSE(MayContinue(lost, Terms(), false)) << "another office may have loosened the guard";
}

TEST(Succession, WithOtherTerms_IsNotFollowed) {
  const auto follows = [](auto change) {
    RoomTerms next = Terms();
    change(next.policy);
    return MayContinue(Terms(), next, false);
  };
  EXPECT_FALSE(follows([](room::RoomPolicy& p) { p.kind = room::RoomKind::kIdentity; }));
  EXPECT_FALSE(follows([](room::RoomPolicy& p) { p.networks = {"trafficking"}; }));
  EXPECT_FALSE(follows([](room::RoomPolicy& p) { p.origin_office = "mx.consular"; }));
  EXPECT_FALSE(follows([](room::RoomPolicy& p) { p.participants.pop_back(); }));
  EXPECT_FALSE(
      follows([](room::RoomPolicy& p) { p.participants[0].role = room::OfficeRole::kAction; }));
  EXPECT_FALSE(
      follows([](room::RoomPolicy& p) { p.referral = room::ReferralRule::kActionOffices; }));
}

TEST(Succession, LetsAnOfficeIn_WhereItsFounderMight) {
  RoomTerms grown = Terms();
  grown.policy.participants.push_back({"us.consular", room::OfficeRole::kAction});
  EXPECT_FALSE(MayContinue(Terms(), grown, false));
  EXPECT_TRUE(MayContinue(Terms(), grown, true));
  RoomTerms open = Terms();
  open.policy.referral = grown.policy.referral = room::ReferralRule::kActionOffices;
  EXPECT_TRUE(MayContinue(open, grown, false));
}

}  // namespace
}  // namespace enlace::client
