#include "crypto/mls/public_group.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/staged_commit.h"
#include "crypto/mls/transcript.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

absl::Status CheckCredentials(const RatchetTree& tree, const CredentialValidator& credentials) {
  absl::Status status;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    status = credentials.ValidateLeaf(leaf);
    return status.ok();
  });
  return status;
}

// A PublicMessage with a Commit or a proposal, as the delivery service gets it.
absl::StatusOr<AuthenticatedContent> ParsePublicMessage(BytesView message) {
  ENLACE_ASSIGN_OR_RETURN(MlsMessage parsed, MlsMessage::Parse(message));
  auto* body = std::get_if<PublicMessage>(&parsed.body);
  if (body == nullptr) return InvalidArgument("message is not a PublicMessage");
  return AuthenticatedContent{WireFormat::kPublicMessage, std::move(body->content),
                              std::move(body->auth)};
}

}  // namespace

PublicGroup::PublicGroup(GroupContext context, RatchetTree tree)
    : context_(std::move(context)), tree_(std::move(tree)) {}
PublicGroup::PublicGroup(PublicGroup&&) noexcept = default;
PublicGroup& PublicGroup::operator=(PublicGroup&&) noexcept = default;
PublicGroup::~PublicGroup() = default;

absl::StatusOr<PublicGroup> PublicGroup::FromGroupInfo(const GroupInfo& info, BytesView tree,
                                                       const ValidationRules& rules) {
  ENLACE_ASSIGN_OR_RETURN(RatchetTree parsed, RatchetTree::Parse(tree));
  const GroupContext& context = info.group_context;
  if (!EqualBytes(parsed.TreeHash(), context.tree_hash)) {
    return InvalidArgument("ratchet tree does not have the tree hash of the GroupInfo");
  }
  if (!parsed.HasLeaf(info.signer))
    return InvalidArgument("signer of the GroupInfo is a blank leaf");
  ENLACE_RETURN_IF_ERROR(info.VerifySignature(parsed.leaf(info.signer).signature_key()));
  if (info.confirmation_tag.size() != crypto::kHashBytes) {
    return InvalidArgument("confirmation tag has a wrong length");
  }
  ENLACE_RETURN_IF_ERROR(ValidateContextExtensions(context.extensions, *rules.credentials));
  ENLACE_ASSIGN_OR_RETURN(const RequiredCapabilities required,
                          RequiredCapabilitiesOf(context.extensions));
  TreeRules tree_rules;
  tree_rules.leaf.suite = context.cipher_suite;
  tree_rules.leaf.required = &required;
  tree_rules.group_id = context.group_id;
  tree_rules.context_extensions = &context.extensions;
  tree_rules.verified = rules.verified;
  ENLACE_RETURN_IF_ERROR(ValidateTree(parsed, tree_rules));
  ENLACE_RETURN_IF_ERROR(CheckCredentials(parsed, *rules.credentials));
  PublicGroup out(context, std::move(parsed));
  out.SetInitialConfirmationTag(info.confirmation_tag);
  return out;
}

absl::StatusOr<PublicGroup> PublicGroup::CreateWithOneLeaf(GroupContext context,
                                                           const LeafNode& creator) {
  RatchetTree tree;
  TreeDiff diff(tree);
  ENLACE_RETURN_IF_ERROR(diff.Add(creator).status());
  ENLACE_RETURN_IF_ERROR(VerifyMemberCapabilities(diff, context.extensions));
  tree.Merge(std::move(diff).Take());
  context.tree_hash = ToBytes(tree.TreeHash());
  return PublicGroup(std::move(context), std::move(tree));
}

void PublicGroup::SetInitialConfirmationTag(BytesView tag) {
  confirmation_tag_ = ToBytes(tag);
  interim_transcript_hash_ =
      ToBytes(InterimTranscriptHash(context_.confirmed_transcript_hash, tag));
  record_changed_ = true;
}

Bytes PublicGroup::SerializeTree() const { return tree_.Serialize(); }

const LeafNode* PublicGroup::FindLeaf(LeafIndex leaf) const {
  return tree_.HasLeaf(leaf) ? &tree_.leaf(leaf) : nullptr;
}

void PublicGroup::ForEachMember(
    const std::function<bool(LeafIndex, const LeafNode&)>& visit) const {
  tree_.ForEachLeaf(visit);
}

size_t PublicGroup::member_count() const { return tree_.MemberCount(); }

std::optional<LeafIndex> PublicGroup::FindMember(BytesView signature_key) const {
  return tree_.FindBySignatureKey(signature_key);
}

absl::Status PublicGroup::VerifyGroupInfo(const GroupInfo& info) const {
  if (info.group_context != context_) return InvalidArgument("GroupInfo is not of this epoch");
  if (!EqualBytes(info.confirmation_tag, confirmation_tag_)) {
    return InvalidArgument("GroupInfo has another confirmation tag");
  }
  if (!tree_.HasLeaf(info.signer))
    return InvalidArgument("signer of the GroupInfo is a blank leaf");
  return info.VerifySignature(tree_.leaf(info.signer).signature_key());
}

absl::StatusOr<CommitSummary> PublicGroup::ValidateCommit(BytesView message,
                                                          const ValidationRules& rules) const {
  ENLACE_ASSIGN_OR_RETURN(const AuthenticatedContent commit, ParsePublicMessage(message));
  ENLACE_RETURN_IF_ERROR(VerifyContent(commit.wire_format, commit.content, commit.auth.signature));
  ENLACE_ASSIGN_OR_RETURN(const StagedCommit staged, StageCommit(commit, rules));
  return staged.summary();
}

absl::StatusOr<CommitSummary> PublicGroup::ApplyCommit(BytesView message,
                                                       const ValidationRules& rules) {
  ENLACE_ASSIGN_OR_RETURN(const AuthenticatedContent commit, ParsePublicMessage(message));
  ENLACE_RETURN_IF_ERROR(VerifyContent(commit.wire_format, commit.content, commit.auth.signature));
  ENLACE_ASSIGN_OR_RETURN(StagedCommit staged, StageCommit(commit, rules));
  CommitSummary summary = staged.summary();
  Merge(std::move(staged));
  return summary;
}

absl::Status PublicGroup::AddProposal(BytesView message, const ValidationRules& rules) {
  ENLACE_ASSIGN_OR_RETURN(const AuthenticatedContent content, ParsePublicMessage(message));
  ENLACE_RETURN_IF_ERROR(
      VerifyContent(content.wire_format, content.content, content.auth.signature));
  return AddPendingProposal(content, rules);
}

absl::Status PublicGroup::CheckEpoch(BytesView group_id, uint64_t epoch) const {
  if (!EqualBytes(group_id, context_.group_id))
    return FailedPrecondition("message is of another group");
  if (epoch < context_.epoch) {
    return MakeStatus(absl::StatusCode::kAborted, "message is of an older epoch");
  }
  if (epoch > context_.epoch) {
    return MakeStatus(absl::StatusCode::kOutOfRange, "message is of a newer epoch");
  }
  return reinitialised() ? FailedPrecondition("the group was reinitialised") : absl::OkStatus();
}

absl::Status PublicGroup::VerifyContent(WireFormat wire_format, const FramedContent& content,
                                        BytesView signature) const {
  ENLACE_RETURN_IF_ERROR(CheckEpoch(content.group_id, content.epoch));
  if (wire_format == WireFormat::kPublicMessage &&
      content.content_type() == ContentType::kApplication) {
    return InvalidArgument("application data in a PublicMessage");
  }
  if (wire_format == WireFormat::kPrivateMessage && content.sender.type != SenderType::kMember) {
    return InvalidArgument("PrivateMessage from somebody who is not a member");
  }
  ENLACE_ASSIGN_OR_RETURN(const BytesView key, SignatureKeyOf(content));
  const Bytes tbs = EncodeFramedContentTbs(wire_format, content, context_);
  return crypto::VerifyWithLabel(key, kFramedContentLabel, tbs, signature);
}

// Section 6.1: which key signs for which kind of sender, and what each kind may send.
absl::StatusOr<BytesView> PublicGroup::SignatureKeyOf(const FramedContent& content) const {
  const auto* proposal = std::get_if<Proposal>(&content.content);
  const auto* commit = std::get_if<Commit>(&content.content);
  switch (content.sender.type) {
    case SenderType::kMember:
      if (!tree_.HasLeaf(content.sender.index)) return InvalidArgument("sender is a blank leaf");
      return tree_.leaf(content.sender.index).signature_key();
    case SenderType::kExternal: {
      const std::optional<BytesView> data = context_.extensions.Find(kExtensionExternalSenders);
      if (!data || proposal == nullptr) return InvalidArgument("external sender may not send this");
      // A view into the extension's own bytes: the parsed list does not outlive this function.
      codec::Reader in(*data);
      BytesView body;
      ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
      codec::Reader senders(body);
      for (uint32_t at = 0; !senders.empty(); ++at) {
        BytesView key;
        Credential credential;
        ENLACE_RETURN_IF_ERROR(senders.ReadVector(key));
        ENLACE_RETURN_IF_ERROR(Credential::Read(senders, credential));
        if (at == content.sender.index) return key;
      }
      return InvalidArgument("external sender is not listed");
    }
    case SenderType::kNewMemberProposal:
      if (proposal == nullptr || proposal->type() != kProposalAdd) {
        return InvalidArgument("new member proposes something else than its Add");
      }
      return std::get<Add>(proposal->body).key_package.leaf_node().signature_key();
    case SenderType::kNewMemberCommit:
      if (commit == nullptr || !commit->path)
        return InvalidArgument("external Commit without a path");
      return commit->path->leaf_node.signature_key();
  }
  return InvalidArgument("sender is of an unknown type");
}

absl::StatusOr<std::vector<ProposalEntry>> PublicGroup::ResolveProposals(
    const AuthenticatedContent& commit) const {
  const Sender& committer = commit.content.sender;
  std::vector<ProposalEntry> out;
  for (const ProposalOrRef& item : std::get<Commit>(commit.content.content).proposals) {
    if (const auto* proposal = std::get_if<Proposal>(&item)) {
      out.push_back({proposal, committer, false});
      continue;
    }
    if (committer.type != SenderType::kMember) {
      return InvalidArgument("external Commit names a proposal by reference");
    }
    const auto found = pending_.find(std::get<ProposalReference>(item).value);
    if (found == pending_.end())
      return InvalidArgument("Commit names a proposal that is not known");
    out.push_back({&found->second.proposal, found->second.sender, true});
  }
  return out;
}

absl::StatusOr<StagedCommit> PublicGroup::StageCommit(const AuthenticatedContent& content,
                                                      const ValidationRules& rules,
                                                      bool own) const {
  const auto* commit = std::get_if<Commit>(&content.content.content);
  if (commit == nullptr) return InvalidArgument("message is not a Commit");
  const Sender& sender = content.content.sender;
  const std::optional<LeafIndex> committer =
      sender.type == SenderType::kMember ? std::optional(sender.index) : std::nullopt;
  ENLACE_ASSIGN_OR_RETURN(std::vector<ProposalEntry> entries, ResolveProposals(content));
  for (ProposalEntry& entry : entries) entry.checked = entry.checked || own;
  const ProposalScope scope{context_, tree_, rules};
  ENLACE_ASSIGN_OR_RETURN(const ProposalList list, ValidateProposalList(scope, entries, committer));
  if (!commit->path && (list.path_required || !committer))
    return InvalidArgument("Commit lacks its path");
  ENLACE_ASSIGN_OR_RETURN(CommitEffects effects, ApplyProposals(tree_, context_, list, committer));
  effects.summary.authenticated_data = content.content.authenticated_data;
  if (commit->path) ENLACE_RETURN_IF_ERROR(ApplyCommitPath(effects, scope, *commit->path));
  ENLACE_RETURN_IF_ERROR(FinishTree(effects));
  if (content.auth.confirmation_tag.size() != crypto::kHashBytes) {
    return InvalidArgument("confirmation tag has a wrong length");
  }
  if (rules.policy) ENLACE_RETURN_IF_ERROR(rules.policy(effects.summary, *this));

  GroupContext provisional = ProvisionalContext(context_, effects);
  StagedCommit staged(std::move(effects), std::move(provisional));
  staged.next_ = staged.provisional_;
  staged.next_.confirmed_transcript_hash =
      ToBytes(ConfirmedTranscriptHash(interim_transcript_hash_, content));
  staged.confirmation_tag_ = content.auth.confirmation_tag;
  staged.path_ = commit->path ? &*commit->path : nullptr;
  if (list.external_init != nullptr) staged.external_init_ = list.external_init->kem_output;
  return staged;
}

void PublicGroup::Merge(StagedCommit&& staged) {
  tree_.Merge(std::move(staged.effects_.diff).Take());
  context_ = std::move(staged.next_);
  confirmation_tag_ = std::move(staged.confirmation_tag_);
  interim_transcript_hash_ =
      ToBytes(InterimTranscriptHash(context_.confirmed_transcript_hash, confirmation_tag_));
  reinit_ = std::move(staged.effects_.summary.reinit);
  for (const auto& [reference, proposal] : pending_) changed_pending_.insert(reference);
  pending_.clear();
  record_changed_ = true;
}

absl::Status PublicGroup::AddPendingProposal(const AuthenticatedContent& content,
                                             const ValidationRules& rules) {
  const auto* proposal = std::get_if<Proposal>(&content.content.content);
  if (proposal == nullptr) return InvalidArgument("message is not a proposal");
  const Sender& sender = content.content.sender;
  ENLACE_RETURN_IF_ERROR(ValidateProposal({context_, tree_, rules}, {proposal, sender, false}));
  if (pending_.size() >= kPendingProposalsMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "too many pending proposals in this epoch");
  }
  Bytes reference = ToBytes(content.ProposalRef());
  changed_pending_.insert(reference);
  PendingProposal pending{reference, sender, *proposal};
  pending_.emplace(std::move(reference), std::move(pending));
  return absl::OkStatus();
}

}  // namespace enlace::mls
