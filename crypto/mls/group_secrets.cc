#include "crypto/mls/group_secrets.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/secret_codec.h"
#include "crypto/mls/tree_reader.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr std::string_view kWelcomeLabel = "Welcome";

SecretBytes EncodeGroupSecrets(BytesView joiner_secret, BytesView path_secret,
                               std::span<const PreSharedKeyId> psks) {
  SecretWriter out;
  out.Vector(joiner_secret);
  out.U8(path_secret.empty() ? 0 : 1);
  if (!path_secret.empty()) out.Vector(path_secret);
  codec::Writer ids;
  for (const PreSharedKeyId& psk : psks) psk.Write(ids);
  out.Vector(ids.view());
  return out.Take();
}

}  // namespace

SecretBytes GroupSecrets::Serialize() const {
  return EncodeGroupSecrets(joiner_secret.view(), path_secret ? path_secret->view() : BytesView{},
                            psks);
}

namespace {

// Both secrets of GroupSecrets are outputs of the KDF (sections 7.4 and 8).
absl::StatusOr<SecretBytes> ReadKdfOutput(codec::Reader& in) {
  BytesView secret;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(secret));
  if (secret.size() != crypto::kHashBytes) return InvalidArgument("secret of a wrong length");
  return SecretBytes::CopyOf(secret);
}

}  // namespace

absl::StatusOr<GroupSecrets> GroupSecrets::Parse(BytesView encoded) {
  codec::Reader in(encoded);
  GroupSecrets out;
  bool has_path = false;
  ENLACE_ASSIGN_OR_RETURN(out.joiner_secret, ReadKdfOutput(in));
  ENLACE_RETURN_IF_ERROR(in.ReadPresence(has_path));
  if (has_path) {
    ENLACE_ASSIGN_OR_RETURN(out.path_secret, ReadKdfOutput(in));
  }
  BytesView ids;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(ids));
  codec::Reader items(ids);
  while (!items.empty())
    ENLACE_RETURN_IF_ERROR(PreSharedKeyId::Read(items, out.psks.emplace_back()));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

absl::StatusOr<Welcome> SealWelcome(const GroupInfo& info, const JoinerSecrets& secrets,
                                    std::span<const PreSharedKeyId> psks,
                                    std::span<const WelcomeRecipient> recipients,
                                    crypto::Rng& rng) {
  Welcome out;
  out.cipher_suite = info.group_context.cipher_suite;
  const WelcomeKey key = DeriveWelcomeKey(out.cipher_suite, secrets.welcome_secret.view());
  codec::Writer encoded(1024);
  info.Write(encoded);
  out.encrypted_group_info =
      out.cipher_suite.aead().Seal({key.key.view(), key.nonce.view()}, {}, encoded.view());
  const crypto::LabelEncryptor encryptor(
      {out.cipher_suite, kWelcomeLabel, out.encrypted_group_info});
  std::vector<crypto::HpkeKeyPair> ephemeral =
      crypto::HpkeKeyPair::GenerateMany(recipients.size(), rng);
  auto next_ephemeral = ephemeral.begin();
  out.secrets.reserve(recipients.size());
  for (const WelcomeRecipient& recipient : recipients) {
    const SecretBytes plaintext =
        EncodeGroupSecrets(secrets.joiner_secret.view(), recipient.path_secret, psks);
    EncryptedGroupSecrets& entry = out.secrets.emplace_back();
    entry.new_member = ToBytes(recipient.key_package->Ref());
    ENLACE_ASSIGN_OR_RETURN(entry.encrypted_group_secrets,
                            encryptor.Encrypt(recipient.key_package->init_key(), plaintext.view(),
                                              std::move(*next_ephemeral++)));
  }
  return out;
}

absl::StatusOr<GroupSecrets> OpenGroupSecrets(const Welcome& welcome, const KeyPackageBundle& own) {
  const crypto::Digest reference = own.key_package.Ref();
  const auto entry = std::find_if(
      welcome.secrets.begin(), welcome.secrets.end(),
      [&](const auto& candidate) { return EqualBytes(candidate.new_member, reference); });
  if (entry == welcome.secrets.end()) return NotFound("Welcome is not for this key package");
  if (welcome.cipher_suite != own.key_package.suite()) {
    return InvalidArgument("Welcome and key package are of different cipher suites");
  }
  ENLACE_ASSIGN_OR_RETURN(
      const SecretBytes plaintext,
      crypto::DecryptWithLabel({welcome.cipher_suite, kWelcomeLabel, welcome.encrypted_group_info},
                               own.init_key, entry->encrypted_group_secrets));
  return GroupSecrets::Parse(plaintext.view());
}

absl::StatusOr<GroupInfo> OpenGroupInfo(const Welcome& welcome, BytesView welcome_secret) {
  const WelcomeKey key = DeriveWelcomeKey(welcome.cipher_suite, welcome_secret);
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes plaintext,
                          welcome.cipher_suite.aead().Open({key.key.view(), key.nonce.view()}, {},
                                                           welcome.encrypted_group_info));
  codec::Reader in(plaintext.view());
  GroupInfo out;
  ENLACE_RETURN_IF_ERROR(GroupInfo::Read(in, out));
  ENLACE_RETURN_IF_ERROR(in.Done());
  if (out.group_context.cipher_suite != welcome.cipher_suite) {
    return InvalidArgument("GroupInfo and Welcome are of different cipher suites");
  }
  return out;
}

Bytes SerializeTreeView(const TreeView& tree) {
  NodeIndex end = tree.node_width();
  while (end > 0 && tree.IsBlank(end - 1)) --end;
  codec::Writer out(size_t{end} * 256 + 8);
  const size_t mark = out.BeginVector();
  for (NodeIndex node = 0; node < end; ++node) {
    const bool blank = tree.IsBlank(node);
    out.Presence(!blank);
    if (!blank) WriteNode(tree, node, out);
  }
  out.EndVector(mark);
  return out.Take();
}

}  // namespace enlace::mls
