// Making Commits and proposals: RFC 9420 sections 12.1 and 12.4.1.

#include <algorithm>
#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// Of the pending proposals those that make a valid list with what is in `request` already, Removes
// first, a ReInit only when nothing else is there (section 12.2).
void IncludePending(const PublicGroup& group, const ValidationRules& rules,
                    CommitRequest& request) {
  const ProposalScope scope{group.context(), group.tree(), rules};
  std::vector<const PendingProposal*> candidates;
  for (const auto& [reference, pending] : group.pending_proposals()) candidates.push_back(&pending);
  const auto rank = [](const PendingProposal* pending) {
    const uint16_t type = pending->proposal.type();
    return type == kProposalRemove ? 0 : type == kProposalReInit ? 2 : 1;
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  for (const PendingProposal* pending : candidates) {
    request.entries.push_back({&pending->proposal, pending->sender, true});
    if (ValidateProposalList(scope, request.entries, request.committer).ok()) {
      request.items.push_back(ProposalReference{pending->reference});
    } else {
      request.entries.pop_back();
    }
  }
}

// The leaf's fields as they will be, but for key, source and parent hash.
LeafNodeFields ChangedLeaf(const LeafNode& current, const LeafChange& change) {
  LeafNodeFields fields = current.ToFields();
  if (change.profile) {
    fields.credential = change.profile->credential;
    fields.capabilities = change.profile->capabilities;
    fields.extensions = change.profile->extensions;
  }
  return fields;
}

WireFormat FormatOf(const MessageOptions& options) {
  return options.encrypt ? WireFormat::kPrivateMessage : WireFormat::kPublicMessage;
}

}  // namespace

absl::StatusOr<CommitBundle> Group::Commit(const CommitOptions& options,
                                           const ValidationRules& rules, crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  CommitRequest request;
  request.committer = impl_->own_leaf;
  request.wire_format = FormatOf(options.message);
  request.force_path = options.force_path;
  request.authenticated_data = options.message.authenticated_data;
  request.leaf = ChangedLeaf(public_group().tree().leaf(impl_->own_leaf), options.leaf_change);
  request.content_key = &impl_->signing_key;
  request.leaf_key = options.leaf_change.signing_key != nullptr ? options.leaf_change.signing_key
                                                                : &impl_->signing_key;
  request.private_tree = &impl_->epoch->private_tree;
  request.init_secret = impl_->epoch->secrets.init_secret();
  // The proposals are stored before entries point at them.
  for (const Proposal& proposal : options.proposals) {
    request.items.emplace_back(proposal);
    request.entries.push_back({&proposal, Sender::Member(impl_->own_leaf), false});
  }
  if (options.include_pending) IncludePending(public_group(), rules, request);
  std::vector<PreSharedKeyId> psk_ids;
  for (const ProposalEntry& entry : request.entries) {
    if (const auto* psk = std::get_if<PreSharedKey>(&entry.proposal->body))
      psk_ids.push_back(psk->psk);
  }
  ENLACE_ASSIGN_OR_RETURN(request.psks, impl_->LookUpPsks(psk_ids, options.psks));
  return impl_->MakeCommit(request, options, rules, rng);
}

absl::StatusOr<CommitBundle> Group::Impl::MakeCommit(CommitRequest& request,
                                                     const CommitOptions& options,
                                                     const ValidationRules& rules,
                                                     crypto::Rng& rng) {
  const CommitBuilder builder(public_group, rules, rng);
  ENLACE_ASSIGN_OR_RETURN(BuiltCommit built, builder.Build(request));
  const bool new_leaf = built.path.has_value();
  const crypto::SigningKey& next_key = new_leaf ? *request.leaf_key : *request.content_key;
  CommitBundle out;
  if (!built.list.adds.empty()) {
    ENLACE_ASSIGN_OR_RETURN(const Welcome welcome, builder.MakeWelcome(built, options, next_key));
    out.welcome = SerializeMessage(welcome);
  }
  if (options.want_group_info) {
    out.group_info = SerializeMessage(
        MakeSignedGroupInfo({.context = built.context,
                             .confirmation_tag = built.content.auth.confirmation_tag,
                             .extensions = options.group_info_extensions,
                             .tree = nullptr,
                             .external = &built.secrets,
                             .signer = built.effects.summary.committer,
                             .key = next_key}));
  }
  ENLACE_ASSIGN_OR_RETURN(out.commit, Frame(built.content, options.message, rng));
  codec::Writer content(out.commit.size() + 64);
  built.content.Write(content);
  const LeafIndex leaf = built.effects.summary.committer;
  PrivateTree next =
      new_leaf ? std::move(*built.path).TakePrivateTree() : request.private_tree->Clone();
  if (!new_leaf) next.Prune(built.effects.diff);
  std::optional<crypto::SigningKey> changed_key;
  if (new_leaf && request.leaf_key != request.content_key) changed_key = request.leaf_key->Clone();
  out.summary = std::move(built.effects.summary);
  SetPending(OwnCommit{out.commit, content.Take(), leaf, std::move(next),
                       std::move(built.epoch_secret), std::move(changed_key)});
  return out;
}

BytesView Group::PendingCommit() const {
  return impl_->pending ? BytesView(impl_->pending->message) : BytesView{};
}

void Group::DiscardPendingCommit() { impl_->SetPending(std::nullopt); }

absl::StatusOr<Bytes> Group::Impl::FrameProposal(const Proposal& proposal,
                                                 const MessageOptions& options,
                                                 const ValidationRules& rules, crypto::Rng& rng) {
  AuthenticatedContent content;
  content.wire_format = FormatOf(options);
  content.content.group_id = ToBytes(public_group.group_id());
  content.content.epoch = public_group.epoch();
  content.content.sender = ::enlace::mls::Sender::Member(own_leaf);
  content.content.authenticated_data = options.authenticated_data;
  content.content.content = proposal;
  content.auth.signature = crypto::SignWithLabel(
      signing_key, kFramedContentLabel,
      EncodeFramedContentTbs(content.wire_format, content.content, public_group.context()));
  ENLACE_ASSIGN_OR_RETURN(Bytes message, Frame(content, options, rng));
  ENLACE_RETURN_IF_ERROR(public_group.AddPendingProposal(content, rules));
  return message;
}

absl::StatusOr<Bytes> Group::Propose(const Proposal& proposal, const MessageOptions& options,
                                     const ValidationRules& rules, crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  if (proposal.type() == kProposalUpdate)
    return InvalidArgument("an own Update is made by ProposeUpdate");
  return impl_->FrameProposal(proposal, options, rules, rng);
}

absl::StatusOr<Bytes> Group::ProposeUpdate(const LeafChange& change, const MessageOptions& options,
                                           const ValidationRules& rules, crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  crypto::HpkeKeyPair leaf_key = crypto::HpkeKeyPair::Generate(rng);
  LeafNodeFields fields = ChangedLeaf(public_group().tree().leaf(impl_->own_leaf), change);
  fields.encryption_key = ToBytes(leaf_key.public_key());
  fields.source = LeafNodeSource::kUpdate;
  const crypto::SigningKey& key =
      change.signing_key != nullptr ? *change.signing_key : impl_->signing_key;
  ENLACE_ASSIGN_OR_RETURN(const LeafNode leaf,
                          LeafNode::Sign(fields, {context().group_id, impl_->own_leaf}, key));
  ENLACE_ASSIGN_OR_RETURN(Bytes message,
                          impl_->FrameProposal(Proposal{Update{leaf}}, options, rules, rng));
  OwnUpdate update{std::move(leaf_key), std::nullopt};
  if (change.signing_key != nullptr) update.signing_key = change.signing_key->Clone();
  Bytes id = ToBytes(leaf.encryption_key());
  impl_->changed_updates.insert(id);
  impl_->updates.insert_or_assign(std::move(id), std::move(update));
  return message;
}

}  // namespace enlace::mls
