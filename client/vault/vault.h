// The vault: everything secret that a profile keeps, in one SQLite file.
//
// Promises that a committed transaction survives a power cut (WAL, synchronous=FULL) and is all or
// nothing; that values are sealed with XChaCha20-Poly1305 under a data key, bound to vault, table
// and row; and that what was sealed by a destroyed data key is gone: its rows are deleted with
// secure_delete, and Purge() truncates the WAL. What stands in clear: table names, row keys (opaque
// ids, never a word of an alert), data key ids, sizes, and 8-byte HMACs of search tokens.
// docs/vault.md has the format. It does not promise to notice that the whole file was replaced by
// an older copy of itself: the room engine does.
//
// Keys: passphrase -Argon2id-> wrapping key -> master key (random) -> data keys (random, one for
// each alert or epoch). Argon2id at its default cost takes 256 MiB and about a second; the
// parameters stand in the vault and can be raised.
//
// Invariants: 1. One owner writes (profile.h's lock); any number of read-only vaults may be open
// meanwhile. 2. At most one transaction at a time for each Vault. 3. A row names exactly one data
// key.
// Thread safety: one Vault, one thread; open another for another thread.
// Ownership: unique; a transaction borrows its vault.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/passphrase.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

inline constexpr uint32_t kVaultVersion = 1;
inline constexpr size_t kVaultRowKeyBytesMax = 128;
inline constexpr size_t kVaultTableNameBytesMax = 32;
inline constexpr size_t kVaultValueBytesMax = 16u << 20;
// Rows that a scan of a whole table or prefix takes at a time.
inline constexpr size_t kVaultPageRows = 500;
inline constexpr size_t kVaultTokensMax = 4096;  // In one call.
inline constexpr size_t kMasterKeyBytes = 32;
inline constexpr int kVaultBusyTimeoutMs = 5000;

// Names a data key. The all-zero id is the vault's own key, which lives as long as the vault.
using DataKeyId = std::array<uint8_t, 16>;
inline constexpr DataKeyId kVaultKey{};

struct VaultRow {
  Bytes row;
  SecretBytes value;
};

// A part of a table: rows that begin with `prefix`, after `after` (exclusive, empty for the first),
// in byte order.
struct VaultRange {
  Bytes prefix;
  Bytes after;
  size_t limit = 500;
};

enum class VaultMode { kOwner, kReader };

class VaultTransaction;

class Vault {
 public:
  struct Location {
    std::string path;
    VaultMode mode = VaultMode::kOwner;
  };

  // A new vault. FILE_EXISTS when there is a file already; PASSPHRASE_WEAK; FILE_NOT_WRITABLE.
  // Nothing is left on failure. `rng` must outlive the vault.
  static absl::StatusOr<std::unique_ptr<Vault>> Create(const std::string& path,
                                                       const SecretBytes& passphrase,
                                                       crypto::Rng& rng,
                                                       const PassphraseCost& cost = {});
  // NOT_ENROLLED when there is no vault, PASSPHRASE_WRONG, PROGRAM_TOO_OLD for a newer version,
  // VAULT_DAMAGED.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(const Location& location,
                                                     const SecretBytes& passphrase,
                                                     crypto::Rng& rng);
  // The same without Argon2id, for processes that the agent gave the master key to.
  // PASSPHRASE_WRONG for another vault's key.
  static absl::StatusOr<std::unique_ptr<Vault>> OpenWithMasterKey(const Location& location,
                                                                  const SecretBytes& master_key,
                                                                  crypto::Rng& rng);
  // True when a vault stands at `path`.
  static bool Exists(const std::string& path);

  virtual ~Vault() = default;
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // kMasterKeyBytes bytes: for the agent's memory, never for disk.
  virtual const SecretBytes& master_key() const = 0;

  // Wraps the master key by another passphrase and cost; data keys stay. PASSPHRASE_WEAK.
  virtual absl::Status ChangePassphrase(const SecretBytes& passphrase,
                                        const PassphraseCost& cost) = 0;

  // Begins a transaction; it is rolled back unless committed. FAILED_PRECONDITION for a reader or
  // while another one is open.
  virtual absl::StatusOr<std::unique_ptr<VaultTransaction>> Begin() = 0;

  // The value of a row; nothing when there is none. VAULT_DAMAGED when it does not open.
  virtual absl::StatusOr<std::optional<SecretBytes>> Get(std::string_view table,
                                                         BytesView row) const = 0;
  // Rows of a range. VAULT_DAMAGED when one does not open.
  virtual absl::StatusOr<std::vector<VaultRow>> Scan(std::string_view table,
                                                     const VaultRange& range) const = 0;
  // Number of rows that begin with `prefix`; nothing is decrypted.
  virtual absl::StatusOr<uint64_t> Count(std::string_view table, BytesView prefix) const = 0;
  // Row keys that carry all of `tokens` (as given to AddTokens), in byte order. 8-byte HMACs may
  // collide: callers confirm a hit on the decrypted row.
  virtual absl::StatusOr<std::vector<Bytes>> FindTokens(
      std::string_view table, std::span<const std::string> tokens) const = 0;
  // The same as row numbers (VaultTransaction::NumberOf), ascending, without reading any row: for
  // words that very many rows carry.
  virtual absl::StatusOr<std::vector<int64_t>> FindNumbers(
      std::string_view table, std::span<const std::string> tokens) const = 0;

  // Changes whenever another process or this one has committed: for readers that follow.
  virtual absl::StatusOr<uint64_t> ChangeCounter() const = 0;

  // Moves the WAL into the file and truncates it, so that deleted bytes stand nowhere. VAULT_BUSY
  // when a reader holds it up for longer than kVaultBusyTimeoutMs; ask again later.
  virtual absl::Status Purge() = 0;

 protected:
  Vault() = default;
};

// Writes of one transaction; reads see them. After Commit() or an error of Commit() only
// destruction is left.
class VaultTransaction {
 public:
  // Rolls back unless committed.
  virtual ~VaultTransaction() = default;
  VaultTransaction(const VaultTransaction&) = delete;
  VaultTransaction& operator=(const VaultTransaction&) = delete;

  // A new random data key.
  virtual absl::StatusOr<DataKeyId> CreateKey() = 0;
  // Destroys a data key with every row that it sealed and their tokens; OK when it is gone already.
  // INVALID_ARGUMENT for kVaultKey. Call Purge() after the commit.
  virtual absl::Status DestroyKey(const DataKeyId& key_id) = 0;

  // Inserts or replaces a row, keeping its tokens. NOT_FOUND for an unknown key, INVALID_ARGUMENT
  // past a limit.
  virtual absl::Status Put(std::string_view table, BytesView row, BytesView plaintext,
                           const DataKeyId& key_id) = 0;
  // Deletes a row and its tokens; OK when there is none.
  virtual absl::Status Delete(std::string_view table, BytesView row) = 0;
  // Adds search tokens to those of an existing row. Tokens are folded by the caller (case,
  // accents); order does not matter. NOT_FOUND without the row, INVALID_ARGUMENT past
  // kVaultTokensMax.
  virtual absl::Status AddTokens(std::string_view table, BytesView row,
                                 std::span<const std::string> tokens) = 0;

  // Number of a row, above 0; the same as long as the row exists, whatever is put into it.
  // NOT_FOUND without the row.
  virtual absl::StatusOr<int64_t> NumberOf(std::string_view table, BytesView row) const = 0;

  // As Vault's, with the writes of this transaction.
  virtual absl::StatusOr<std::optional<SecretBytes>> Get(std::string_view table,
                                                         BytesView row) const = 0;
  virtual absl::StatusOr<std::vector<VaultRow>> Scan(std::string_view table,
                                                     const VaultRange& range) const = 0;

  // Durable when OK. DISK_FULL, VAULT_BUSY or VAULT_DAMAGED otherwise, and nothing was changed.
  virtual absl::Status Commit() = 0;

 protected:
  VaultTransaction() = default;
};

}  // namespace enlace::client
