#include "crypto/mls/message_protection.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {

using crypto::ExpandWithLabel;
using crypto::HmacKey;

namespace {

// PrivateContentAAD, section 6.3.1.
Bytes ContentAad(const PrivateMessageView& message) {
  codec::Writer out(message.group_id.size() + message.authenticated_data.size() + 32);
  out.Vector(message.group_id);
  out.U64(message.epoch);
  out.U8(static_cast<uint8_t>(message.content_type));
  out.Vector(message.authenticated_data);
  return out.Take();
}

// SenderDataAAD, section 6.3.2.
Bytes SenderDataAad(const PrivateMessageView& message) {
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

// What a signature over a content covers before and after it: SignContent of section 5.1.2 around
// FramedContentTBS of section 6.1.
class SignedFrame {
 public:
  SignedFrame(WireFormat wire_format, const FramedContentView& content, const GroupContext& context,
              size_t content_bytes)
      : context_(context.Serialize()) {
    tail_ = FramedContentTbsTail(content.sender.type, context_);
    codec::Writer tbs(content.group_id.size() + content.authenticated_data.size() + 64);
    WriteFramedContentTbsHead(tbs, wire_format, content);
    head_ = crypto::SignContentHead(kFramedContentLabel, tbs.size() + content_bytes + tail_.size());
    Append(head_, tbs.view());
  }
  SignedFrame(const SignedFrame&) = delete;
  SignedFrame& operator=(const SignedFrame&) = delete;

  BytesView head() const { return head_; }
  BytesView tail() const { return tail_; }
  size_t size() const { return head_.size() + tail_.size(); }

 private:
  Bytes context_;
  Bytes head_;
  BytesView tail_;
};

// No head of a member's content is longer: label and lengths of SignContent, versions, sender and
// the length prefixes of group id and authenticated data take less than 96 bytes.
size_t SignedHeadBytesMax(const PrivateMessageView& message) {
  return message.group_id.size() + message.authenticated_data.size() + 96;
}

constexpr size_t kSenderDataBytes = 12;
constexpr size_t kSealedSenderDataBytes = kSenderDataBytes + crypto::kAeadTagBytes;

// SenderData, sealed into `out` (section 6.3.2).
void SealSenderData(const SealingKeys& keys, const PrivateMessageView& message,
                    BytesView ciphertext, std::span<uint8_t> out) {
  codec::Writer sender(kSealedSenderDataBytes);
  sender.U32(keys.sender.leaf_index);
  sender.U32(keys.sender.generation);
  sender.Raw(keys.sender.reuse_guard);
  std::copy(sender.view().begin(), sender.view().end(), out.begin());
  const MessageKey key = DeriveSenderDataKey(keys.suite, keys.sender_data_secret, ciphertext);
  keys.suite.aead().SealInPlace({key.key.view(), key.nonce.view()}, SenderDataAad(message), out);
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
  const SignedFrame frame(wire_format, content, context,
                          content.content_prefix.size() + content.encoded_content.size());
  SecretWriter signed_bytes(frame.size() + content.content_prefix.size() +
                            content.encoded_content.size());
  signed_bytes.Raw(frame.head());
  signed_bytes.Raw(content.content_prefix);
  signed_bytes.Raw(content.encoded_content);
  signed_bytes.Raw(frame.tail());
  return key.Sign(signed_bytes.Take().view());
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

Bytes SealPrivateMessage(const SealingKeys& keys, const FramedContentView& content,
                         const FramedContentAuthData& auth, size_t padding_bytes) {
  codec::Writer encoded_auth(128);
  auth.Write(encoded_auth, content.content_type);
  const size_t ciphertext_bytes = content.content_prefix.size() + content.encoded_content.size() +
                                  encoded_auth.size() + padding_bytes + crypto::kAeadTagBytes;
  const std::array<uint8_t, kSealedSenderDataBytes> no_sender_data{};
  const PrivateMessageView view{.group_id = content.group_id,
                                .epoch = content.epoch,
                                .content_type = content.content_type,
                                .authenticated_data = content.authenticated_data,
                                .encrypted_sender_data = no_sender_data,
                                .ciphertext = {}};
  // Everything is written where it stays: the plaintext becomes the ciphertext in place.
  codec::Writer out(content.group_id.size() + content.authenticated_data.size() + ciphertext_bytes +
                    128);
  WritePrivateMessageHead(out, view, ciphertext_bytes);
  const size_t head_bytes = out.size();
  out.Raw(content.content_prefix);
  out.Raw(content.encoded_content);
  out.Raw(encoded_auth.view());
  Bytes message = out.Take();
  message.resize(head_bytes + ciphertext_bytes);
  const std::span<uint8_t> ciphertext = std::span(message).subspan(head_bytes);
  const SecretBytes nonce = GuardedNonce(keys.message_key, keys.sender);
  const crypto::Aead aead = keys.suite.aead();
  aead.SealInPlace({keys.message_key.key.view(), nonce.view()}, ContentAad(view), ciphertext);

  const size_t sender_at =
      head_bytes - codec::VectorPrefix(ciphertext_bytes).size() - kSealedSenderDataBytes;
  SealSenderData(keys, view, ciphertext,
                 std::span(message).subspan(sender_at, kSealedSenderDataBytes));
  return message;
}

absl::StatusOr<SenderData> OpenSenderData(crypto::CipherSuite suite,
                                          const HmacKey& sender_data_secret,
                                          const PrivateMessageView& message) {
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
                                                 const PrivateMessageView& message) {
  if (message.ciphertext.size() < crypto::kAeadTagBytes) {
    return InvalidArgument("ciphertext is shorter than its tag");
  }
  const size_t plaintext_bytes = message.ciphertext.size() - crypto::kAeadTagBytes;
  OpenedContent out;
  out.content_at_ = SignedHeadBytesMax(message);
  out.buffer_ = SecretBytes(out.content_at_ + plaintext_bytes);
  const std::span<uint8_t> plaintext = out.buffer_.mutable_view().subspan(out.content_at_);
  const SecretBytes nonce = GuardedNonce(key, sender);
  ENLACE_RETURN_IF_ERROR(suite.aead().OpenInto({key.key.view(), nonce.view()}, ContentAad(message),
                                               message.ciphertext, plaintext));
  codec::Reader in(plaintext);
  ENLACE_RETURN_IF_ERROR(SkipContent(in, message.content_type));
  out.content_bytes_ = plaintext_bytes - in.remaining();
  ENLACE_RETURN_IF_ERROR(FramedContentAuthData::Read(in, message.content_type, out.auth_));
  const BytesView padding = in.rest();
  if (!padding.empty() && sodium_is_zero(padding.data(), padding.size()) == 0) {
    return InvalidArgument("padding of a PrivateMessage is not all zero");
  }
  return out;
}

absl::Status OpenedContent::VerifySignature(BytesView signature_key, LeafIndex sender,
                                            const PrivateMessageView& message,
                                            const GroupContext& context) {
  const FramedContentView view{.group_id = message.group_id,
                               .epoch = message.epoch,
                               .sender = Sender::Member(sender),
                               .authenticated_data = message.authenticated_data,
                               .content_type = message.content_type,
                               .content_prefix = {},
                               .encoded_content = {}};
  const SignedFrame frame(WireFormat::kPrivateMessage, view, context, content_bytes_);
  const size_t head_bytes = frame.head().size();
  const size_t signed_bytes = head_bytes + content_bytes_ + frame.tail().size();
  const size_t first = content_at_ - head_bytes;
  if (first + signed_bytes > buffer_.size()) {
    // The context is longer than the auth data and padding that it takes the place of.
    SecretBytes larger(first + signed_bytes);
    std::memcpy(larger.mutable_view().data() + content_at_, encoded_content().data(),
                content_bytes_);
    buffer_ = std::move(larger);
  }
  const std::span<uint8_t> whole = buffer_.mutable_view().subspan(first, signed_bytes);
  std::memcpy(whole.data(), frame.head().data(), head_bytes);
  if (!frame.tail().empty()) {
    std::memcpy(whole.data() + head_bytes + content_bytes_, frame.tail().data(),
                frame.tail().size());
  }
  return crypto::VerifySignature(signature_key, whole, auth_.signature);
}

absl::StatusOr<SecretBytes> OpenedContent::TakeApplicationData() && {
  codec::Reader in(encoded_content());
  BytesView data;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(data));
  ENLACE_RETURN_IF_ERROR(in.Done());
  const size_t data_bytes = data.size();
  if (data_bytes > 0) std::memmove(buffer_.mutable_view().data(), data.data(), data_bytes);
  buffer_.Truncate(data_bytes);
  return std::move(buffer_);
}

}  // namespace enlace::mls
