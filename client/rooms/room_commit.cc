// The half of Room that makes commits.

#include "client/rooms/limits.h"
#include "client/rooms/registry_credentials.h"
#include "client/rooms/room.h"
#include "crypto/mls/padding.h"
#include "crypto/primitives/status.h"
#include "crypto/room/packed_content.h"
#include "crypto/room/room_view.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// What the intent does as proposals by value, removals first so that freed leaves can be taken
// again.
absl::StatusOr<std::vector<mls::Proposal>> ProposalsOf(const CommitIntent& intent,
                                                       const mls::ExtensionList& extensions) {
  std::vector<mls::Proposal> proposals;
  for (const room::RemovedLeaf& removed : intent.removes) {
    proposals.push_back({mls::Remove{mls::LeafIndex{removed.leaf}}});
  }
  for (const mls::KeyPackage& added : intent.adds) proposals.push_back({mls::Add{added}});
  if (!intent.policy && !intent.guard) return proposals;
  mls::ExtensionList changed = extensions;
  if (intent.policy) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes policy, room::EncodeRoomPolicy(*intent.policy));
    changed.Set(room::kRoomPolicyExtension, policy);
  }
  if (intent.guard) {
    ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment, room::CommitToGuard(*intent.guard));
    changed.Set(room::kGuardCommitmentExtension, room::EncodeGuardCommitment(commitment));
  }
  proposals.push_back({mls::GroupContextExtensions{changed}});
  return proposals;
}

}  // namespace

absl::StatusOr<PreparedCommit> Room::PrepareCommit(VaultTransaction& tx,
                                                   const CommitIntent& intent) {
  if (has_pending_commit())
    return MakeStatus(absl::StatusCode::kAborted, "a commit of this device is pending");
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, State());
  room::CommitContext context;
  context.head = context_.replica.head();
  context.charter_version = context_.registry().charter()->version;
  context.removed = intent.removes;
  const Bytes mark = room::EncodeHeadMark(room::MarkOf(context));

  mls::CommitOptions options;
  ENLACE_ASSIGN_OR_RETURN(options.proposals, ProposalsOf(intent, group_->context().extensions));
  options.force_path = true;
  options.message.authenticated_data = room::EncodeCommitContext(context);
  options.want_group_info = true;
  options.tree_in_welcome = false;
  options.group_info_extensions.Set(room::kHeadMarkExtension, mark);
  options.welcome_extensions.Set(room::kHeadMarkExtension, mark);
  std::string guard = record_.guard();
  if (intent.guard) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, room::EncodeSaltedGuard(*intent.guard));
    guard = ToText(encoded);
  }
  if (!guard.empty()) options.welcome_extensions.Set(room::kRoomGuardExtension, AsBytes(guard));

  const RegistryCredentials credentials(context_.registry());
  const mls::ValidationRules rules = RulesFor(context_, credentials, state);
  ENLACE_ASSIGN_OR_RETURN(mls::CommitBundle bundle, group_->Commit(options, rules, context_.rng));
  record_.set_pending_commit_hash(ToText(merkle::Sha256(bundle.commit)));
  record_.set_pending_guard(guard);
  record_.set_pending_head_mark(ToText(mark));
  ENLACE_RETURN_IF_ERROR(Save(tx, false));
  return FinishCommit(tx, std::move(bundle), intent);
}

// Plays the commit on a copy of the group, which gives the first messages of the next epoch and the
// state to keep for when the log brings the commit back.
absl::StatusOr<PreparedCommit> Room::FinishCommit(VaultTransaction& tx, mls::CommitBundle bundle,
                                                  const CommitIntent& intent) {
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, State());
  const RegistryCredentials credentials(context_.registry());
  ENLACE_ASSIGN_OR_RETURN(mls::Group next, store_.CopyGroup(tx, id()));
  ENLACE_ASSIGN_OR_RETURN(const mls::Received received,
                          next.Process(bundle.commit, RulesFor(context_, credentials, state)));
  if (!std::holds_alternative<mls::ReceivedCommit>(received)) return MakeError(Reason::kInternal);
  PreparedCommit prepared{std::move(bundle.commit),
                          std::move(bundle.welcome).value_or(Bytes()),
                          std::move(bundle.group_info).value_or(Bytes()),
                          {},
                          next.epoch()};
  if (!intent.messages.empty()) next.ReserveGenerations(kGenerationBlock);
  for (const Bytes& content : intent.messages) {
    mls::MessageOptions options;
    ENLACE_ASSIGN_OR_RETURN(const SecretBytes packed, room::PackContent(content));
    options.padding_bytes = mls::PadmePadding(packed.size(), kPaddedBytesMin);
    ENLACE_ASSIGN_OR_RETURN(Bytes message, next.Protect(packed.view(), options, context_.rng));
    prepared.messages.push_back(std::move(message));
  }
  const std::optional<BytesView> policy =
      next.context().extensions.Find(room::kRoomPolicyExtension);
  if (!policy) return MakeError(Reason::kInternal);
  record_.set_pending_policy(ToText(*policy));
  ENLACE_RETURN_IF_ERROR(store_.Save(tx, record_));
  ENLACE_RETURN_IF_ERROR(store_.SaveNextGroup(tx, id(), next.TakeChanges()));
  return prepared;
}

absl::Status Room::AbandonCommit(VaultTransaction& tx) {
  group_->DiscardPendingCommit();
  record_.clear_pending_commit_hash();
  record_.clear_pending_guard();
  ENLACE_RETURN_IF_ERROR(store_.DropNextGroup(tx, id()));
  return Save(tx, false);
}

}  // namespace enlace::client
