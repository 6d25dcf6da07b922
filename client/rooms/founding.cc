#include "client/rooms/founding.h"

#include "client/rooms/limits.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_view.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

struct GroupExtensions {
  mls::ExtensionList extensions;
  Bytes policy;
};

absl::StatusOr<GroupExtensions> ExtensionsOf(const room::RoomPolicy& policy,
                                             const room::SaltedGuard& guard) {
  GroupExtensions out;
  ENLACE_ASSIGN_OR_RETURN(out.policy, room::EncodeRoomPolicy(policy));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment, room::CommitToGuard(guard));
  out.extensions.Set(mls::kExtensionRequiredCapabilities, RoomCapabilities().Serialize());
  out.extensions.Set(room::kRoomPolicyExtension, out.policy);
  out.extensions.Set(room::kGuardCommitmentExtension, room::EncodeGuardCommitment(commitment));
  return out;
}

}  // namespace

absl::StatusOr<FoundedRoom> FoundRoom(const RoomContext& context, VaultTransaction& tx,
                                      const FoundingPlan& plan, int64_t now_ms) {
  const room::SaltedGuard guard = room::SaltGuard(plan.guard, context.rng);
  ENLACE_ASSIGN_OR_RETURN(GroupExtensions extensions, ExtensionsOf(plan.policy, guard));
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded_guard, room::EncodeSaltedGuard(guard));

  mls::GroupConfig config;
  config.group_id = ToBytes(NewRequestId(now_ms, context.rng));
  config.extensions = std::move(extensions.extensions);
  ENLACE_ASSIGN_OR_RETURN(mls::Group group, mls::Group::Create(config, context.device.profile,
                                                               context.device.key, context.rng));

  // Epoch 0 is judged at the head under which the room is founded.
  room::CommitContext founding;
  founding.head = context.replica.head();
  founding.charter_version = context.registry().charter()->version;
  const Bytes mark = room::EncodeHeadMark(room::MarkOf(founding));
  mls::ExtensionList info_extensions;
  info_extensions.Set(room::kHeadMarkExtension, mark);
  FoundedRoom founded;
  ENLACE_ASSIGN_OR_RETURN(founded.founding_group_info,
                          group.MakeGroupInfo(/*tree=*/true, info_extensions));

  vault::v1::RoomRecord record;
  record.set_room_id(ToText(config.group_id));
  record.set_case_ref(plan.case_ref);
  record.set_policy(ToText(extensions.policy));
  record.set_guard(ToText(encoded_guard));
  record.set_head_mark(ToText(mark));
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_FOUNDING);
  founded.room = Room::Make(context, std::move(record), std::move(group));
  ENLACE_RETURN_IF_ERROR(founded.room->Save(tx, /*new_epoch=*/false));

  CommitIntent intent;
  intent.adds = plan.members;
  intent.messages = plan.messages;
  ENLACE_ASSIGN_OR_RETURN(founded.first_commit, founded.room->PrepareCommit(tx, intent));
  return founded;
}

}  // namespace enlace::client
