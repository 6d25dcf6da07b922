// Signed heads of the registry log: what the server says its log was at a moment.
//
// A head binds log, size, root and time under the server's Ed25519 key. Two heads of one log that
// are not consistent are proof of a fork. Promises nothing about entries: those are checked by
// replaying them (identity/registry.h).
//
// Signed bytes: "enlace log head 1" ‖ version ‖ log id ‖ size ‖ root ‖ timestamp_ms.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::merkle {

inline constexpr uint16_t kSignedHeadVersion = 1;

// Nobody sends on a head older than this.
inline constexpr int64_t kHeadAgeMaxMs = 24LL * 60 * 60 * 1000;

// Size and root of a log without a signature: how messages name what their sender has seen.
struct HeadRef {
  uint64_t size = 0;
  Hash root{};

  friend bool operator==(const HeadRef&, const HeadRef&) = default;
};

void WriteHeadRef(const HeadRef& head, codec::Writer& writer);
absl::Status ReadHeadRef(codec::Reader& reader, HeadRef& head);

struct SignedHead {
  Hash log_id{};  // SHA-256 of the 32-byte public key that signs.
  HeadRef head;
  int64_t timestamp_ms = 0;
  Bytes signature;

  friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

// Signs `head` at `now_ms` by the server's key.
SignedHead SignHead(const HeadRef& head, int64_t now_ms, const crypto::SigningKey& key);

// OK when `head` is signed by `server_key` (32 bytes, of the charter in force at its size) and its
// log id is that key's. DATA_LOSS otherwise.
absl::Status VerifyHead(const SignedHead& head, BytesView server_key);

// FAILED_PRECONDITION when the head is older than kHeadAgeMaxMs at `now_ms`.
absl::Status CheckHeadAge(const SignedHead& head, int64_t now_ms);

// One structure: uint16 version; opaque log_id[32]; uint64 size; opaque root[32]; uint64
// timestamp_ms; opaque signature<V>.
void WriteSignedHead(const SignedHead& head, codec::Writer& writer);
absl::Status ReadSignedHead(codec::Reader& reader, SignedHead& head);
Bytes EncodeSignedHead(const SignedHead& head);
// INVALID_ARGUMENT for another version, bytes left over or a time that does not fit.
absl::StatusOr<SignedHead> DecodeSignedHead(BytesView bytes);

}  // namespace enlace::merkle
