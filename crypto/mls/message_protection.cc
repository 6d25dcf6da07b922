#include "crypto/mls/message_protection.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {

using crypto::ExpandWithLabel;
using crypto::HmacKey;

namespace {

// PrivateContentAAD, section 6.3.1.
Bytes ContentAad(const PrivateMessage& message) {
  codec::Writer out(message.group_id.size() + message.authenticated_data.size() + 32);
  out.Vector(message.group_id);
  out.U64(message.epoch);
  out.U8(static_cast<uint8_t>(message.content_type));
  out.Vector(message.authenticated_data);
  return out.Take();
}

// SenderDataAAD, section 6.3.2.
Bytes SenderDataAad(const PrivateMessage& message) {
  codec::Writer out(message.group_id.size() + 16);
  out.Vector(message.group_id);
  out.U64(message.epoch);
  out.U8(static_cast<uint8_t>(message.content_type));
  return out.Take();
}

// The nonce with the reuse guard in its first bytes (section 6.3.1).
SecretBytes GuardedNonce(const MessageKey& key, const SenderData& sender) {
  SecretBytes nonce = key.nonce.Clone();
  for (size_t i = 0; i < sender.reuse_guard.size(); ++i)
    nonce.mutable_view()[i] ^= sender.reuse_guard[i];
  return nonce;
}

// Where in `in` the content of `type` ends; for handshake messages that takes parsing them.
absl::Status SkipContent(codec::Reader& in, ContentType type) {
  if (type == ContentType::kApplication) {
    BytesView data;
    return in.ReadVector(data);
  }
  std::variant<ApplicationData, Proposal, Commit> content;
  return ReadContentOfType(in, type, content);
}

// Everything of AuthenticatedContentTBM, section 6.2.
Bytes EncodeTbm(const PublicMessage& message, const GroupContext& context) {
  codec::Writer auth(256);
  message.auth.Write(auth, message.content.content_type());
  Bytes out = EncodeFramedContentTbs(WireFormat::kPublicMessage, message.content, context);
  Append(out, auth.view());
  return out;
}

}  // namespace

MessageKey DeriveSenderDataKey(crypto::CipherSuite suite, const HmacKey& sender_data_secret,
                               BytesView ciphertext) {
  const BytesView sample = ciphertext.first(std::min(ciphertext.size(), crypto::kHashBytes));
  return {ExpandWithLabel(sender_data_secret, "key", sample, suite.aead().key_bytes()),
          ExpandWithLabel(sender_data_secret, "nonce", sample, crypto::kAeadNonceBytes)};
}

Bytes SignContent(const crypto::SigningKey& key, WireFormat wire_format,
                  const FramedContentView& content, const GroupContext& context) {
  const WipedBytes tbs(EncodeFramedContentTbs(wire_format, content, context));
  return crypto::SignWithLabel(key, kFramedContentLabel, tbs.view());
}

absl::Status VerifyContentSignature(BytesView signature_key, WireFormat wire_format,
                                    const FramedContentView& content, const GroupContext& context,
                                    BytesView signature) {
  const WipedBytes tbs(EncodeFramedContentTbs(wire_format, content, context));
  return crypto::VerifyWithLabel(signature_key, kFramedContentLabel, tbs.view(), signature);
}

Bytes MembershipTag(const HmacKey& membership_key, const PublicMessage& message,
                    const GroupContext& context) {
  return ToBytes(membership_key.Tag({EncodeTbm(message, context)}));
}

absl::Status VerifyMembershipTag(const HmacKey& membership_key, const PublicMessage& message,
                                 const GroupContext& context) {
  if (!message.membership_tag) return InvalidArgument("message of a member has no membership tag");
  if (!membership_key.Verify({EncodeTbm(message, context)}, *message.membership_tag)) {
    return InvalidArgument("membership tag does not verify");
  }
  return absl::OkStatus();
}

PrivateMessage SealPrivateMessage(const SealingKeys& keys, const FramedContentView& content,
                                  const FramedContentAuthData& auth, size_t padding_bytes) {
  PrivateMessage out;
  out.group_id = ToBytes(content.group_id);
  out.epoch = content.epoch;
  out.content_type = content.content_type;
  out.authenticated_data = ToBytes(content.authenticated_data);

  // PrivateMessageContent, sealed where it is written: the buffer of the plaintext becomes the
  // ciphertext.
  codec::Writer body(content.encoded_content.size() + padding_bytes + 256);
  body.Raw(content.encoded_content);
  auth.Write(body, content.content_type);
  out.ciphertext = body.Take();
  out.ciphertext.resize(out.ciphertext.size() + padding_bytes + crypto::kAeadTagBytes);
  const SecretBytes nonce = GuardedNonce(keys.message_key, keys.sender);
  const crypto::Aead aead = keys.suite.aead();
  aead.SealInPlace({keys.message_key.key.view(), nonce.view()}, ContentAad(out), out.ciphertext);

  codec::Writer sender(12);
  sender.U32(keys.sender.leaf_index);
  sender.U32(keys.sender.generation);
  sender.Raw(keys.sender.reuse_guard);
  const MessageKey sender_key =
      DeriveSenderDataKey(keys.suite, keys.sender_data_secret, out.ciphertext);
  out.encrypted_sender_data = aead.Seal({sender_key.key.view(), sender_key.nonce.view()},
                                        SenderDataAad(out), sender.view());
  return out;
}

absl::StatusOr<SenderData> OpenSenderData(crypto::CipherSuite suite,
                                          const HmacKey& sender_data_secret,
                                          const PrivateMessage& message) {
  const MessageKey key = DeriveSenderDataKey(suite, sender_data_secret, message.ciphertext);
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes plaintext,
                          suite.aead().Open({key.key.view(), key.nonce.view()},
                                            SenderDataAad(message), message.encrypted_sender_data));
  codec::Reader in(plaintext.view());
  SenderData out;
  BytesView guard;
  ENLACE_RETURN_IF_ERROR(in.ReadU32(out.leaf_index));
  ENLACE_RETURN_IF_ERROR(in.ReadU32(out.generation));
  ENLACE_RETURN_IF_ERROR(in.ReadFixed(out.reuse_guard.size(), guard));
  ENLACE_RETURN_IF_ERROR(in.Done());
  std::copy(guard.begin(), guard.end(), out.reuse_guard.begin());
  return out;
}

absl::StatusOr<OpenedContent> OpenPrivateContent(crypto::CipherSuite suite, const MessageKey& key,
                                                 const SenderData& sender,
                                                 const PrivateMessage& message) {
  const SecretBytes nonce = GuardedNonce(key, sender);
  OpenedContent out;
  ENLACE_ASSIGN_OR_RETURN(
      out.plaintext,
      suite.aead().Open({key.key.view(), nonce.view()}, ContentAad(message), message.ciphertext));
  codec::Reader in(out.plaintext.view());
  ENLACE_RETURN_IF_ERROR(SkipContent(in, message.content_type));
  out.encoded_content = out.plaintext.view().first(out.plaintext.size() - in.remaining());
  ENLACE_RETURN_IF_ERROR(FramedContentAuthData::Read(in, message.content_type, out.auth));
  const BytesView padding = in.rest();
  if (!padding.empty() && sodium_is_zero(padding.data(), padding.size()) == 0) {
    return InvalidArgument("padding of a PrivateMessage is not all zero");
  }
  return out;
}

}  // namespace enlace::mls
