// SignedContent: an alert or action that can be verified outside its room, years later and by a
// third party.
//
// MLS authenticates a message to the members of an epoch; this structure carries, besides, a
// signature by the device's certified key, so that it can be shown to somebody who was not there.
// Signed bytes: "enlace content 1" ‖ case id ‖ SHA-256(content). The registry head says what its
// author had seen; it is a claim of the author's, and a receipt (log_chain.h) is what proves a
// time.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/identity/registry.h"
#include "crypto/merkle/hash.h"
#include "crypto/merkle/signed_head.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/room/limits.h"

namespace enlace::room {

inline constexpr uint16_t kSignedContentVersion = 1;

struct SignedContent {
  std::string case_id;         // 1 to kCaseIdBytesMax printable ASCII characters.
  Bytes content;               // Up to kContentBytesMax.
  merkle::Hash certificate{};  // Fingerprint of the author's MLS certificate.
  merkle::HeadRef head;        // Registry head that the author had.
  Bytes signature;

  friend bool operator==(const SignedContent&, const SignedContent&) = default;
};

// Who signs.
struct ContentAuthor {
  merkle::Hash certificate{};
  const crypto::SigningKey& key;
  merkle::HeadRef head;
};

absl::StatusOr<SignedContent> SignContent(std::string_view case_id, BytesView content,
                                          const ContentAuthor& author);

// Who made it, as the registry knows.
struct VerifiedAuthor {
  const identity::DeviceRecord* device = nullptr;
  identity::DeviceState state_then = identity::DeviceState::kActive;  // At the named head.
};

// Checks the named head against the registry, the certificate (logged at the head, active there at
// `judged_at_ms`: the server's acceptance time) and the signature. PERMISSION_DENIED for an unknown
// or inactive certificate or a wrong signature, DATA_LOSS for a head that our log never had,
// OUT_OF_RANGE for a head that is ahead of our registry: catch up, then ask again.
absl::StatusOr<VerifiedAuthor> VerifyContent(const SignedContent& content,
                                             const identity::Registry& registry,
                                             int64_t judged_at_ms);

// Digest by which a receipt names the alert it is for: SHA-256 of the encoding.
merkle::Hash ContentDigest(const SignedContent& content);

// uint16 version; opaque case_id<V>; opaque content<V>; opaque certificate[32]; HeadRef head;
// opaque signature<V>.
Bytes EncodeSignedContent(const SignedContent& content);
absl::StatusOr<SignedContent> DecodeSignedContent(BytesView bytes);

}  // namespace enlace::room
