// Saving and restoring a Group. The format is the keys below with values in the TLS presentation
// language; "public/" is public_group_state.cc's and "secret/" secret_tree.cc's.
//   group/record              version, own leaf, removed or not, signing key
//   group/epoch               private tree and epoch secrets
//   group/send/a, group/send/h   the own ratchets, behind the reserved generations
//   group/pending             the own Commit that waits to come back
//   group/update/<key>        an own Update that waits to be committed
//   group/resumption/<epoch>  resumption PSKs

#include <charconv>
#include <utility>

#include "crypto/mls/group_impl.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr uint8_t kRecordVersion = 1;
constexpr std::string_view kRecordKey = "group/record";
constexpr std::string_view kEpochKey = "group/epoch";
constexpr std::string_view kSendApplicationKey = "group/send/a";
constexpr std::string_view kSendHandshakeKey = "group/send/h";
constexpr std::string_view kPendingKey = "group/pending";
constexpr std::string_view kUpdatePrefix = "group/update/";
constexpr std::string_view kResumptionPrefix = "group/resumption/";
constexpr std::string_view kPublicPrefix = "public/";

using Saved = std::map<std::string, SecretBytes>;

StateChange Write(std::string_view key, SecretBytes value) {
  return {std::string(key), std::move(value)};
}
StateChange Delete(std::string_view key) { return {std::string(key), std::nullopt}; }

void WriteKey(SecretWriter& out, const std::optional<crypto::SigningKey>& key) {
  out.Vector(key ? key->seed() : BytesView{});
}

absl::Status ReadKey(codec::Reader& in, std::optional<crypto::SigningKey>& out) {
  BytesView seed;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(seed));
  if (seed.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(out, crypto::SigningKey::FromSeed(seed));
  return absl::OkStatus();
}

SecretBytes EncodeEpoch(const EpochState& epoch) {
  SecretWriter out(2048);
  out.Vector(epoch.private_tree.Serialize().view());
  out.Vector(epoch.secrets.Serialize().view());
  return out.Take();
}

SecretBytes EncodePending(const OwnCommit& commit) {
  SecretWriter out(commit.message.size() + commit.content.size() + 1024);
  out.Vector(commit.message);
  out.Vector(commit.content);
  out.U32(commit.own_leaf);
  out.Vector(commit.private_tree.Serialize().view());
  out.Vector(commit.epoch_secret.view());
  WriteKey(out, commit.signing_key);
  return out.Take();
}

absl::StatusOr<OwnCommit> ParsePending(BytesView saved) {
  codec::Reader in(saved);
  Bytes message;
  Bytes content;
  LeafIndex own_leaf = 0;
  BytesView tree;
  BytesView epoch_secret;
  std::optional<crypto::SigningKey> key;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(message));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(content));
  ENLACE_RETURN_IF_ERROR(in.ReadU32(own_leaf));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(tree));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(epoch_secret));
  ENLACE_RETURN_IF_ERROR(ReadKey(in, key));
  ENLACE_RETURN_IF_ERROR(in.Done());
  ENLACE_ASSIGN_OR_RETURN(PrivateTree private_tree, PrivateTree::Parse(tree));
  return OwnCommit{std::move(message),
                   std::move(content),
                   own_leaf,
                   std::move(private_tree),
                   SecretBytes::CopyOf(epoch_secret),
                   std::move(key)};
}

SecretBytes EncodeUpdate(const OwnUpdate& update) {
  SecretWriter out;
  out.Vector(update.leaf_key.private_key());
  out.Vector(update.leaf_key.public_key());
  WriteKey(out, update.signing_key);
  return out.Take();
}

absl::StatusOr<OwnUpdate> ParseUpdate(BytesView saved) {
  codec::Reader in(saved);
  BytesView private_key;
  BytesView public_key;
  std::optional<crypto::SigningKey> key;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(private_key));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(public_key));
  ENLACE_RETURN_IF_ERROR(ReadKey(in, key));
  ENLACE_RETURN_IF_ERROR(in.Done());
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair pair,
                          crypto::HpkeKeyPair::FromStored(private_key, public_key));
  return OwnUpdate{std::move(pair), std::move(key)};
}

absl::StatusOr<uint64_t> ParseNumber(std::string_view digits) {
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return InvalidArgument("saved group has a malformed key");
  }
  return out;
}

StateChange SendChange(std::string_view key, const EpochState* epoch,
                       std::optional<SendRatchet> EpochState::*slot) {
  if (epoch == nullptr || !(epoch->*slot)) return Delete(key);
  SecretWriter out;
  (epoch->*slot)->ahead().Write(out);
  return Write(key, out.Take());
}

// The values under "public/", which are not secret.
std::map<std::string, Bytes> PublicPart(const Saved& saved) {
  std::map<std::string, Bytes> out;
  for (auto at = saved.lower_bound(std::string(kPublicPrefix)); at != saved.end(); ++at) {
    if (!at->first.starts_with(kPublicPrefix)) break;
    out.emplace(at->first, ToBytes(at->second.view()));
  }
  return out;
}

absl::Status RestoreSend(const Saved& saved, std::string_view key, std::optional<SendRatchet>& out,
                         crypto::CipherSuite suite) {
  const auto found = saved.find(std::string(key));
  if (found == saved.end()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(HashRatchet ratchet, HashRatchet::Parse(suite, found->second.view()));
  out.emplace(std::move(ratchet));
  return absl::OkStatus();
}

}  // namespace

std::vector<StateChange> Group::TakeChanges() { return impl_->TakeChanges(); }

std::vector<StateChange> Group::Impl::TakeChanges() {
  std::vector<StateChange> out;
  for (PublicChange& change : public_group.TakeChanges()) {
    StateChange write = Delete(change.key);
    if (change.value) write.value = SecretBytes::CopyOf(*change.value);
    out.push_back(std::move(write));
  }
  for (const std::string& key : std::exchange(gone, {})) out.push_back(Delete(key));
  if (record_changed) {
    SecretWriter record;
    record.U8(kRecordVersion);
    record.U32(own_leaf);
    record.U8(removed ? 1 : 0);
    record.Vector(signing_key.seed());
    out.push_back(Write(kRecordKey, record.Take()));
  }
  if (epoch_changed)
    out.push_back(epoch ? Write(kEpochKey, EncodeEpoch(*epoch)) : Delete(kEpochKey));
  if (epoch) epoch->secret_tree.TakeChanges(out);
  if (send_changed) {
    const EpochState* state = epoch ? &*epoch : nullptr;
    out.push_back(SendChange(kSendApplicationKey, state, &EpochState::application));
    out.push_back(SendChange(kSendHandshakeKey, state, &EpochState::handshake));
  }
  if (pending_changed)
    out.push_back(pending ? Write(kPendingKey, EncodePending(*pending)) : Delete(kPendingKey));
  for (const Bytes& id : changed_updates) {
    const std::string key = std::string(kUpdatePrefix) + ToHex(id);
    const auto found = updates.find(id);
    out.push_back(found == updates.end() ? Delete(key) : Write(key, EncodeUpdate(found->second)));
  }
  for (uint64_t number : changed_psks) {
    const std::string key = std::string(kResumptionPrefix) + std::to_string(number);
    const auto found = resumption_psks.find(number);
    out.push_back(found == resumption_psks.end() ? Delete(key) : Write(key, found->second.Clone()));
  }
  record_changed = epoch_changed = send_changed = pending_changed = false;
  changed_updates.clear();
  changed_psks.clear();
  return out;
}

absl::Status Group::Impl::RestoreEpoch(const Saved& saved) {
  const auto found = saved.find(std::string(kEpochKey));
  if (found == saved.end()) return absl::OkStatus();
  codec::Reader in(found->second.view());
  BytesView tree;
  BytesView secrets;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(tree));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(secrets));
  ENLACE_RETURN_IF_ERROR(in.Done());
  ENLACE_ASSIGN_OR_RETURN(PrivateTree private_tree, PrivateTree::Parse(tree));
  ENLACE_ASSIGN_OR_RETURN(EpochSecrets epoch_secrets, EpochSecrets::Parse(secrets));
  ENLACE_ASSIGN_OR_RETURN(
      SecretTree secret_tree,
      SecretTree::Restore(public_group.suite(), public_group.tree().leaf_width(), saved));
  epoch.emplace(EpochState{
      std::move(private_tree), std::move(epoch_secrets), std::move(secret_tree), {}, {}});
  ENLACE_RETURN_IF_ERROR(
      RestoreSend(saved, kSendApplicationKey, epoch->application, public_group.suite()));
  return RestoreSend(saved, kSendHandshakeKey, epoch->handshake, public_group.suite());
}

absl::Status Group::Impl::RestoreRest(const Saved& saved) {
  for (const auto& [key, value] : saved) {
    const std::string_view name = key;
    if (name == kPendingKey) {
      ENLACE_ASSIGN_OR_RETURN(OwnCommit commit, ParsePending(value.view()));
      pending.emplace(std::move(commit));
    } else if (name.starts_with(kUpdatePrefix)) {
      ENLACE_ASSIGN_OR_RETURN(OwnUpdate update, ParseUpdate(value.view()));
      Bytes id = ToBytes(update.leaf_key.public_key());
      updates.emplace(std::move(id), std::move(update));
    } else if (name.starts_with(kResumptionPrefix)) {
      ENLACE_ASSIGN_OR_RETURN(const uint64_t number,
                              ParseNumber(name.substr(kResumptionPrefix.size())));
      resumption_psks.emplace(number, value.Clone());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Group> Group::Restore(const std::map<std::string, SecretBytes>& saved) {
  ENLACE_ASSIGN_OR_RETURN(PublicGroup group, PublicGroup::Restore(PublicPart(saved)));
  const auto found = saved.find(std::string(kRecordKey));
  if (found == saved.end()) return DataLoss("saved group has no record");
  absl::StatusOr<std::unique_ptr<Impl>> impl =
      Impl::FromRecord(std::move(group), found->second.view());
  if (!impl.ok()) return DataLoss(MessageOf(impl.status()));
  for (const absl::Status& status : {(*impl)->RestoreEpoch(saved), (*impl)->RestoreRest(saved)}) {
    if (!status.ok()) return DataLoss(MessageOf(status));
  }
  return Group(std::move(*impl));
}

absl::StatusOr<std::unique_ptr<Group::Impl>> Group::Impl::FromRecord(PublicGroup group,
                                                                     BytesView record) {
  codec::Reader in(record);
  uint8_t version = 0;
  LeafIndex own_leaf = 0;
  bool removed = false;
  BytesView seed;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(version));
  if (version != kRecordVersion) return InvalidArgument("saved group is of an unknown version");
  ENLACE_RETURN_IF_ERROR(in.ReadU32(own_leaf));
  ENLACE_RETURN_IF_ERROR(in.ReadPresence(removed));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(seed));
  ENLACE_RETURN_IF_ERROR(in.Done());
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::FromSeed(seed));
  auto impl = std::make_unique<Impl>(std::move(group), own_leaf, std::move(key));
  impl->removed = removed;
  impl->record_changed = impl->epoch_changed = false;
  return impl;
}

}  // namespace enlace::mls
