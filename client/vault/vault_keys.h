// The cryptography of the vault: sealing of rows, wrapping of data keys, tokens of the search
// index.
//
// XChaCha20-Poly1305 (libsodium) with a random 24-byte nonce in front of each ciphertext. From the
// master key, HKDF-SHA-256 (RFC 5869, salt "enlace vault 1") derives the keys "wrap" (data keys),
// "rows" (rows of kVaultKey), "tokens" (search index) and "check" (whether this is the master key).
//
// Thread safety: const calls may run together. Ownership: keys are move-only and wiped.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/primitives/hkdf.h"

namespace enlace::client {

inline constexpr size_t kVaultIdBytes = 16;

// Nonce ‖ ciphertext ‖ tag.
Bytes SealBytes(const SecretBytes& key, BytesView aad, BytesView plaintext, crypto::Rng& rng);
// VAULT_DAMAGED when the tag is wrong.
absl::StatusOr<SecretBytes> OpenBytes(const SecretBytes& key, BytesView aad, BytesView sealed);

class VaultKeys {
 public:
  VaultKeys(SecretBytes master_key, BytesView vault_id);

  const SecretBytes& master_key() const { return master_; }
  // Public; equal for equal master key and vault id.
  crypto::Digest Check() const;

  // Where a row stands: what its ciphertext is bound to.
  struct Place {
    std::string_view table;
    BytesView row;
    const DataKeyId& key_id;
  };
  // `data_key` is the opened key of place.key_id, null for kVaultKey.
  Bytes SealRow(const SecretBytes* data_key, const Place& place, BytesView plaintext,
                crypto::Rng& rng) const;
  absl::StatusOr<SecretBytes> OpenRow(const SecretBytes* data_key, const Place& place,
                                      BytesView sealed) const;

  Bytes WrapDataKey(const DataKeyId& key_id, const SecretBytes& data_key, crypto::Rng& rng) const;
  absl::StatusOr<SecretBytes> UnwrapDataKey(const DataKeyId& key_id, BytesView wrapped) const;

  // 8 bytes of an HMAC over table and token, as SQLite's integer.
  int64_t TokenOf(std::string_view table, std::string_view token) const;

 private:
  SecretBytes Derive(std::string_view label) const;

  SecretBytes master_;
  Bytes vault_id_;
  crypto::HmacKey prk_;
  SecretBytes wrap_;
  SecretBytes rows_;
  crypto::HmacKey tokens_;
};

}  // namespace enlace::client
