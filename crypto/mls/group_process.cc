// Processing of messages: RFC 9420 sections 6.2, 6.3 and 12.4.2.

#include <algorithm>
#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/mls/message_protection.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

RatchetType RatchetFor(ContentType type) {
  return type == ContentType::kApplication ? RatchetType::kApplication : RatchetType::kHandshake;
}

// The content of a PrivateMessage as it was before encryption, but for the content itself.
FramedContent HeaderOf(const PrivateMessageView& message, LeafIndex sender) {
  FramedContent out;
  out.group_id = ToBytes(message.group_id);
  out.epoch = message.epoch;
  out.sender = Sender::Member(sender);
  out.authenticated_data = ToBytes(message.authenticated_data);
  return out;
}

absl::StatusOr<AuthenticatedContent> ParseHandshake(const PrivateMessageView& message,
                                                    LeafIndex sender, const OpenedContent& opened) {
  AuthenticatedContent out{WireFormat::kPrivateMessage, HeaderOf(message, sender), opened.auth()};
  codec::Reader in(opened.encoded_content());
  ENLACE_RETURN_IF_ERROR(ReadContentOfType(in, message.content_type, out.content.content));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

}  // namespace

absl::StatusOr<Received> Group::Process(BytesView message, const ValidationRules& rules,
                                        const PskStore* psks) {
  if (impl_->pending && EqualBytes(message, impl_->pending->message))
    return impl_->MergeOwnCommit(rules);
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  ENLACE_ASSIGN_OR_RETURN(const WireFormat wire_format, WireFormatOf(message));
  if (wire_format == WireFormat::kPrivateMessage) {
    ENLACE_ASSIGN_OR_RETURN(const PrivateMessageView view, PrivateMessageView::Parse(message));
    return impl_->ProcessPrivate(view, rules, psks);
  }
  ENLACE_ASSIGN_OR_RETURN(MlsMessage parsed, MlsMessage::Parse(message));
  if (auto* body = std::get_if<PublicMessage>(&parsed.body))
    return impl_->ProcessPublic(std::move(*body), rules, psks);
  return InvalidArgument("message is not one of a group's members");
}

absl::StatusOr<HandshakeHeader> Group::PeekHandshake(BytesView message) const {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  ENLACE_ASSIGN_OR_RETURN(const WireFormat wire_format, WireFormatOf(message));
  if (wire_format == WireFormat::kPublicMessage) {
    ENLACE_ASSIGN_OR_RETURN(const MlsMessage parsed, MlsMessage::Parse(message));
    const auto& body = std::get<PublicMessage>(parsed.body);
    ENLACE_RETURN_IF_ERROR(impl_->VerifyPublic(body));
    return HandshakeHeader{body.content.content_type(), body.content.sender,
                           body.content.authenticated_data};
  }
  ENLACE_ASSIGN_OR_RETURN(const PrivateMessageView view, PrivateMessageView::Parse(message));
  if (view.content_type == ContentType::kApplication) {
    return InvalidArgument("message is not a handshake message");
  }
  ENLACE_ASSIGN_OR_RETURN(const OpenedPrivate opened, impl_->OpenPrivate(view));
  ENLACE_ASSIGN_OR_RETURN(const AuthenticatedContent content,
                          ParseHandshake(view, opened.sender.leaf_index, opened.content));
  ENLACE_RETURN_IF_ERROR(
      public_group().VerifyContent(content.wire_format, content.content, content.auth.signature));
  return HandshakeHeader{view.content_type, content.content.sender,
                         content.content.authenticated_data};
}

absl::Status Group::Impl::VerifyPublic(const PublicMessage& message) const {
  ENLACE_RETURN_IF_ERROR(public_group.VerifyContent(WireFormat::kPublicMessage, message.content,
                                                    message.auth.signature));
  if (message.content.sender.type != SenderType::kMember) return absl::OkStatus();
  return VerifyMembershipTag(epoch->secrets.membership_key(), message, public_group.context());
}

absl::StatusOr<Received> Group::Impl::ProcessPublic(PublicMessage message,
                                                    const ValidationRules& rules,
                                                    const PskStore* psks) {
  ENLACE_RETURN_IF_ERROR(VerifyPublic(message));
  return ProcessHandshake(
      {WireFormat::kPublicMessage, std::move(message.content), std::move(message.auth)}, rules,
      psks);
}

absl::StatusOr<SenderData> Group::Impl::SenderOf(const PrivateMessageView& message) const {
  ENLACE_RETURN_IF_ERROR(public_group.CheckEpoch(message.group_id, message.epoch));
  ENLACE_ASSIGN_OR_RETURN(
      const SenderData sender,
      OpenSenderData(public_group.suite(), epoch->secrets.sender_data_key(), message));
  if (!public_group.tree().HasLeaf(sender.leaf_index))
    return InvalidArgument("sender is a blank leaf");
  return sender;
}

absl::StatusOr<OpenedPrivate> Group::Impl::OpenPrivate(const PrivateMessageView& message) const {
  ENLACE_ASSIGN_OR_RETURN(const SenderData sender, SenderOf(message));
  return OpenFrom(sender, message);
}

absl::StatusOr<OpenedPrivate> Group::Impl::OpenFrom(const SenderData& sender,
                                                    const PrivateMessageView& message) const {
  OpenedPrivate out;
  out.sender = sender;
  ENLACE_ASSIGN_OR_RETURN(
      out.step, epoch->secret_tree.Find(out.sender.leaf_index, RatchetFor(message.content_type),
                                        out.sender.generation));
  ENLACE_ASSIGN_OR_RETURN(
      out.content, OpenPrivateContent(public_group.suite(), out.step.key, out.sender, message));
  return out;
}

// The sender data of a message are no proof of who sent it: every member can make them. A message
// of a generation that this state has not used is another copy's only when it opens and the own key
// signed it.
absl::StatusOr<Received> Group::Impl::ProcessOwnPrivate(const SenderData& sender,
                                                        const PrivateMessageView& message) {
  const SendRatchet& ratchet = Sender(RatchetFor(message.content_type));
  if (sender.generation < ratchet.next_generation()) return ReceivedOwn{sender.generation, false};
  ENLACE_ASSIGN_OR_RETURN(const MessageKey key, ratchet.Peek(sender.generation));
  ENLACE_ASSIGN_OR_RETURN(OpenedContent content,
                          OpenPrivateContent(public_group.suite(), key, sender, message));
  ENLACE_RETURN_IF_ERROR(content.VerifySignature(public_group.tree().leaf(own_leaf).signature_key(),
                                                 own_leaf, message, public_group.context()));
  return ReceivedOwn{sender.generation, true};
}

absl::StatusOr<Received> Group::Impl::ProcessPrivate(const PrivateMessageView& message,
                                                     const ValidationRules& rules,
                                                     const PskStore* psks) {
  ENLACE_ASSIGN_OR_RETURN(const SenderData sender, SenderOf(message));
  const RatchetType type = RatchetFor(message.content_type);
  if (sender.leaf_index == own_leaf) return ProcessOwnPrivate(sender, message);
  ENLACE_ASSIGN_OR_RETURN(OpenedPrivate opened, OpenFrom(sender, message));
  if (message.content_type != ContentType::kApplication) {
    ENLACE_ASSIGN_OR_RETURN(const AuthenticatedContent content,
                            ParseHandshake(message, sender.leaf_index, opened.content));
    ENLACE_RETURN_IF_ERROR(
        public_group.VerifyContent(content.wire_format, content.content, content.auth.signature));
    const uint64_t before = public_group.epoch();
    ENLACE_ASSIGN_OR_RETURN(Received received, ProcessHandshake(content, rules, psks));
    // After a Commit the tree that the step belongs to is gone.
    if (epoch && public_group.epoch() == before) {
      epoch->secret_tree.Accept(sender.leaf_index, type, std::move(opened.step));
    }
    return received;
  }
  ENLACE_RETURN_IF_ERROR(
      opened.content.VerifySignature(public_group.tree().leaf(sender.leaf_index).signature_key(),
                                     sender.leaf_index, message, public_group.context()));
  ENLACE_ASSIGN_OR_RETURN(SecretBytes data, std::move(opened.content).TakeApplicationData());
  // Only now is the message known to be genuine, and its key spent.
  epoch->secret_tree.Accept(sender.leaf_index, type, std::move(opened.step));
  return ReceivedContent{sender.leaf_index, sender.generation, ToBytes(message.authenticated_data),
                         std::move(data)};
}

absl::StatusOr<Received> Group::Impl::ProcessHandshake(const AuthenticatedContent& content,
                                                       const ValidationRules& rules,
                                                       const PskStore* psks) {
  switch (content.content.content_type()) {
    case ContentType::kProposal:
      ENLACE_RETURN_IF_ERROR(public_group.AddPendingProposal(content, rules));
      return ReceivedProposal{ToBytes(content.ProposalRef()), content.content.sender};
    case ContentType::kCommit:
      return ProcessCommit(content, rules, psks);
    case ContentType::kApplication:
      break;
  }
  return InvalidArgument("application data where a handshake message is expected");
}

// The own private keys after the proposals: an own Update brings its key, and keys of blanked nodes
// go.
absl::StatusOr<PrivateTree> Group::Impl::PrivateTreeAfter(const StagedCommit& staged) const {
  PrivateTree out = epoch->private_tree.Clone();
  for (const Member& member : staged.summary().updated) {
    if (member.leaf != own_leaf) continue;
    const auto update = std::find_if(updates.begin(), updates.end(), [&](const auto& candidate) {
      return EqualBytes(candidate.second.leaf_key.public_key(), member.node.encryption_key());
    });
    if (update == updates.end())
      return InvalidArgument("Commit applies an own Update that is not known");
    out.ReplaceLeafKey(update->second.leaf_key.Clone());
  }
  out.Prune(staged.next_tree());
  return out;
}

absl::StatusOr<Received> Group::Impl::ProcessCommit(const AuthenticatedContent& content,
                                                    const ValidationRules& rules,
                                                    const PskStore* psks) {
  const ::enlace::mls::Sender& sender = content.content.sender;
  if (sender.type == SenderType::kMember && sender.index == own_leaf) {
    return InvalidArgument("Commit in this client's name that it did not keep");
  }
  ENLACE_ASSIGN_OR_RETURN(StagedCommit staged, public_group.StageCommit(content, rules));
  ReceivedCommit received{staged.summary(), false, false};
  const auto& gone_members = received.summary.removed;
  if (std::any_of(gone_members.begin(), gone_members.end(),
                  [&](const Member& m) { return m.leaf == own_leaf; })) {
    received.removed_self = true;
    Leave();
    return received;
  }
  ENLACE_ASSIGN_OR_RETURN(const std::vector<PskInput> inputs,
                          LookUpPsks(received.summary.psks, psks));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes psk_secret, DerivePskSecret(inputs));
  ENLACE_ASSIGN_OR_RETURN(PrivateTree next, PrivateTreeAfter(staged));
  SecretBytes commit_secret(crypto::kHashBytes);
  if (staged.path() != nullptr) {
    const Bytes provisional = staged.provisional_context().Serialize();
    ENLACE_ASSIGN_OR_RETURN(
        DecryptedPath path,
        DecryptPath(staged.next_tree(), next, received.summary.committer, *staged.path(),
                    {public_group.suite(), provisional, staged.added()}));
    next = std::move(path.next);
    commit_secret = std::move(path.commit_secret);
  }
  SecretBytes init_secret = SecretBytes::CopyOf(epoch->secrets.init_secret());
  if (received.summary.external) {
    ENLACE_ASSIGN_OR_RETURN(
        init_secret, DecapsulateExternalInit(public_group.suite(), epoch->secrets.ExternalKeyPair(),
                                             staged.external_init()));
  }
  const Bytes context = staged.next_context().Serialize();
  const JoinerSecrets joiner =
      JoinerSecrets::FromInit(init_secret.view(), commit_secret.view(), psk_secret.view(), context);
  EpochSecrets secrets(joiner.EpochSecret(context).view());
  if (!secrets.VerifyConfirmationTag(staged.next_context().confirmed_transcript_hash,
                                     staged.confirmation_tag())) {
    return InvalidArgument("confirmation tag does not verify");
  }
  std::optional<crypto::SigningKey> new_key = UpdatedSigningKey(staged);
  public_group.Merge(std::move(staged));
  if (new_key) signing_key = std::move(*new_key);
  InstallEpoch(own_leaf, std::move(next), std::move(secrets));
  return received;
}

std::optional<crypto::SigningKey> Group::Impl::UpdatedSigningKey(const StagedCommit& staged) const {
  for (const Member& member : staged.summary().updated) {
    if (member.leaf != own_leaf) continue;
    for (const auto& [reference, update] : updates) {
      const bool applied = EqualBytes(update.leaf_key.public_key(), member.node.encryption_key());
      if (applied && update.signing_key) return update.signing_key->Clone();
    }
  }
  return std::nullopt;
}

absl::StatusOr<Received> Group::Impl::MergeOwnCommit(const ValidationRules& rules) {
  codec::Reader in(pending->content);
  AuthenticatedContent content;
  ENLACE_RETURN_IF_ERROR(AuthenticatedContent::Read(in, content));
  ENLACE_ASSIGN_OR_RETURN(StagedCommit staged, public_group.StageCommit(content, rules, true));
  EpochSecrets secrets(pending->epoch_secret.view());
  if (!secrets.VerifyConfirmationTag(staged.next_context().confirmed_transcript_hash,
                                     staged.confirmation_tag())) {
    return DataLoss("the pending Commit does not lead to its own epoch");
  }
  ReceivedCommit received{staged.summary(), true, false};
  public_group.Merge(std::move(staged));
  OwnCommit own = std::move(*pending);
  if (own.signing_key) signing_key = std::move(*own.signing_key);
  InstallEpoch(own.own_leaf, std::move(own.private_tree), std::move(secrets));
  return received;
}

}  // namespace enlace::mls
