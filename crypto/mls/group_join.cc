// Joining: RFC 9420 sections 12.4.3.1 (Welcome), 8.3 and 12.4.3.2 (external Commit).

#include <algorithm>
#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/mls/group_results.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// The ratchet_tree extension of a GroupInfo, else the tree that came by another way.
absl::StatusOr<BytesView> TreeOf(const GroupInfo& info, const std::optional<BytesView>& given) {
  const std::optional<BytesView> inside = info.extensions.Find(kExtensionRatchetTree);
  if (inside) return *inside;
  if (given) return *given;
  return InvalidArgument("GroupInfo has no ratchet tree and none was given");
}

// The PSK that ties a new group to a former one (sections 11.2, 11.3), if there is one.
const PreSharedKeyId* FormerGroupPsk(std::span<const PreSharedKeyId> psks) {
  for (const PreSharedKeyId& psk : psks) {
    if (psk.psk_type == PskType::kResumption && psk.usage != ResumptionPskUsage::kApplication)
      return &psk;
  }
  return nullptr;
}

absl::Status CheckAtMostOneFormerPsk(std::span<const PreSharedKeyId> psks) {
  const PreSharedKeyId* first = FormerGroupPsk(psks);
  if (first == nullptr) return absl::OkStatus();
  const auto rest = psks.subspan(static_cast<size_t>(first - psks.data()) + 1);
  return FormerGroupPsk(rest) == nullptr
             ? absl::OkStatus()
             : InvalidArgument("Welcome with two PSKs of former groups");
}

absl::Status CheckBundle(const WelcomeInput& input) {
  const LeafNode& leaf = input.own->key_package.leaf_node();
  if (!EqualBytes(input.key->public_key(), leaf.signature_key())) {
    return InvalidArgument("signing key is not that of the key package");
  }
  return absl::OkStatus();
}

// What ties the new group to its former one, as far as the library can tell (end of
// section 12.4.3.1); whether the members are the right ones, the application decides.
absl::Status CheckFormerGroup(const PreSharedKeyId& psk, const Group* former,
                              const GroupContext& context) {
  if (context.epoch != 1)
    return InvalidArgument("PSK of a former group after the new group's first Commit");
  if (former == nullptr) {
    return InvalidArgument("Welcome is tied to a former group that was not given");
  }
  const PublicGroup& old = former->public_group();
  if (!EqualBytes(psk.psk_group_id, old.group_id()))
    return InvalidArgument("PSK is of another former group");
  if (psk.usage == ResumptionPskUsage::kBranch) {
    return context.cipher_suite == old.suite() ? absl::OkStatus()
                                               : InvalidArgument("branch changes the cipher suite");
  }
  const std::optional<ReInit>& reinit = old.reinit();
  const bool matches = reinit && reinit->group_id == context.group_id &&
                       reinit->cipher_suite == context.cipher_suite.id() &&
                       reinit->version == kProtocolVersionMls10 &&
                       reinit->extensions == context.extensions;
  return matches ? absl::OkStatus() : InvalidArgument("new group does not match the ReInit");
}

// Resumption PSKs of the former group, else what the caller's store has.
class FormerPsks final : public PskStore {
 public:
  FormerPsks(const Group* former, const PskStore* store) : former_(former), store_(store) {}
  absl::StatusOr<SecretBytes> Find(const PreSharedKeyId& id) const override {
    const bool of_former = former_ != nullptr && id.psk_type == PskType::kResumption &&
                           EqualBytes(id.psk_group_id, former_->context().group_id);
    if (of_former) return former_->ResumptionPsk(id.psk_epoch);
    if (store_ == nullptr) return NotFound("a pre-shared key is not available");
    return store_->Find(id);
  }

 private:
  const Group* former_;
  const PskStore* store_;
};

absl::StatusOr<std::vector<PskInput>> FindPsks(std::span<const PreSharedKeyId> ids,
                                               const PskStore& store) {
  std::vector<PskInput> out;
  for (const PreSharedKeyId& id : ids) {
    ENLACE_ASSIGN_OR_RETURN(SecretBytes psk, store.Find(id));
    out.push_back({id, std::move(psk)});
  }
  return out;
}

}  // namespace

absl::StatusOr<JoinedGroup> Group::JoinWelcome(const WelcomeInput& input,
                                               const ValidationRules& rules) {
  ENLACE_RETURN_IF_ERROR(CheckBundle(input));
  ENLACE_ASSIGN_OR_RETURN(const MlsMessage message, MlsMessage::Parse(input.welcome));
  const auto* welcome = std::get_if<Welcome>(&message.body);
  if (welcome == nullptr) return InvalidArgument("message is not a Welcome");
  ENLACE_ASSIGN_OR_RETURN(GroupSecrets group_secrets, OpenGroupSecrets(*welcome, *input.own));
  ENLACE_RETURN_IF_ERROR(CheckAtMostOneFormerPsk(group_secrets.psks));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<PskInput> psks,
                          FindPsks(group_secrets.psks, FormerPsks(input.former, input.psks)));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes psk_secret, DerivePskSecret(psks));
  const JoinerSecrets joiner =
      JoinerSecrets::FromJoiner(std::move(group_secrets.joiner_secret), psk_secret.view());
  ENLACE_ASSIGN_OR_RETURN(const GroupInfo info,
                          OpenGroupInfo(*welcome, joiner.welcome_secret.view()));
  if (input.already_joined && input.already_joined(info.group_context.group_id)) {
    return MakeStatus(absl::StatusCode::kAlreadyExists,
                      "Welcome into a group that this client is in");
  }
  ENLACE_ASSIGN_OR_RETURN(const BytesView tree_bytes, TreeOf(info, input.tree));
  ENLACE_ASSIGN_OR_RETURN(PublicGroup group, PublicGroup::FromGroupInfo(info, tree_bytes, rules));

  const LeafNode& own = input.own->key_package.leaf_node();
  const std::optional<LeafIndex> leaf = group.tree().FindByEncryptionKey(own.encryption_key());
  if (!leaf || !(group.tree().leaf(*leaf) == own))
    return InvalidArgument("own leaf is not in the tree");
  PrivateTree private_tree(*leaf, input.own->encryption_key.Clone());
  if (group_secrets.path_secret) {
    ENLACE_RETURN_IF_ERROR(private_tree.ImplantPathSecret(group.tree(), info.signer,
                                                          std::move(*group_secrets.path_secret)));
  }
  EpochSecrets secrets(joiner.EpochSecret(info.group_context.Serialize()).view());
  if (!secrets.VerifyConfirmationTag(info.group_context.confirmed_transcript_hash,
                                     info.confirmation_tag)) {
    return InvalidArgument("confirmation tag does not verify");
  }
  if (const PreSharedKeyId* psk = FormerGroupPsk(group_secrets.psks)) {
    ENLACE_RETURN_IF_ERROR(CheckFormerGroup(*psk, input.former, info.group_context));
  }
  auto impl = std::make_unique<Impl>(std::move(group), *leaf, input.key->Clone());
  impl->InstallEpoch(*leaf, std::move(private_tree), std::move(secrets));
  return JoinedGroup{Group(std::move(impl)), info.extensions, info.signer};
}

absl::StatusOr<ExternalJoin> Group::JoinExternal(const ExternalJoinInput& input,
                                                 const ValidationRules& rules, crypto::Rng& rng) {
  ENLACE_ASSIGN_OR_RETURN(const MlsMessage message, MlsMessage::Parse(input.group_info));
  const auto* info = std::get_if<GroupInfo>(&message.body);
  if (info == nullptr) return InvalidArgument("message is not a GroupInfo");
  ENLACE_ASSIGN_OR_RETURN(const BytesView tree_bytes, TreeOf(*info, input.tree));
  ENLACE_ASSIGN_OR_RETURN(PublicGroup group, PublicGroup::FromGroupInfo(*info, tree_bytes, rules));
  const std::optional<BytesView> external = info->extensions.Find(kExtensionExternalPub);
  if (!external) return InvalidArgument("GroupInfo has no external_pub");
  ENLACE_ASSIGN_OR_RETURN(const Bytes external_pub, ParseExternalPub(*external));
  ENLACE_ASSIGN_OR_RETURN(const ExternalInitSecret init,
                          EncapsulateExternalInit(group.suite(), external_pub, rng));

  auto impl = std::make_unique<Impl>(std::move(group), 0, input.key->Clone());
  std::vector<Proposal> proposals = {Proposal{ExternalInit{init.kem_output}}};
  if (input.resync_leaf) proposals.push_back(Proposal{Remove{*input.resync_leaf}});
  for (const PreSharedKeyId& psk : input.psk_ids) proposals.push_back(Proposal{PreSharedKey{psk}});
  CommitRequest request;
  for (const Proposal& proposal : proposals) {
    request.items.emplace_back(proposal);
    request.entries.push_back({&proposal, Sender::NewMemberCommit(), false});
  }
  request.authenticated_data = input.authenticated_data;
  request.leaf.credential = input.profile.credential;
  request.leaf.capabilities = input.profile.capabilities;
  request.leaf.extensions = input.profile.extensions;
  request.content_key = &impl->signing_key;
  request.leaf_key = &impl->signing_key;
  request.init_secret = init.init_secret.view();
  ENLACE_ASSIGN_OR_RETURN(request.psks, impl->LookUpPsks(input.psk_ids, input.psks));
  CommitOptions options;
  options.want_group_info = input.want_group_info;
  options.group_info_extensions = input.group_info_extensions;
  ENLACE_ASSIGN_OR_RETURN(CommitBundle bundle, impl->MakeCommit(request, options, rules, rng));
  // What the members will judge is judged here first: among it whether this client may stand in the
  // group again.
  ENLACE_RETURN_IF_ERROR(impl->public_group.ValidateCommit(bundle.commit, rules).status());
  return ExternalJoin{Group(std::move(impl)), std::move(bundle.commit),
                      std::move(bundle.group_info), std::move(bundle.summary)};
}

}  // namespace enlace::mls
