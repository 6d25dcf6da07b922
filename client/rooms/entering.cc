#include "client/rooms/entering.h"

#include "client/enrolment/device_store.h"
#include "client/enrolment/key_packages.h"
#include "client/rooms/registry_credentials.h"
#include "client/rooms/room_store.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_view.h"
#include "enlace/vault/v1/vault.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// The key package of ours that one of the Welcome's secrets is for.
absl::StatusOr<mls::KeyPackageBundle> FindKeyPackage(const Vault& vault, BytesView welcome) {
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage message, mls::MlsMessage::Parse(welcome));
  const auto* parsed = std::get_if<mls::Welcome>(&message.body);
  if (parsed == nullptr) return InvalidArgument("not a Welcome");
  for (const mls::EncryptedGroupSecrets& secrets : parsed->secrets) {
    absl::StatusOr<mls::KeyPackageBundle> found = LoadKeyPackage(vault, secrets.new_member);
    if (!absl::IsNotFound(found.status())) return found;
  }
  return NotFound("the Welcome is for none of this device's key packages");
}

// The record of a room that this device enters, from its group and the extensions of the GroupInfo.
absl::StatusOr<vault::v1::RoomRecord> RecordOf(const mls::GroupContext& group,
                                               const mls::ExtensionList& info) {
  const std::optional<BytesView> policy = group.extensions.Find(room::kRoomPolicyExtension);
  const std::optional<BytesView> commitment =
      group.extensions.Find(room::kGuardCommitmentExtension);
  const std::optional<BytesView> mark = info.Find(room::kHeadMarkExtension);
  if (!policy || !commitment || !mark)
    return InvalidArgument("a group without a room's extensions");
  ENLACE_RETURN_IF_ERROR(room::DecodeRoomPolicy(*policy).status());
  ENLACE_RETURN_IF_ERROR(room::DecodeHeadMark(*mark).status());
  vault::v1::RoomRecord record;
  record.set_room_id(ToText(group.group_id));
  record.set_policy(ToText(*policy));
  record.set_head_mark(ToText(*mark));
  const std::optional<BytesView> guard = info.Find(room::kRoomGuardExtension);
  if (!guard) return record;
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash wanted, room::DecodeGuardCommitment(*commitment));
  const absl::StatusOr<room::SaltedGuard> salted = room::DecodeSaltedGuard(*guard);
  if (!salted.ok()) return record;
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash have, room::CommitToGuard(*salted));
  // A guard that does not match leaves the room readable, and nothing is sent into it.
  if (have == wanted) record.set_guard(ToText(*guard));
  return record;
}

// Every member must be a device that the registry knows. One that has to go since is no hindrance:
// the room is frozen then. OUT_OF_RANGE when the room's head is ahead of ours: fetch the log and
// ask again.
absl::Status CheckRoster(const room::RoomState& room, const identity::Registry& registry) {
  if (room.mark.head.size > registry.size()) {
    return MakeStatus(absl::StatusCode::kOutOfRange, "the room's registry head is ahead of ours");
  }
  ENLACE_RETURN_IF_ERROR(registry.CheckHeadRef(room.mark.head));
  for (const room::RoomMember& member : room.members) {
    if (registry.FindCertificates(member.certificate) == nullptr) {
      return PermissionDenied("a member's certificate is not logged");
    }
  }
  return absl::OkStatus();
}

std::optional<mls::LeafIndex> OldLeafOf(const RoomContext& context, const mls::PublicGroup& group) {
  const RegistryCredentials credentials(context.registry());
  std::optional<mls::LeafIndex> found;
  group.ForEachMember([&](mls::LeafIndex leaf, const mls::LeafNode& node) {
    const identity::DeviceRecord* device = credentials.DeviceOf(node);
    if (device != nullptr && device->uri == context.device.uri) found = leaf;
    return !found;
  });
  return found;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Room>> EnterByWelcome(const RoomContext& context,
                                                     VaultTransaction& tx,
                                                     const WelcomeToEnter& input) {
  ENLACE_ASSIGN_OR_RETURN(mls::KeyPackageBundle own, FindKeyPackage(context.vault, input.welcome));
  ENLACE_ASSIGN_OR_RETURN(const room::LogHeader header, room::DecodeLogHeader(input.commit_header));
  const RegistryCredentials credentials(context.registry());
  mls::ValidationRules rules;
  rules.credentials = &credentials;
  rules.verified = context.signatures;
  mls::WelcomeInput welcome;
  welcome.welcome = input.welcome;
  welcome.own = &own;
  welcome.key = &context.device.key;
  welcome.tree = input.tree;
  welcome.already_joined = [&context](BytesView room_id) {
    const auto known = RoomStore(context.vault).Load(room_id);
    // What can't be read is taken for a room of this device: its state is not replaced.
    return !known.ok() ||
           (known->has_value() && (*known)->membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER);
  };
  ENLACE_ASSIGN_OR_RETURN(mls::JoinedGroup joined, mls::Group::JoinWelcome(welcome, rules));
  if (!EqualBytes(joined.group.context().group_id, header.room_id))
    return InvalidArgument("a Welcome into another room");
  ENLACE_ASSIGN_OR_RETURN(vault::v1::RoomRecord record,
                          RecordOf(joined.group.context(), joined.group_info_extensions));
  ENLACE_ASSIGN_OR_RETURN(const room::HeadMark mark,
                          room::DecodeHeadMark(AsBytes(record.head_mark())));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState entered,
                          room::ViewGroup(joined.group.public_group(), mark));
  ENLACE_RETURN_IF_ERROR(CheckRoster(entered, context.registry()));

  record.set_sequence(header.sequence);
  record.set_last_header(ToText(input.commit_header));
  record.set_room_head(ToText(room::LogHeaderHash(header)));
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_MEMBER);
  // The last-resort one may be needed again; any other is spent.
  if (!own.key_package.last_resort()) {
    ENLACE_RETURN_IF_ERROR(tx.Delete(kKeyPackageTable, own.key_package.Ref()));
  }
  std::unique_ptr<Room> room = Room::Make(context, std::move(record), std::move(joined.group));
  ENLACE_RETURN_IF_ERROR(room->Save(tx, /*new_epoch=*/false));
  return room;
}

absl::StatusOr<ExternalEntry> EnterByExternalCommit(const RoomContext& context,
                                                    VaultTransaction& tx, BytesView group_info,
                                                    BytesView tree) {
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage message, mls::MlsMessage::Parse(group_info));
  const auto* info = std::get_if<mls::GroupInfo>(&message.body);
  if (info == nullptr) return InvalidArgument("not a GroupInfo");
  const RegistryCredentials credentials(context.registry());
  mls::ValidationRules structural;
  structural.credentials = &credentials;
  structural.verified = context.signatures;
  ENLACE_ASSIGN_OR_RETURN(const mls::PublicGroup before,
                          mls::PublicGroup::FromGroupInfo(*info, tree, structural));
  ENLACE_ASSIGN_OR_RETURN(vault::v1::RoomRecord record,
                          RecordOf(before.context(), info->extensions));
  ENLACE_ASSIGN_OR_RETURN(const room::HeadMark mark,
                          room::DecodeHeadMark(AsBytes(record.head_mark())));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, room::ViewGroup(before, mark));
  ENLACE_RETURN_IF_ERROR(CheckRoster(state, context.registry()));

  mls::ExternalJoinInput join;
  join.group_info = group_info;
  join.tree = tree;
  join.profile = context.device.profile;
  join.key = &context.device.key;
  join.resync_leaf = OldLeafOf(context, before);
  room::CommitContext commit_context;
  commit_context.head = context.replica.head();
  commit_context.charter_version = context.registry().charter()->version;
  if (join.resync_leaf) {
    commit_context.removed.push_back(
        {static_cast<uint32_t>(*join.resync_leaf), room::RemovalReason::kReplaced});
  }
  join.authenticated_data = room::EncodeCommitContext(commit_context);
  join.want_group_info = true;
  const Bytes next_mark = room::EncodeHeadMark(room::MarkOf(commit_context));
  join.group_info_extensions.Set(room::kHeadMarkExtension, next_mark);
  ENLACE_ASSIGN_OR_RETURN(
      mls::ExternalJoin joined,
      mls::Group::JoinExternal(join, RulesFor(context, credentials, state), context.rng));

  record.clear_guard();
  record.set_pending_policy(record.policy());
  record.set_pending_head_mark(ToText(next_mark));
  record.set_pending_commit_hash(ToText(merkle::Sha256(joined.commit)));
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_ENTERING);
  ExternalEntry entry;
  entry.commit = std::move(joined.commit);
  entry.group_info = std::move(joined.group_info).value_or(Bytes());
  entry.next_epoch = before.epoch() + 1;
  entry.room = Room::Make(context, std::move(record), std::move(joined.group));
  ENLACE_RETURN_IF_ERROR(entry.room->Save(tx, /*new_epoch=*/false));
  return entry;
}

}  // namespace enlace::client
