#include "client/rooms/room.h"

#include <algorithm>

#include "client/rooms/limits.h"
#include "client/rooms/registry_credentials.h"
#include "crypto/mls/padding.h"
#include "crypto/primitives/status.h"
#include "crypto/room/packed_content.h"
#include "crypto/room/room_view.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

void SetText(std::string* field, BytesView bytes) { field->assign(AsText(bytes)); }

}  // namespace

mls::ValidationRules RulesFor(const RoomContext& context,
                              const mls::CredentialValidator& credentials,
                              const room::RoomState& state) {
  mls::ValidationRules rules;
  rules.credentials = &credentials;
  rules.verified = context.signatures;
  rules.policy = [&context, &state](const mls::CommitSummary& commit,
                                    const mls::PublicGroup& before) -> absl::Status {
    ENLACE_ASSIGN_OR_RETURN(const room::CommitSummary summary, room::ViewCommit(commit, before));
    return room::CheckCommit(state, summary, context.registry());
  };
  return rules;
}

Room::Room(const RoomContext& context, vault::v1::RoomRecord record,
           std::optional<mls::Group> group)
    : context_(context),
      store_(context.vault),
      record_(std::move(record)),
      group_(std::move(group)) {}

std::unique_ptr<Room> Room::Make(const RoomContext& context, vault::v1::RoomRecord record,
                                 std::optional<mls::Group> group) {
  return std::unique_ptr<Room>(new Room(context, std::move(record), std::move(group)));
}

absl::StatusOr<std::unique_ptr<Room>> Room::Load(const RoomContext& context, BytesView room_id) {
  const RoomStore store(context.vault);
  ENLACE_ASSIGN_OR_RETURN(std::optional<vault::v1::RoomRecord> record, store.Load(room_id));
  if (!record) return MakeError(Reason::kRoomUnknown);
  std::optional<mls::Group> group;
  if (record->membership() != vault::v1::ROOM_MEMBERSHIP_LEFT) {
    ENLACE_ASSIGN_OR_RETURN(group, store.LoadGroup(room_id));
  }
  return Make(context, *std::move(record), std::move(group));
}

absl::StatusOr<room::RoomPolicy> Room::Policy() const {
  return room::DecodeRoomPolicy(AsBytes(record_.policy()));
}

std::optional<room::RoomGuard> Room::Guard() const {
  if (record_.guard().empty()) return std::nullopt;
  absl::StatusOr<room::SaltedGuard> guard = room::DecodeSaltedGuard(AsBytes(record_.guard()));
  if (!guard.ok()) return std::nullopt;
  return std::move(guard->guard);
}

absl::StatusOr<room::RoomState> Room::State() const {
  if (!group_) return MakeError(Reason::kNotAMember);
  room::HeadMark mark;
  if (!record_.head_mark().empty()) {
    ENLACE_ASSIGN_OR_RETURN(mark, room::DecodeHeadMark(AsBytes(record_.head_mark())));
  }
  return room::ViewGroup(group_->public_group(), mark);
}

absl::StatusOr<std::vector<room::FreezeReason>> Room::Offending() const {
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, State());
  const std::optional<room::RoomGuard> guard = Guard();
  return room::FreezeReasons(state, context_.registry(), context_.replica.head().timestamp_ms,
                             guard ? &*guard : nullptr);
}

absl::Status Room::CheckMaySend() const {
  if (!is_member() || record_.membership() != vault::v1::ROOM_MEMBERSHIP_MEMBER)
    return MakeError(Reason::kNotAMember);
  if (has_pending_commit())
    return MakeStatus(absl::StatusCode::kAborted, "a commit of this device is pending");
  if (!Guard()) return MakeError(Reason::kRoomFrozen, {{"what", "its guard has not arrived yet"}});
  if (!record_.frozen_reason().empty())
    return MakeError(Reason::kRoomFrozen, {{"what", record_.frozen_reason()}});
  ENLACE_ASSIGN_OR_RETURN(const std::vector<room::FreezeReason> offending, Offending());
  if (offending.empty()) return absl::OkStatus();
  return MakeError(Reason::kRoomFrozen,
                   {{"what", std::to_string(offending.size()) + " leaf must go first"}});
}

absl::Status Room::Advance(const room::LogHeader& header, BytesView encoded) {
  if (header.sequence <= record_.sequence())
    return MakeStatus(absl::StatusCode::kAlreadyExists, "seen before");
  if (!record_.last_header().empty()) {
    ENLACE_ASSIGN_OR_RETURN(const room::LogHeader last,
                            room::DecodeLogHeader(AsBytes(record_.last_header())));
    ENLACE_RETURN_IF_ERROR(room::CheckFollowsInRoom(last, header));
  }
  record_.set_sequence(header.sequence);
  SetText(record_.mutable_last_header(), encoded);
  SetText(record_.mutable_room_head(), room::LogHeaderHash(header));
  return absl::OkStatus();
}

absl::StatusOr<EntryOutcome> Room::ApplyEntry(VaultTransaction& tx, BytesView header_bytes,
                                              BytesView message) {
  ENLACE_ASSIGN_OR_RETURN(const room::LogHeader header, room::DecodeLogHeader(header_bytes));
  if (!EqualBytes(header.room_id, id())) return DataLoss("an entry of another room");
  const bool has_content = !message.empty();
  if (has_content && merkle::Sha256(message) != header.content_hash) {
    return DataLoss("an entry's content is not the one its header names");
  }
  const vault::v1::RoomRecord before = record_;
  ENLACE_RETURN_IF_ERROR(Advance(header, header_bytes));
  const bool own = header.sender == context_.device.sender_hash;
  absl::StatusOr<EntryOutcome> outcome = EntryOutcome{};
  if (has_content && header.kind == room::LogKind::kCommit) {
    outcome = record_.pending_commit_hash() == AsText(header.content_hash)
                  ? PromotePending(tx, message)
                  : ApplyCommit(tx, message);
  } else if (has_content && header.kind == room::LogKind::kMessage && group_) {
    outcome = OpenMessage(message, own);
  }
  // A head ahead of our registry is no verdict: the entry is offered again after a refresh.
  if (absl::IsOutOfRange(outcome.status())) record_ = before;
  if (!outcome.ok()) {
    if (!absl::IsOutOfRange(outcome.status())) ENLACE_RETURN_IF_ERROR(Save(tx, false));
    return outcome;
  }
  outcome->kind = header.kind;
  // The pending state was written whole.
  if (outcome->own_commit) return outcome;
  ENLACE_RETURN_IF_ERROR(Save(tx, header.kind == room::LogKind::kCommit));
  return outcome;
}

absl::StatusOr<EntryOutcome> Room::ApplyCommit(VaultTransaction& tx, BytesView message) {
  if (!group_) return EntryOutcome{};
  EntryOutcome outcome;
  if (has_pending_commit()) {
    group_->DiscardPendingCommit();
    ENLACE_RETURN_IF_ERROR(store_.DropNextGroup(tx, id()));
    record_.clear_pending_commit_hash();
    record_.clear_pending_guard();
    outcome.rival_won = true;
  }
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, State());
  const RegistryCredentials credentials(context_.registry());
  ENLACE_ASSIGN_OR_RETURN(mls::Received received,
                          group_->Process(message, RulesFor(context_, credentials, state)));
  const auto* commit = std::get_if<mls::ReceivedCommit>(&received);
  if (commit == nullptr) return InvalidArgument("a commit entry does not hold a commit");
  outcome.removed_self = commit->removed_self;
  ENLACE_RETURN_IF_ERROR(AfterCommit(commit->summary, outcome));
  return outcome;
}

absl::StatusOr<EntryOutcome> Room::PromotePending(VaultTransaction& tx, BytesView message) {
  EntryOutcome outcome;
  outcome.own_commit = true;
  if (record_.membership() == vault::v1::ROOM_MEMBERSHIP_ENTERING) {
    const RegistryCredentials credentials(context_.registry());
    mls::ValidationRules rules;
    rules.credentials = &credentials;
    rules.verified = context_.signatures;
    ENLACE_RETURN_IF_ERROR(group_->Process(message, rules).status());
    ENLACE_RETURN_IF_ERROR(store_.SaveGroup(tx, id(), group_->TakeChanges(), /*new_epoch=*/true));
  } else {
    ENLACE_ASSIGN_OR_RETURN(mls::Group next, store_.LoadNextGroup(id()));
    group_ = std::move(next);
    ENLACE_RETURN_IF_ERROR(store_.PromoteNextGroup(tx, id()));
  }
  record_.set_policy(record_.pending_policy());
  record_.set_head_mark(record_.pending_head_mark());
  if (!record_.pending_guard().empty()) record_.set_guard(record_.pending_guard());
  record_.clear_pending_commit_hash();
  record_.clear_pending_guard();
  record_.clear_pending_request();
  record_.set_membership(vault::v1::ROOM_MEMBERSHIP_MEMBER);
  ENLACE_RETURN_IF_ERROR(store_.Save(tx, record_));
  return outcome;
}

absl::Status Room::AfterCommit(const mls::CommitSummary& summary, EntryOutcome& outcome) {
  ENLACE_ASSIGN_OR_RETURN(const room::CommitContext context,
                          room::DecodeCommitContext(summary.authenticated_data));
  SetText(record_.mutable_head_mark(), room::EncodeHeadMark(room::MarkOf(context)));
  const RegistryCredentials credentials(context_.registry());
  for (const room::RemovedLeaf& removed : context.removed) {
    if (removed.reason != room::RemovalReason::kGuardExcluded) continue;
    for (const mls::Member& member : summary.removed) {
      const identity::DeviceRecord* device = credentials.DeviceOf(member.node);
      const bool it = static_cast<uint32_t>(member.leaf) == removed.leaf && device != nullptr;
      if (it) record_.add_guard_incidents(device->uri.text());
    }
  }
  if (outcome.removed_self) {
    record_.set_membership(vault::v1::ROOM_MEMBERSHIP_LEFT);
    for (const room::RemovedLeaf& removed : context.removed) {
      if (removed.leaf == group_->own_leaf())
        record_.set_left_reason(static_cast<int>(removed.reason));
    }
    return absl::OkStatus();
  }
  const std::optional<BytesView> policy =
      group_->context().extensions.Find(room::kRoomPolicyExtension);
  const std::optional<BytesView> commitment =
      group_->context().extensions.Find(room::kGuardCommitmentExtension);
  if (!policy || !commitment) return DataLoss("the room lost its policy");
  SetText(record_.mutable_policy(), *policy);
  if (!record_.guard().empty()) {
    ENLACE_ASSIGN_OR_RETURN(const merkle::Hash wanted, room::DecodeGuardCommitment(*commitment));
    ENLACE_ASSIGN_OR_RETURN(const room::SaltedGuard held,
                            room::DecodeSaltedGuard(AsBytes(record_.guard())));
    ENLACE_ASSIGN_OR_RETURN(const merkle::Hash have, room::CommitToGuard(held));
    // The origin changed the guard: until the new one arrives this device only reads.
    if (have != wanted) record_.clear_guard();
  }
  if (summary.external) outcome.entered.push_back(summary.committer);
  return absl::OkStatus();
}

absl::StatusOr<EntryOutcome> Room::OpenMessage(BytesView message, bool own) {
  EntryOutcome outcome;
  outcome.message.emplace();
  outcome.message->own = own;
  const RegistryCredentials credentials(context_.registry());
  mls::ValidationRules rules;
  rules.credentials = &credentials;
  ENLACE_ASSIGN_OR_RETURN(mls::Received received, group_->Process(message, rules));
  if (const auto* mine = std::get_if<mls::ReceivedOwn>(&received)) {
    if (mine->unused_generation) return MakeError(Reason::kVaultIsCopy);
    if (!own) return InvalidArgument("the server names another sender than the message");
    return outcome;
  }
  auto* content = std::get_if<mls::ReceivedContent>(&received);
  if (content == nullptr) return InvalidArgument("a message entry does not hold content");
  const mls::LeafNode* leaf = group_->public_group().FindLeaf(content->sender);
  const merkle::Hash* certificate =
      leaf == nullptr ? nullptr : leaf->credential().SoleCertificate();
  if (certificate == nullptr) return InvalidArgument("the sender has no certificate");
  ENLACE_ASSIGN_OR_RETURN(outcome.message->content, room::UnpackContent(content->content.view()));
  outcome.message->certificate = *certificate;
  return outcome;
}

absl::Status Room::Save(VaultTransaction& tx, bool new_epoch) {
  if (record_.membership() == vault::v1::ROOM_MEMBERSHIP_LEFT) {
    group_.reset();
    ENLACE_RETURN_IF_ERROR(store_.ForgetGroup(tx, id()));
  }
  if (group_) ENLACE_RETURN_IF_ERROR(store_.SaveGroup(tx, id(), group_->TakeChanges(), new_epoch));
  return store_.Save(tx, record_);
}

absl::StatusOr<Bytes> Room::Protect(VaultTransaction& tx, BytesView signed_content) {
  if (group_->reserved_generations() == 0) group_->ReserveGenerations(kGenerationBlock);
  mls::MessageOptions options;
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes packed, room::PackContent(signed_content));
  options.padding_bytes = mls::PadmePadding(packed.size(), kPaddedBytesMin);
  ENLACE_ASSIGN_OR_RETURN(Bytes message, group_->Protect(packed.view(), options, context_.rng));
  ENLACE_RETURN_IF_ERROR(Save(tx, false));
  return message;
}

absl::Status Room::AdoptGuard(VaultTransaction& tx, BytesView salted_guard) {
  ENLACE_ASSIGN_OR_RETURN(const room::SaltedGuard guard, room::DecodeSaltedGuard(salted_guard));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash have, room::CommitToGuard(guard));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, State());
  if (have != state.guard_commitment)
    return InvalidArgument("the guard is not the one that the room commits to");
  SetText(record_.mutable_guard(), salted_guard);
  return store_.Save(tx, record_);
}

}  // namespace enlace::client
