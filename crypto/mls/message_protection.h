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

// Signature over FramedContentTBS, section 6.1, and its check. INVALID_ARGUMENT when it is not
// valid.
Bytes SignContent(const crypto::SigningKey& key, WireFormat wire_format,
                  const FramedContentView& content, const GroupContext& context);
absl::Status VerifyContentSignature(BytesView signature_key, WireFormat wire_format,
                                    const FramedContentView& content, const GroupContext& context,
                                    BytesView signature);

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

// A PrivateMessage around content whose auth data is made, with `padding_bytes` of zeros
// (section 6.3.1).
PrivateMessage SealPrivateMessage(const SealingKeys& keys, const FramedContentView& content,
                                  const FramedContentAuthData& auth, size_t padding_bytes);

// INVALID_ARGUMENT when it does not open.
absl::StatusOr<SenderData> OpenSenderData(crypto::CipherSuite suite,
                                          const crypto::HmacKey& sender_data_secret,
                                          const PrivateMessage& message);

// PrivateMessageContent after opening. `encoded_content` lies within `plaintext`.
struct OpenedContent {
  SecretBytes plaintext;
  BytesView encoded_content;
  FramedContentAuthData auth;
};

// INVALID_ARGUMENT when it does not open, is malformed, or its padding is not all zero.
absl::StatusOr<OpenedContent> OpenPrivateContent(crypto::CipherSuite suite, const MessageKey& key,
                                                 const SenderData& sender,
                                                 const PrivateMessage& message);

}  // namespace enlace::mls
