#include "crypto/room/room_rules.h"

#include <algorithm>
#include <set>

#include "crypto/primitives/status.h"
#include "crypto/room/participation.h"

namespace enlace::room {
namespace {

using identity::DeviceRecord;
using identity::DeviceState;
using identity::LogMoment;
using identity::Registry;

absl::Status Exhausted(std::string_view what) {
  return MakeStatus(absl::StatusCode::kResourceExhausted, what);
}

LogMoment MomentOf(const CommitContext& context) {
  return {context.head.head.size, context.head.timestamp_ms};
}

// The head is one that our log had, signed by its server, with the charter in force there.
absl::Status CheckContextHead(const CommitContext& context, const Registry& registry) {
  if (context.head.head.size > registry.size()) {
    return MakeStatus(absl::StatusCode::kOutOfRange, "the named registry head is ahead of ours");
  }
  ENLACE_RETURN_IF_ERROR(registry.CheckHead(context.head));
  const identity::Charter* charter = registry.CharterAt(context.head.head.size);
  if (charter == nullptr || charter->version != context.charter_version) {
    return InvalidArgument("the named charter is not the one in force at the named head");
  }
  return absl::OkStatus();
}

absl::Status CheckNotBack(const HeadMark& before, const CommitContext& context) {
  const bool back = context.head.head.size < before.head.size ||
                    context.head.timestamp_ms < before.timestamp_ms ||
                    context.charter_version < before.charter_version;
  return back ? FailedPrecondition("heads never go back in a room") : absl::OkStatus();
}

const RoomMember* FindMember(const RoomState& room, uint32_t leaf) {
  const auto found = std::find_if(room.members.begin(), room.members.end(),
                                  [leaf](const RoomMember& member) { return member.leaf == leaf; });
  return found == room.members.end() ? nullptr : &*found;
}

bool IsActive(const merkle::Hash& certificate, const Registry& registry, const LogMoment& moment) {
  return registry.CertificateStateAt(certificate, moment) == DeviceState::kActive;
}

// The device behind a certificate that is active at the moment; null otherwise.
const DeviceRecord* ActiveDevice(const merkle::Hash& certificate, const Registry& registry,
                                 const LogMoment& moment) {
  return IsActive(certificate, registry, moment) ? registry.FindDeviceByMls(certificate) : nullptr;
}

bool InOrigin(const RoomPolicy& policy, const DeviceRecord& device, const Registry& registry,
              const LogMoment& moment) {
  return registry.BelongsTo(device, policy.origin_office, moment.size);
}

// What stays the same in a room for ever.
bool SameRoom(const RoomPolicy& before, const RoomPolicy& after) {
  return before.kind == after.kind && before.origin_office == after.origin_office &&
         before.main_room == after.main_room && before.predecessor == after.predecessor;
}

// A referral: nothing but further offices.
bool OnlyAddsOffices(const RoomPolicy& before, const RoomPolicy& after) {
  if (before.referral != after.referral) return false;
  return std::all_of(before.participants.begin(), before.participants.end(),
                     [&](const Participant& participant) {
                       const Participant* still = after.FindParticipant(participant.office_id);
                       return still != nullptr && still->role == participant.role;
                     }) &&
         std::includes(after.networks.begin(), after.networks.end(), before.networks.begin(),
                       before.networks.end());
}

absl::Status CheckPolicyChange(const RoomState& before, const CommitSummary& commit,
                               const DeviceRecord& committer, const Registry& registry) {
  const LogMoment moment = MomentOf(commit.context);
  const bool origin = InOrigin(before.policy, committer, registry, moment);
  if (commit.new_guard_commitment && !origin)
    return PermissionDenied("only the origin changes the guard");
  if (!commit.new_policy) return absl::OkStatus();
  const RoomPolicy& after = *commit.new_policy;
  ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(after));
  if (!SameRoom(before.policy, after))
    return PermissionDenied("a room's kind, origin and descent never change");
  const bool may_refer =
      before.policy.referral == ReferralRule::kActionOffices &&
      RoleInRoom(before.policy, committer, registry, moment) == OfficeRole::kAction &&
      OnlyAddsOffices(before.policy, after);
  if (!origin && !may_refer) return PermissionDenied("only the origin changes the policy");
  for (const Participant& participant : after.participants) {
    if (before.policy.FindParticipant(participant.office_id) != nullptr) continue;
    ENLACE_RETURN_IF_ERROR(CheckOffice(after, participant, registry, moment.size));
  }
  return absl::OkStatus();
}

absl::Status CheckAdds(const RoomState& before, const RoomPolicy& policy,
                       const CommitSummary& commit, const Registry& registry) {
  if (commit.added.size() > kCommitAddsMax) return Exhausted("too many devices are added at once");
  if (before.members.size() + commit.added.size() + (commit.external ? 1 : 0) >
      kRoomDevicesMax + commit.removed.size()) {
    return Exhausted("the room would hold too many devices");
  }
  const LogMoment moment = MomentOf(commit.context);
  std::set<const DeviceRecord*> present;
  for (const RoomMember& member : before.members) {
    const bool goes = std::find(commit.removed.begin(), commit.removed.end(), member.leaf) !=
                      commit.removed.end();
    if (!goes) present.insert(registry.FindDeviceByMls(member.certificate));
  }
  for (const merkle::Hash& certificate : commit.added) {
    const DeviceRecord* device = ActiveDevice(certificate, registry, moment);
    if (device == nullptr)
      return PermissionDenied("a device that is added is not active at the named head");
    if (!RoleInRoom(policy, *device, registry, moment))
      return PermissionDenied("a device that is added has no part in the room");
    if (!present.insert(device).second) return PermissionDenied("a device stands in a room once");
  }
  return absl::OkStatus();
}

// What can be judged of a removal's reason by everybody.
absl::Status CheckRemoval(const RoomState& before, const RoomPolicy& policy,
                          const CommitSummary& commit, const RemovedLeaf& removed,
                          const Registry& registry) {
  const RoomMember* member = FindMember(before, removed.leaf);
  if (member == nullptr) return InvalidArgument("a removed leaf holds no member");
  if (!commit.external && removed.leaf == commit.committer.leaf)
    return PermissionDenied("nobody removes itself");
  const LogMoment moment = MomentOf(commit.context);
  const DeviceRecord* device = ActiveDevice(member->certificate, registry, moment);
  bool holds = true;
  switch (removed.reason) {
    case RemovalReason::kInactive:
      holds = device == nullptr;
      break;
    case RemovalReason::kMoved:
      holds = device != nullptr && !RoleInRoom(before.policy, *device, registry, moment);
      break;
    case RemovalReason::kReplaced:
      holds = commit.external && registry.FindDeviceByMls(member->certificate) ==
                                     registry.FindDeviceByMls(commit.committer.certificate);
      break;
    case RemovalReason::kOfficeLeft:
      holds = commit.new_policy.has_value() &&
              (device == nullptr || !RoleInRoom(policy, *device, registry, moment));
      break;
    case RemovalReason::kGuardExcluded:
    case RemovalReason::kLapsed:
      // Known to members or to the server only; the commit says who did it, for everybody to see.
      holds = !commit.external;
      break;
  }
  return holds ? absl::OkStatus()
               : PermissionDenied("a leaf is removed for a reason that does not hold");
}

absl::Status CheckRemovals(const RoomState& before, const RoomPolicy& policy,
                           const CommitSummary& commit, const Registry& registry) {
  std::vector<uint32_t> removed = commit.removed;
  std::sort(removed.begin(), removed.end());
  const std::vector<RemovedLeaf>& stated = commit.context.removed;
  const bool same =
      std::equal(removed.begin(), removed.end(), stated.begin(), stated.end(),
                 [](uint32_t leaf, const RemovedLeaf& one) { return leaf == one.leaf; });
  if (!same) return InvalidArgument("a commit removes other leaves than it says");
  for (const RemovedLeaf& one : stated)
    ENLACE_RETURN_IF_ERROR(CheckRemoval(before, policy, commit, one, registry));
  return absl::OkStatus();
}

absl::Status CheckCommitter(const RoomState& before, const CommitSummary& commit,
                            const DeviceRecord& device, const Registry& registry) {
  const LogMoment moment = MomentOf(commit.context);
  if (commit.external) {
    if (!commit.added.empty() || commit.new_policy || commit.new_guard_commitment) {
      return PermissionDenied("an external commit only enters");
    }
    return MayEnter(before.policy, device, registry, moment)
               ? absl::OkStatus()
               : PermissionDenied("the device that enters has no part in the room");
  }
  if (!RoleInRoom(before.policy, device, registry, moment)) {
    return PermissionDenied("the committer has no part in the room any more");
  }
  if (!commit.new_certificate) return absl::OkStatus();
  if (registry.FindDeviceByMls(*commit.new_certificate) != &device ||
      !IsActive(*commit.new_certificate, registry, moment)) {
    return PermissionDenied("the committer's new certificate is not its own");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCommit(const RoomState& before, const CommitSummary& commit,
                         const Registry& registry) {
  ENLACE_RETURN_IF_ERROR(CheckContextHead(commit.context, registry));
  ENLACE_RETURN_IF_ERROR(CheckNotBack(before.mark, commit.context));
  if (commit.other_changes) return PermissionDenied("a change that rooms do not know");
  const LogMoment moment = MomentOf(commit.context);
  const DeviceRecord* committer = ActiveDevice(commit.committer.certificate, registry, moment);
  if (committer == nullptr)
    return PermissionDenied("the committer is not active at the named head");
  ENLACE_RETURN_IF_ERROR(CheckCommitter(before, commit, *committer, registry));
  ENLACE_RETURN_IF_ERROR(CheckPolicyChange(before, commit, *committer, registry));
  const RoomPolicy& policy = commit.new_policy ? *commit.new_policy : before.policy;
  ENLACE_RETURN_IF_ERROR(CheckAdds(before, policy, commit, registry));
  return CheckRemovals(before, policy, commit, registry);
}

HeadMark MarkAfter(const CommitSummary& commit) { return MarkOf(commit.context); }

absl::Status CheckNewRoom(const RoomPolicy& policy, const merkle::Hash& creator_certificate,
                          const CommitContext& context, const Registry& registry) {
  ENLACE_RETURN_IF_ERROR(CheckContextHead(context, registry));
  ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(policy));
  const LogMoment moment = MomentOf(context);
  const DeviceRecord* creator = ActiveDevice(creator_certificate, registry, moment);
  if (creator == nullptr) return PermissionDenied("the creator is not active at the named head");
  // A successor may be opened by any ACTION office of the case when the origin is silent.
  const bool continues = !policy.predecessor.room_id.empty();
  const bool may_found =
      InOrigin(policy, *creator, registry, moment) ||
      (continues && RoleInRoom(policy, *creator, registry, moment) == OfficeRole::kAction);
  if (!may_found) return PermissionDenied("the creator is not of the origin office");
  return CheckOffices(policy, registry, moment.size);
}

namespace {

// The strictest label that the member's standing may see is laxer than the room's.
bool ExceedsStanding(const RoomGuard& guard, const DeviceRecord& device, const Registry& registry,
                     uint64_t size) {
  const identity::StandingPermissions* may = PermissionsAt(registry, device.uri.authority(), size);
  return may == nullptr || guard.tlp > may->highest_tlp;
}

}  // namespace

std::vector<FreezeReason> FreezeReasons(const RoomState& room, const Registry& registry,
                                        int64_t judged_at_ms, const RoomGuard* guard) {
  const LogMoment now = registry.Now(judged_at_ms);
  std::vector<FreezeReason> reasons;
  for (const RoomMember& member : room.members) {
    const DeviceRecord* device = ActiveDevice(member.certificate, registry, now);
    if (device == nullptr) {
      reasons.push_back({member, RemovalReason::kInactive});
    } else if (guard != nullptr && (guard->Excludes(device->uri.authority()) ||
                                    ExceedsStanding(*guard, *device, registry, now.size))) {
      reasons.push_back({member, RemovalReason::kGuardExcluded});
    } else if (!RoleInRoom(room.policy, *device, registry, now)) {
      reasons.push_back({member, RemovalReason::kMoved});
    }
  }
  return reasons;
}

}  // namespace enlace::room
