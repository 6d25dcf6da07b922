// Attachments on disk and on the server: one libsodium secretstream (XChaCha20-Poly1305) per blob.
//
// The plaintext is followed by zero bytes up to a Padmé size of at least kPaddedAttachmentBytesMin,
// cut into chunks of kPlainChunkBytes, and the last chunk is tagged FINAL; the true size and the
// SHA-256 of the plaintext travel inside the room. A chunk that is altered, moved, left out or
// added is noticed, and so is a blob that ends early.
//
// Thread safety: free functions; each call one file. Ownership: borrows.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

inline constexpr size_t kPlainChunkBytes = 64 << 10;
inline constexpr uint64_t kAttachmentBytesMax = 1ull << 30;

struct SealedAttachment {
  SecretBytes key;
  merkle::Hash plaintext_sha256{};
  merkle::Hash ciphertext_sha256{};
  uint64_t plaintext_size_bytes = 0;
  uint64_t ciphertext_size_bytes = 0;
};

// Encrypts `plaintext` into a new file at `ciphertext_path` (0600, synced). FILE_NOT_WRITABLE,
// BODY_TOO_LARGE.
absl::StatusOr<SealedAttachment> SealAttachment(BytesView plaintext,
                                                const std::string& ciphertext_path,
                                                crypto::Rng& rng);

// What the message said of a blob.
struct AttachmentToOpen {
  BytesView key;
  merkle::Hash plaintext_sha256{};
  uint64_t plaintext_size_bytes = 0;
  uint64_t ciphertext_size_bytes = 0;
};
// Decrypts the file at `ciphertext_path` into a new file at `plaintext_path` (0600), which exists
// only when everything verified. ATTACHMENT_DAMAGED, FILE_EXISTS, FILE_NOT_WRITABLE.
absl::Status OpenAttachment(const std::string& ciphertext_path, const AttachmentToOpen& attachment,
                            const std::string& plaintext_path);

}  // namespace enlace::client
