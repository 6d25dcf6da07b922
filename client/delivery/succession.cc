#include "client/delivery/succession.h"

#include <algorithm>

namespace enlace::client {
namespace {

bool KeepsPolicy(const room::RoomPolicy& before, const room::RoomPolicy& after,
                 bool founded_by_origin) {
  const bool same_kind = before.kind == after.kind && before.networks == after.networks &&
                         before.origin_office == after.origin_office &&
                         before.referral == after.referral;
  const bool all_stay = std::all_of(
      before.participants.begin(), before.participants.end(), [&](const room::Participant& one) {
        const room::Participant* now = after.FindParticipant(one.office_id);
        return now != nullptr && *now == one;
      });
  const bool may_grow = before.referral == room::ReferralRule::kActionOffices ||
                        after.participants.size() == before.participants.size() ||
                        founded_by_origin;
  return same_kind && all_stay && may_grow;
}

}  // namespace

bool MayContinue(const RoomTerms& lost, const RoomTerms& next, bool founded_by_origin) {
  if (!KeepsPolicy(lost.policy, next.policy, founded_by_origin)) return false;
  if (!lost.guard) return founded_by_origin;
  return next.guard && room::IsTightened(*lost.guard, *next.guard);
}

}  // namespace enlace::client
