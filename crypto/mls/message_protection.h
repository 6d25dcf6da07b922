// Protection of messages, RFC 9420 sections 6.1 to 6.3: signatures, membership tags, encryption of
// content and sender.
//
// Promises that opening changes no state, that padding other than zero is refused, and that a
// signature is checked over exactly the bytes that were received. Which keys are used, and when
// they are given up, is the caller's business.
//
// Thread safety: functions without state. Ownership: results own their bytes; views borrow.
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/hash_ratchet.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// Signature over FramedContentTBS, section 6.1.
Bytes SignContent(const crypto::SigningKey& key, WireFormat wire_format,
                  const FramedContentView& content, const GroupContext& context);

// membership_tag, section 6.2: HMAC over AuthenticatedContentTBM.
Bytes MembershipTag(const crypto::HmacKey& membership_key, const PublicMessage& message,
                    const GroupContext& context);
// INVALID_ARGUMENT when a member's message has no valid tag; constant time.
absl::Status VerifyMembershipTag(const crypto::HmacKey& membership_key,
                                 const PublicMessage& message, const GroupContext& context);

// SenderData, section 6.3.2.
struct SenderData {
  LeafIndex leaf_index = 0;
  uint32_t generation = 0;
  std::array<uint8_t, 4> reuse_guard{};
};

// Key and nonce of the sender data, from a sample of the ciphertext (section 6.3.2).
MessageKey DeriveSenderDataKey(crypto::CipherSuite suite, const crypto::HmacKey& sender_data_secret,
                               BytesView ciphertext);

// What sealing needs besides the content: the suite, the epoch's sender data key, and the message's
// own key.
struct SealingKeys {
  crypto::CipherSuite suite;
  const crypto::HmacKey& sender_data_secret;
  const MessageKey& message_key;
  SenderData sender;
};

// A PrivateMessage, as an MLSMessage, around content whose auth data is made, with `padding_bytes`
// of zeros (section 6.3.1).
Bytes SealPrivateMessage(const SealingKeys& keys, const FramedContentView& content,
                         const FramedContentAuthData& auth, size_t padding_bytes);

// INVALID_ARGUMENT when it does not open.
absl::StatusOr<SenderData> OpenSenderData(crypto::CipherSuite suite,
                                          const crypto::HmacKey& sender_data_secret,
                                          const PrivateMessageView& message);

// PrivateMessageContent after opening: the content stands in a buffer with room around it, in which
// what its signature covers is put together without copying the content.
class OpenedContent {
 public:
  // As WriteContent writes it. Borrowed.
  BytesView encoded_content() const { return buffer_.view().subspan(content_at_, content_bytes_); }
  const FramedContentAuthData& auth() const { return auth_; }

  // INVALID_ARGUMENT when the signature is not that of the sender's key over this content.
  // `context` is the GroupContext of the epoch.
  absl::Status VerifySignature(BytesView signature_key, LeafIndex sender,
                               const PrivateMessageView& message, const GroupContext& context);
  // The data of an application message; INVALID_ARGUMENT when the content is not one vector.
  absl::StatusOr<SecretBytes> TakeApplicationData() &&;

 private:
  friend absl::StatusOr<OpenedContent> OpenPrivateContent(crypto::CipherSuite, const MessageKey&,
                                                          const SenderData&,
                                                          const PrivateMessageView&);

  SecretBytes buffer_;
  size_t content_at_ = 0;
  size_t content_bytes_ = 0;
  FramedContentAuthData auth_;
};

// INVALID_ARGUMENT when it does not open, is malformed, or its padding is not all zero.
absl::StatusOr<OpenedContent> OpenPrivateContent(crypto::CipherSuite suite, const MessageKey& key,
                                                 const SenderData& sender,
                                                 const PrivateMessageView& message);

}  // namespace enlace::mls
