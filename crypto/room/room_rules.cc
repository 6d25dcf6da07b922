#include "crypto/room/room_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/primitives/status.h"
#include "crypto/room/participation.h"

namespace enlace::room {
namespace {

using identity::DeviceRecord;
using identity::DeviceState;
using identity::LogMoment;
using identity::Registry;

absl::Status Require(bool condition, std::string_view message) {
  return condition ? absl::OkStatus() : PermissionDenied(message);
}

// The named head is one of our log, and the charter is the one in force there.
absl::Status CheckNamedHead(const CommitContext& context, const Registry& registry) {
  ENLACE_RETURN_IF_ERROR(registry.CheckHead(context.head));
  const identity::Charter* charter = registry.CharterAt(context.head.head.size);
  if (charter == nullptr || charter->version != context.charter_version) {
    return InvalidArgument("the commit names a charter that is not in force at its head");
  }
  return absl::OkStatus();
}

// One commit in one room; each rule is a method, and all of them judge at the same moment.
class CommitJudge {
 public:
  CommitJudge(const RoomState& before, const CommitSummary& commit, const Registry& registry)
      : before_(before),
        commit_(commit),
        registry_(registry),
        after_(commit.new_policy.has_value() ? *commit.new_policy : before.policy),
        moment_{commit.context.head.head.size, commit.context.head.timestamp_ms} {}

  absl::Status Judge() {
    ENLACE_RETURN_IF_ERROR(CheckNamedHead(commit_.context, registry_));
    ENLACE_RETURN_IF_ERROR(HeadsNeverGoBack());
    ENLACE_RETURN_IF_ERROR(Require(!commit_.other_changes,
                                   "the commit has a proposal or change that rooms don't use"));
    ENLACE_RETURN_IF_ERROR(CommitterMayCommit());
    ENLACE_RETURN_IF_ERROR(commit_.external ? ExternalCommitOnlyEnters()
                                            : PolicyChangesAreAllowed());
    ENLACE_RETURN_IF_ERROR(RemovedLeavesAreNamed());
    for (const RemovedLeaf& removed : commit_.context.removed)
      ENLACE_RETURN_IF_ERROR(RemovalIsAllowed(removed));
    ENLACE_RETURN_IF_ERROR(AddedDevicesMayEnter());
    ENLACE_RETURN_IF_ERROR(NobodyStandsTwice());
    return DroppedOfficesLeave();
  }

 private:
  absl::Status HeadsNeverGoBack() const {
    const HeadMark& last = before_.mark;
    const HeadMark next = MarkOf(commit_.context);
    if (next.head.size < last.head.size || next.timestamp_ms < last.timestamp_ms ||
        next.charter_version < last.charter_version) {
      return FailedPrecondition("the commit names a head or charter older than the room's last");
    }
    return absl::OkStatus();
  }

  const RoomMember* MemberAt(uint32_t leaf) const {
    const auto found =
        std::find_if(before_.members.begin(), before_.members.end(),
                     [leaf](const RoomMember& member) { return member.leaf == leaf; });
    return found == before_.members.end() ? nullptr : &*found;
  }

  DeviceState StateOf(const merkle::Hash& certificate) const {
    return registry_.CertificateStateAt(certificate, moment_);
  }

  bool HasPart(const RoomPolicy& policy, const DeviceRecord* device) const {
    return device != nullptr && RoleInRoom(policy, *device, registry_, moment_).has_value();
  }

  absl::Status CommitterMayCommit() const {
    const DeviceRecord* device = registry_.FindDeviceByMls(commit_.committer.certificate);
    ENLACE_RETURN_IF_ERROR(
        Require(device != nullptr, "the committer's certificate is not in the registry"));
    ENLACE_RETURN_IF_ERROR(CommitterIsActive(*device));
    return Require(HasPart(before_.policy, device),
                   "the committer's office takes no part in the room");
  }

  absl::Status CommitterIsActive(const DeviceRecord& device) const {
    const DeviceState state = StateOf(commit_.committer.certificate);
    if (commit_.external)
      return Require(state == DeviceState::kActive, "the entering device is not active");
    const RoomMember* member = MemberAt(commit_.committer.leaf);
    if (member == nullptr || member->certificate != commit_.committer.certificate) {
      return InvalidArgument("the committer is not the member at its leaf");
    }
    if (!commit_.new_certificate.has_value() ||
        *commit_.new_certificate == commit_.committer.certificate) {
      return Require(state == DeviceState::kActive, "the committer is not active");
    }
    // A device may bring its renewed certificate after the old one's time, but not after anything
    // worse.
    ENLACE_RETURN_IF_ERROR(Require(state == DeviceState::kActive || state == DeviceState::kExpired,
                                   "the committer is not active"));
    ENLACE_RETURN_IF_ERROR(Require(registry_.FindDeviceByMls(*commit_.new_certificate) == &device,
                                   "the committer's new certificate is another device's"));
    return Require(StateOf(*commit_.new_certificate) == DeviceState::kActive,
                   "the committer's new certificate is not active");
  }

  absl::Status ExternalCommitOnlyEnters() const {
    return Require(commit_.added.empty() && !commit_.new_policy.has_value() &&
                       !commit_.new_guard_commitment.has_value() && commit_.removed.size() <= 1,
                   "an entering device does nothing but enter");
  }

  absl::Status PolicyChangesAreAllowed() const {
    const DeviceRecord& device = *registry_.FindDeviceByMls(commit_.committer.certificate);
    const bool is_origin = registry_.BelongsTo(device, before_.policy.origin_office, moment_.size);
    ENLACE_RETURN_IF_ERROR(Require(is_origin || !commit_.new_guard_commitment.has_value(),
                                   "only the origin changes the guard"));
    if (!commit_.new_policy.has_value()) return absl::OkStatus();
    ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(after_));
    const RoomPolicy& old = before_.policy;
    ENLACE_RETURN_IF_ERROR(Require(after_.kind == old.kind && after_.networks == old.networks &&
                                       after_.origin_office == old.origin_office &&
                                       after_.main_room == old.main_room &&
                                       after_.predecessor == old.predecessor,
                                   "kind, networks, origin and links of a room never change"));
    if (!is_origin) ENLACE_RETURN_IF_ERROR(OnlyRefers(device));
    return NewParticipantsAreAllowed();
  }

  // What a device that is not the origin's may change: an ACTION office brings offices in, where
  // the policy allows it.
  absl::Status OnlyRefers(const DeviceRecord& device) const {
    const RoomPolicy& old = before_.policy;
    const bool may_refer = old.referral == ReferralRule::kActionOffices &&
                           RoleInRoom(old, device, registry_, moment_) == OfficeRole::kAction;
    ENLACE_RETURN_IF_ERROR(Require(may_refer, "only the origin changes the policy"));
    const auto stays = [this](const Participant& participant) {
      const Participant* now = after_.FindParticipant(participant.office_id);
      return now != nullptr && *now == participant;
    };
    return Require(after_.referral == old.referral &&
                       std::all_of(old.participants.begin(), old.participants.end(), stays),
                   "a referral only adds offices");
  }

  absl::Status NewParticipantsAreAllowed() const {
    for (const Participant& participant : after_.participants) {
      const Participant* old = before_.policy.FindParticipant(participant.office_id);
      if (old != nullptr && *old == participant) continue;
      ENLACE_RETURN_IF_ERROR(CheckOffice(after_, participant, registry_, moment_.size));
    }
    return absl::OkStatus();
  }

  absl::Status RemovedLeavesAreNamed() const {
    std::vector<uint32_t> named;
    for (const RemovedLeaf& removed : commit_.context.removed) named.push_back(removed.leaf);
    std::vector<uint32_t> removed = commit_.removed;
    std::sort(removed.begin(), removed.end());
    return named == removed ? absl::OkStatus()
                            : InvalidArgument("the commit does not say whom it removes and why");
  }

  absl::Status RemovalIsAllowed(const RemovedLeaf& removed) const {
    const RoomMember* member = MemberAt(removed.leaf);
    if (member == nullptr) return InvalidArgument("the commit removes a leaf that has no member");
    if (commit_.external != (removed.reason == RemovalReason::kReplaced)) {
      return PermissionDenied("an entering device, and only it, replaces its own old leaf");
    }
    const DeviceRecord* device = registry_.FindDeviceByMls(member->certificate);
    switch (removed.reason) {
      case RemovalReason::kInactive:
        return Require(StateOf(member->certificate) != DeviceState::kActive,
                       "the removed device is active");
      case RemovalReason::kMoved:
        return Require(!HasPart(before_.policy, device), "the removed device's office takes part");
      case RemovalReason::kOfficeLeft:
        return Require(commit_.new_policy.has_value() && !HasPart(after_, device),
                       "the removed device's office stays");
      case RemovalReason::kReplaced:
        return Require(
            device != nullptr && device == registry_.FindDeviceByMls(commit_.committer.certificate),
            "the replaced leaf is another device's");
      case RemovalReason::kGuardExcluded: {
        // What the guard says only members know; that it never excludes its own author, everybody
        // knows.
        const auto origin = identity::AuthorityOfOffice(before_.policy.origin_office);
        return Require(device == nullptr || device->uri.authority() != origin,
                       "the guard can't exclude the origin's authority");
      }
      case RemovalReason::kLapsed:
        // Only the server knows; the device enters again by itself.
        return absl::OkStatus();
    }
    return InvalidArgument("unknown reason of a removal");
  }

  absl::Status AddedDevicesMayEnter() const {
    if (commit_.added.size() > kCommitAddsMax) {
      return MakeStatus(absl::StatusCode::kResourceExhausted, "a commit adds at most 200 devices");
    }
    for (const merkle::Hash& certificate : commit_.added) {
      ENLACE_RETURN_IF_ERROR(
          Require(StateOf(certificate) == DeviceState::kActive, "an added device is not active"));
      ENLACE_RETURN_IF_ERROR(Require(HasPart(after_, registry_.FindDeviceByMls(certificate)),
                                     "an added device's office takes no part in the room"));
    }
    return absl::OkStatus();
  }

  bool IsRemoved(const RoomMember& member) const {
    return std::find(commit_.removed.begin(), commit_.removed.end(), member.leaf) !=
           commit_.removed.end();
  }

  absl::Status NobodyStandsTwice() const {
    std::vector<merkle::Hash> certificates;
    for (const RoomMember& member : before_.members) {
      if (!IsRemoved(member)) certificates.push_back(member.certificate);
    }
    certificates.insert(certificates.end(), commit_.added.begin(), commit_.added.end());
    if (commit_.external) certificates.push_back(commit_.committer.certificate);
    if (certificates.size() > kRoomDevicesMax) {
      return MakeStatus(absl::StatusCode::kResourceExhausted, "a room has at most 2,000 devices");
    }
    std::set<const DeviceRecord*> standing;
    const bool once =
        std::all_of(certificates.begin(), certificates.end(), [&](const merkle::Hash& certificate) {
          const DeviceRecord* device = registry_.FindDeviceByMls(certificate);
          return device == nullptr || standing.insert(device).second;
        });
    return Require(once, "a device stands in a room once");
  }

  absl::Status DroppedOfficesLeave() const {
    if (!commit_.new_policy.has_value()) return absl::OkStatus();
    for (const RoomMember& member : before_.members) {
      const DeviceRecord* device = registry_.FindDeviceByMls(member.certificate);
      const bool dropped = HasPart(before_.policy, device) && !HasPart(after_, device);
      ENLACE_RETURN_IF_ERROR(
          Require(!dropped || IsRemoved(member), "devices of an office that leaves have to leave"));
    }
    return absl::OkStatus();
  }

  const RoomState& before_;
  const CommitSummary& commit_;
  const Registry& registry_;
  const RoomPolicy& after_;
  LogMoment moment_;
};

bool GuardExcludes(const RoomGuard& guard, const DeviceRecord& device, const Registry& registry,
                   uint64_t size) {
  const identity::StandingPermissions* may = PermissionsAt(registry, device.uri.authority(), size);
  return guard.Excludes(device.uri.authority()) || may == nullptr || guard.tlp > may->highest_tlp;
}

std::optional<RemovalReason> ReasonToGo(const RoomMember& member, const RoomPolicy& policy,
                                        const Registry& registry, const LogMoment& moment) {
  const DeviceState state = registry.CertificateStateAt(member.certificate, moment);
  if (state == DeviceState::kUnassigned) return RemovalReason::kMoved;
  if (state != DeviceState::kActive) return RemovalReason::kInactive;
  const DeviceRecord& device = *registry.FindDeviceByMls(member.certificate);
  if (RoleInRoom(policy, device, registry, moment).has_value()) return std::nullopt;
  return RemovalReason::kMoved;
}

}  // namespace

absl::Status CheckCommit(const RoomState& before, const CommitSummary& commit,
                         const Registry& registry) {
  return CommitJudge(before, commit, registry).Judge();
}

HeadMark MarkAfter(const CommitSummary& commit) { return MarkOf(commit.context); }

absl::Status CheckNewRoom(const RoomPolicy& policy, const merkle::Hash& creator_certificate,
                          const CommitContext& context, const Registry& registry) {
  ENLACE_RETURN_IF_ERROR(CheckNamedHead(context, registry));
  ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(policy));
  const LogMoment moment{context.head.head.size, context.head.timestamp_ms};
  const DeviceRecord* creator = registry.FindDeviceByMls(creator_certificate);
  const bool is_active =
      registry.CertificateStateAt(creator_certificate, moment) == DeviceState::kActive;
  ENLACE_RETURN_IF_ERROR(Require(is_active && creator != nullptr, "the creator is not active"));
  const std::optional<OfficeRole> role = RoleInRoom(policy, *creator, registry, moment);
  const bool is_origin =
      role.has_value() && registry.BelongsTo(*creator, policy.origin_office, moment.size);
  // A silent origin must not keep a case closed: any ACTION office may open its successor.
  const bool succeeds = !policy.predecessor.room_id.empty() && role == OfficeRole::kAction;
  ENLACE_RETURN_IF_ERROR(Require(is_origin || succeeds,
                                 "only the origin opens a room, or an ACTION office a successor"));
  return CheckOffices(policy, registry, moment.size);
}

std::vector<FreezeReason> FreezeReasons(const RoomState& room, const Registry& registry,
                                        int64_t judged_at_ms, const RoomGuard* guard) {
  const LogMoment moment = registry.Now(judged_at_ms);
  std::vector<FreezeReason> reasons;
  for (const RoomMember& member : room.members) {
    std::optional<RemovalReason> reason = ReasonToGo(member, room.policy, registry, moment);
    const bool judged_by_guard = !reason.has_value() && guard != nullptr;
    if (judged_by_guard && GuardExcludes(*guard, *registry.FindDeviceByMls(member.certificate),
                                         registry, moment.size)) {
      reason = RemovalReason::kGuardExcluded;
    }
    if (reason.has_value()) reasons.push_back({member, *reason});
  }
  return reasons;
}

}  // namespace enlace::room
