#include "crypto/mls/commit_builder.h"

#include <utility>

#include "crypto/mls/group_secrets.h"
#include "crypto/mls/message_protection.h"
#include "crypto/mls/transcript.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// A leaf that only holds the joiner's place while the path is made: PathSecrets wants its sender in
// the tree, and the final leaf can't be signed before the path is known.
absl::StatusOr<LeafNode> Placeholder(const CommitRequest& request, const LeafBinding& binding,
                                     crypto::Rng& rng) {
  LeafNodeFields fields = request.leaf;
  fields.encryption_key = rng.PublicBytes(crypto::kHpkePublicKeyBytes);
  fields.source = LeafNodeSource::kCommit;
  fields.parent_hash.clear();
  return LeafNode::Sign(fields, binding, *request.leaf_key);
}

FramedContent CommitContent(const PublicGroup& before, const CommitRequest& request) {
  FramedContent content;
  content.group_id = ToBytes(before.group_id());
  content.epoch = before.epoch();
  content.sender =
      request.committer ? Sender::Member(*request.committer) : Sender::NewMemberCommit();
  content.authenticated_data = request.authenticated_data;
  return content;
}

// Signs the content under the context of the epoch that ends (section 12.4.1).
Bytes SignFramedContent(const crypto::SigningKey& key, WireFormat wire_format,
                        const FramedContent& content, const GroupContext& context) {
  return crypto::SignWithLabel(key, kFramedContentLabel,
                               EncodeFramedContentTbs(wire_format, content, context));
}

}  // namespace

absl::StatusOr<UpdatePath> CommitBuilder::MakePath(const CommitRequest& request,
                                                   CommitEffects& effects,
                                                   std::optional<PathSecrets>& secrets) const {
  const LeafIndex sender = effects.summary.committer;
  const LeafBinding binding{before_.group_id(), sender};
  if (!request.committer) {
    ENLACE_ASSIGN_OR_RETURN(const LeafNode placeholder, Placeholder(request, binding, rng_));
    ENLACE_RETURN_IF_ERROR(effects.diff.Add(placeholder).status());
  }
  secrets = PathSecrets::Create(effects.diff, sender, rng_);
  LeafNodeFields fields = request.leaf;
  fields.encryption_key = ToBytes(secrets->leaf_public_key());
  fields.source = LeafNodeSource::kCommit;
  fields.parent_hash = ToBytes(secrets->parent_hash().view());
  ENLACE_ASSIGN_OR_RETURN(const LeafNode leaf, LeafNode::Sign(fields, binding, *request.leaf_key));
  effects.diff.SetLeaf(sender, leaf);
  effects.summary.updated.push_back({sender, leaf});
  const GroupContext provisional = ProvisionalContext(before_.context(), effects);
  const Bytes encoded = provisional.Serialize();
  return secrets->Encrypt(effects.diff, leaf, {before_.suite(), encoded, effects.added}, rng_);
}

absl::StatusOr<BuiltCommit> CommitBuilder::Build(CommitRequest& request) const {
  const ProposalScope scope{before_.context(), before_.tree(), rules_};
  ENLACE_ASSIGN_OR_RETURN(ProposalList list,
                          ValidateProposalList(scope, request.entries, request.committer));
  ENLACE_ASSIGN_OR_RETURN(CommitEffects effects, ApplyProposals(before_.tree(), before_.context(),
                                                                list, request.committer));
  effects.summary.authenticated_data = request.authenticated_data;
  Commit commit;
  std::optional<PathSecrets> path_secrets;
  SecretBytes commit_secret(crypto::kHashBytes);
  if (list.path_required || request.force_path || !request.committer) {
    ENLACE_ASSIGN_OR_RETURN(commit.path, MakePath(request, effects, path_secrets));
    commit_secret = path_secrets->commit_secret().Clone();
  }
  ENLACE_RETURN_IF_ERROR(FinishTree(effects));
  if (rules_.policy) ENLACE_RETURN_IF_ERROR(rules_.policy(effects.summary, before_));

  // A copy: the entries point into the request's items.
  commit.proposals = request.items;
  AuthenticatedContent content{request.wire_format, CommitContent(before_, request), {}};
  content.content.content = std::move(commit);
  content.auth.signature = SignFramedContent(*request.content_key, request.wire_format,
                                             content.content, before_.context());
  GroupContext context = ProvisionalContext(before_.context(), effects);
  context.confirmed_transcript_hash =
      ToBytes(ConfirmedTranscriptHash(before_.interim_transcript_hash(), content));

  const Bytes encoded_context = context.Serialize();
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes psk_secret, DerivePskSecret(request.psks));
  JoinerSecrets joiner = JoinerSecrets::FromInit(request.init_secret, commit_secret.view(),
                                                 psk_secret.view(), encoded_context);
  SecretBytes epoch_secret = joiner.EpochSecret(encoded_context);
  EpochSecrets secrets(epoch_secret.view());
  content.auth.confirmation_tag = secrets.ConfirmationTag(context.confirmed_transcript_hash);
  return BuiltCommit{std::move(content),      std::move(effects),      std::move(list),
                     std::move(context),      std::move(path_secrets), std::move(joiner),
                     std::move(epoch_secret), std::move(secrets)};
}

absl::StatusOr<Welcome> CommitBuilder::MakeWelcome(const BuiltCommit& built,
                                                   const CommitOptions& options,
                                                   const crypto::SigningKey& key) const {
  const GroupInfo info =
      MakeSignedGroupInfo({.context = built.context,
                           .confirmation_tag = built.content.auth.confirmation_tag,
                           .extensions = options.welcome_extensions,
                           .tree = options.tree_in_welcome ? &built.effects.diff : nullptr,
                           .external = nullptr,
                           .signer = built.effects.summary.committer,
                           .key = key});
  std::vector<WelcomeRecipient> recipients;
  for (size_t i = 0; i < built.list.adds.size(); ++i) {
    const LeafIndex leaf = built.effects.summary.added[i].leaf;
    recipients.push_back(
        {built.list.adds[i], built.path ? built.path->SecretFor(leaf) : BytesView{}});
  }
  return SealWelcome(info, built.joiner, built.list.psks, recipients, rng_);
}

GroupInfo MakeSignedGroupInfo(const GroupInfoRequest& request) {
  GroupInfo info;
  info.group_context = request.context;
  info.extensions = request.extensions;
  info.confirmation_tag = ToBytes(request.confirmation_tag);
  info.signer = request.signer;
  if (request.external != nullptr) {
    info.extensions.Set(kExtensionExternalPub,
                        SerializeExternalPub(request.external->ExternalKeyPair().public_key()));
  }
  if (request.tree != nullptr)
    info.extensions.Set(kExtensionRatchetTree, SerializeTreeView(*request.tree));
  info.Sign(request.key);
  return info;
}

}  // namespace enlace::mls
