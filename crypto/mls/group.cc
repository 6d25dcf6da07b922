#include "crypto/mls/group.h"

#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/mls/group_results.h"
#include "crypto/mls/message_protection.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {

Group::Group(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;

const PublicGroup& Group::public_group() const { return impl_->public_group; }
LeafIndex Group::own_leaf() const { return impl_->own_leaf; }
bool Group::is_active() const { return impl_->CheckActive().ok(); }

absl::StatusOr<Group> Group::Create(const GroupConfig& config, const LeafProfile& creator,
                                    const crypto::SigningKey& key, crypto::Rng& rng) {
  KeyPackageOptions options;
  options.suite = config.suite;
  options.lifetime = {0, UINT64_MAX};
  ENLACE_ASSIGN_OR_RETURN(KeyPackageBundle bundle, GenerateKeyPackage(creator, options, key, rng));
  ENLACE_RETURN_IF_ERROR(
      ValidateContextExtensions(config.extensions, StructuralCredentialValidator()));
  ENLACE_ASSIGN_OR_RETURN(const RequiredCapabilities required,
                          RequiredCapabilitiesOf(config.extensions));
  LeafRules rules;
  rules.suite = config.suite;
  rules.required = &required;
  ENLACE_RETURN_IF_ERROR(ValidateLeafNode(bundle.key_package.leaf_node(), rules));
  GroupContext context;
  context.cipher_suite = config.suite;
  context.group_id = config.group_id;
  context.extensions = config.extensions;
  ENLACE_ASSIGN_OR_RETURN(
      PublicGroup group,
      PublicGroup::CreateWithOneLeaf(std::move(context), bundle.key_package.leaf_node()));

  // Section 11: the epoch_secret of epoch 0 is fresh and random.
  const SecretBytes epoch_secret = rng.Secret(crypto::kHashBytes);
  EpochSecrets secrets(epoch_secret.view());
  group.SetInitialConfirmationTag(
      secrets.ConfirmationTag(group.context().confirmed_transcript_hash));
  auto impl = std::make_unique<Impl>(std::move(group), 0, key.Clone());
  impl->InstallEpoch(0, PrivateTree(0, std::move(bundle.encryption_key)), std::move(secrets));
  return Group(std::move(impl));
}

absl::Status Group::Impl::CheckActive() const {
  if (removed) return FailedPrecondition("this client was removed from the group");
  if (!epoch) return FailedPrecondition("the join of this client is still pending");
  if (public_group.reinitialised()) return FailedPrecondition("the group was reinitialised");
  return absl::OkStatus();
}

void Group::Impl::InstallEpoch(LeafIndex leaf, PrivateTree private_tree, EpochSecrets secrets) {
  SecretTree secret_tree(public_group.suite(), public_group.tree().leaf_width(),
                         secrets.TakeEncryptionSecret());
  if (epoch) secret_tree.Supersede(epoch->secret_tree);
  const uint64_t number = public_group.epoch();
  resumption_psks.insert_or_assign(number, SecretBytes::CopyOf(secrets.resumption_psk()));
  changed_psks.insert(number);
  while (resumption_psks.size() > kResumptionPsksMax) {
    changed_psks.insert(resumption_psks.begin()->first);
    resumption_psks.erase(resumption_psks.begin());
  }
  own_leaf = leaf;
  epoch.reset();
  epoch.emplace(
      EpochState{std::move(private_tree), std::move(secrets), std::move(secret_tree), {}, {}});
  record_changed = true;
  epoch_changed = true;
  send_changed = true;
  ForgetUpdates();
  SetPending(std::nullopt);
}

void Group::Impl::Leave() {
  if (epoch) {
    // A tree without secrets takes over the names, so that the next save deletes them all.
    std::vector<StateChange> changes;
    SecretTree empty(public_group.suite(), 1, SecretBytes(crypto::kHashBytes));
    empty.Supersede(epoch->secret_tree);
    empty.TakeChanges(changes);
    for (StateChange& change : changes) gone.push_back(std::move(change.key));
  }
  for (const auto& [number, psk] : resumption_psks) changed_psks.insert(number);
  resumption_psks.clear();
  epoch.reset();
  removed = true;
  record_changed = true;
  epoch_changed = true;
  send_changed = true;
  ForgetUpdates();
  SetPending(std::nullopt);
}

void Group::Impl::SetPending(std::optional<OwnCommit> commit) {
  pending_changed = pending_changed || pending || commit;
  pending.reset();
  if (commit) pending.emplace(std::move(*commit));
}

void Group::Impl::ForgetUpdates() {
  for (const auto& [reference, update] : updates) changed_updates.insert(reference);
  updates.clear();
}

SendRatchet& Group::Impl::Sender(RatchetType type) {
  std::optional<SendRatchet>& slot =
      type == RatchetType::kApplication ? epoch->application : epoch->handshake;
  if (!slot) {
    // The own ratchets are in the tree until here, and nobody else takes them.
    slot.emplace(std::move(epoch->secret_tree.TakeRatchet(own_leaf, type)).value());
    send_changed = true;
  }
  return *slot;
}

void Group::ReserveGenerations(uint32_t count) {
  if (!impl_->CheckActive().ok()) return;
  impl_->Sender(RatchetType::kApplication).Reserve(count);
  impl_->Sender(RatchetType::kHandshake).Reserve(count);
  impl_->send_changed = true;
}

uint32_t Group::reserved_generations() const {
  return impl_->epoch && impl_->epoch->application ? impl_->epoch->application->reserved() : 0;
}

absl::StatusOr<Bytes> Group::Protect(BytesView content, const MessageOptions& options,
                                     crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  if (!public_group().pending_proposals().empty()) {
    return FailedPrecondition("proposals are pending: commit them before sending content");
  }
  ENLACE_ASSIGN_OR_RETURN(const SendRatchet::Generation generation,
                          impl_->Sender(RatchetType::kApplication).Take());
  SenderData sender{impl_->own_leaf, generation.number, {}};
  rng.Fill(sender.reuse_guard);
  const codec::VectorPrefix prefix(content.size());
  const FramedContentView view{.group_id = context().group_id,
                               .epoch = context().epoch,
                               .sender = Sender::Member(impl_->own_leaf),
                               .authenticated_data = options.authenticated_data,
                               .content_type = ContentType::kApplication,
                               .content_prefix = prefix.view(),
                               .encoded_content = content};
  FramedContentAuthData auth;
  auth.signature = SignContent(impl_->signing_key, WireFormat::kPrivateMessage, view, context());
  const SealingKeys keys{context().cipher_suite, impl_->epoch->secrets.sender_data_key(),
                         generation.key, sender};
  return SealPrivateMessage(keys, view, auth, options.padding_bytes);
}

absl::StatusOr<Bytes> Group::Impl::Frame(const AuthenticatedContent& content,
                                         const MessageOptions& options, crypto::Rng& rng) {
  if (content.wire_format == WireFormat::kPublicMessage) {
    PublicMessage message{content.content, content.auth, std::nullopt};
    if (epoch && content.content.sender.type == SenderType::kMember) {
      message.membership_tag =
          MembershipTag(epoch->secrets.membership_key(), message, public_group.context());
    }
    return SerializeMessage(message);
  }
  ENLACE_ASSIGN_OR_RETURN(const SendRatchet::Generation generation,
                          Sender(RatchetType::kHandshake).Take());
  SenderData sender{own_leaf, generation.number, {}};
  rng.Fill(sender.reuse_guard);
  codec::Writer encoded(1024);
  WriteContent(encoded, content.content.content);
  const FramedContentView view{.group_id = content.content.group_id,
                               .epoch = content.content.epoch,
                               .sender = content.content.sender,
                               .authenticated_data = content.content.authenticated_data,
                               .content_type = content.content.content_type(),
                               .content_prefix = {},
                               .encoded_content = encoded.view()};
  const SealingKeys keys{public_group.suite(), epoch->secrets.sender_data_key(), generation.key,
                         sender};
  return SealPrivateMessage(keys, view, content.auth, options.padding_bytes);
}

absl::StatusOr<Bytes> Group::MakeGroupInfo(bool tree, const ExtensionList& extensions) const {
  ENLACE_RETURN_IF_ERROR(impl_->CheckActive());
  return SerializeMessage(
      MakeSignedGroupInfo({.context = context(),
                           .confirmation_tag = public_group().confirmation_tag(),
                           .extensions = extensions,
                           .tree = tree ? &public_group().tree() : nullptr,
                           .external = &impl_->epoch->secrets,
                           .signer = impl_->own_leaf,
                           .key = impl_->signing_key}));
}

absl::StatusOr<SecretBytes> Group::Exporter(std::string_view label, BytesView exporter_context,
                                            size_t size_bytes) const {
  if (!impl_->epoch) return FailedPrecondition("the group has no epoch of this client's");
  return impl_->epoch->secrets.Export(label, exporter_context, size_bytes);
}

BytesView Group::EpochAuthenticator() const {
  return impl_->epoch ? impl_->epoch->secrets.epoch_authenticator() : BytesView{};
}

absl::StatusOr<SecretBytes> Group::ResumptionPsk(uint64_t epoch) const {
  const auto found = impl_->resumption_psks.find(epoch);
  if (found == impl_->resumption_psks.end())
    return NotFound("resumption PSK of this epoch is not kept");
  return found->second.Clone();
}

absl::StatusOr<std::vector<PskInput>> Group::Impl::LookUpPsks(std::span<const PreSharedKeyId> ids,
                                                              const PskStore* store) const {
  std::vector<PskInput> out;
  for (const PreSharedKeyId& id : ids) {
    if (id.psk_type == PskType::kResumption &&
        EqualBytes(id.psk_group_id, public_group.group_id())) {
      const auto own = resumption_psks.find(id.psk_epoch);
      if (own != resumption_psks.end()) {
        out.push_back({id, own->second.Clone()});
        continue;
      }
    }
    if (store == nullptr) return NotFound("a pre-shared key is not available");
    ENLACE_ASSIGN_OR_RETURN(SecretBytes psk, store->Find(id));
    out.push_back({id, std::move(psk)});
  }
  return out;
}

}  // namespace enlace::mls
