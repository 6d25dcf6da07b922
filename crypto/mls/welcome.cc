#include "crypto/mls/welcome.h"

#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr std::string_view kGroupInfoLabel = "GroupInfoTBS";

}  // namespace

absl::Status GroupInfo::Read(codec::Reader& in, GroupInfo& out) {
  ENLACE_RETURN_IF_ERROR(GroupContext::Read(in, out.group_context));
  ENLACE_RETURN_IF_ERROR(ExtensionList::Read(in, out.extensions));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.confirmation_tag));
  ENLACE_RETURN_IF_ERROR(in.ReadU32(out.signer));
  return in.ReadVector(out.signature);
}

void GroupInfo::Write(codec::Writer& out) const {
  out.Raw(EncodeTbs());
  out.Vector(signature);
}

Bytes GroupInfo::EncodeTbs() const {
  codec::Writer out(512);
  group_context.Write(out);
  extensions.Write(out);
  out.Vector(confirmation_tag);
  out.U32(signer);
  return out.Take();
}

void GroupInfo::Sign(const crypto::SigningKey& key) {
  signature = crypto::SignWithLabel(key, kGroupInfoLabel, EncodeTbs());
}

absl::Status GroupInfo::VerifySignature(BytesView signature_key) const {
  return crypto::VerifyWithLabel(signature_key, kGroupInfoLabel, EncodeTbs(), signature);
}

absl::Status Welcome::Read(codec::Reader& in, Welcome& out) {
  uint16_t suite = 0;
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(suite));
  ENLACE_ASSIGN_OR_RETURN(out.cipher_suite, crypto::CipherSuite::FromId(suite));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.secrets.clear();
  while (!items.empty()) {
    EncryptedGroupSecrets& entry = out.secrets.emplace_back();
    ENLACE_RETURN_IF_ERROR(items.ReadVector(entry.new_member));
    ENLACE_RETURN_IF_ERROR(items.ReadVector(entry.encrypted_group_secrets.kem_output));
    ENLACE_RETURN_IF_ERROR(items.ReadVector(entry.encrypted_group_secrets.ciphertext));
  }
  return in.ReadVector(out.encrypted_group_info);
}

void Welcome::Write(codec::Writer& out) const {
  out.U16(cipher_suite.id());
  const size_t mark = out.BeginVector();
  for (const EncryptedGroupSecrets& entry : secrets) {
    out.Vector(entry.new_member);
    out.Vector(entry.encrypted_group_secrets.kem_output);
    out.Vector(entry.encrypted_group_secrets.ciphertext);
  }
  out.EndVector(mark);
  out.Vector(encrypted_group_info);
}

absl::StatusOr<std::vector<ExternalSender>> ParseExternalSenders(BytesView data) {
  codec::Reader in(data);
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  ENLACE_RETURN_IF_ERROR(in.Done());
  codec::Reader items(body);
  std::vector<ExternalSender> out;
  while (!items.empty()) {
    ExternalSender& sender = out.emplace_back();
    ENLACE_RETURN_IF_ERROR(items.ReadVector(sender.signature_key));
    ENLACE_RETURN_IF_ERROR(Credential::Read(items, sender.credential));
  }
  return out;
}

Bytes SerializeExternalSenders(const std::vector<ExternalSender>& senders) {
  codec::Writer out;
  const size_t mark = out.BeginVector();
  for (const ExternalSender& sender : senders) {
    out.Vector(sender.signature_key);
    sender.credential.Write(out);
  }
  out.EndVector(mark);
  return out.Take();
}

absl::StatusOr<Bytes> ParseExternalPub(BytesView data) {
  codec::Reader in(data);
  Bytes out;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out));
  ENLACE_RETURN_IF_ERROR(in.Done());
  if (out.size() != crypto::kHpkePublicKeyBytes)
    return InvalidArgument("external_pub is not a public key");
  return out;
}

Bytes SerializeExternalPub(BytesView public_key) {
  codec::Writer out;
  out.Vector(public_key);
  return out.Take();
}

}  // namespace enlace::mls
