// SignedContent as it is encrypted: deflated (RFC 1951) with a dictionary of words that alerts use,
// where that makes it smaller. What is signed, digested and kept is the content itself.
//
// It is for poor lines (docs/performance.md). The length of a ciphertext then tells how well a text
// deflates instead of how long it is, both rounded up by the padding that goes on top (Padmé;
// SECURITY.md says what is left).
//
// Packed form, in the TLS presentation language: uint16 version = 2, uint32 size of the content in
// bytes, and the deflated bytes to the end. Content itself begins with another version
// (signed_content.h). The dictionary belongs to the version.
//
// Thread safety: free functions. Ownership: values; the compressor's memory is wiped.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::room {

inline constexpr uint16_t kPackedContentVersion = 2;

// `content` itself where packing makes it no smaller. RESOURCE_EXHAUSTED without memory.
absl::StatusOr<SecretBytes> PackContent(BytesView content);

// What PackContent was given. INVALID_ARGUMENT for a stream that is broken, too short or too long,
// or does not give the size that it names, which is at most kPackedContentBytesMax.
absl::StatusOr<SecretBytes> UnpackContent(BytesView packed);

}  // namespace enlace::room
