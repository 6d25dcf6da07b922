// Rows, data keys and tokens of an open vault: what Vault and VaultTransaction both do.
//
// Thread safety: one thread. Ownership: owns the database and the keys.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "client/sqlite/database.h"
#include "client/vault/vault.h"
#include "client/vault/vault_keys.h"

namespace enlace::client {

// Tables of a new vault.
absl::Status CreateVaultTables(Database& database);

class VaultStore {
 public:
  VaultStore(std::unique_ptr<Database> database, VaultKeys keys, crypto::Rng& rng)
      : database_(std::move(database)), keys_(std::move(keys)), rng_(rng) {}

  Database& database() { return *database_; }
  const VaultKeys& keys() const { return keys_; }
  crypto::Rng& rng() { return rng_; }

  absl::StatusOr<std::optional<SecretBytes>> Get(std::string_view table, BytesView row);
  absl::StatusOr<std::vector<VaultRow>> Scan(std::string_view table, const VaultRange& range);
  absl::StatusOr<uint64_t> Count(std::string_view table, BytesView prefix);
  absl::StatusOr<std::vector<Bytes>> FindTokens(std::string_view table,
                                                std::span<const std::string> tokens);
  absl::StatusOr<std::vector<int64_t>> FindNumbers(std::string_view table,
                                                   std::span<const std::string> tokens);
  absl::StatusOr<int64_t> NumberOf(std::string_view table, BytesView row);

  absl::StatusOr<DataKeyId> CreateKey();
  absl::Status DestroyKey(const DataKeyId& key_id);
  absl::Status Put(const VaultKeys::Place& place, BytesView plaintext);
  absl::Status Delete(std::string_view table, BytesView row);
  absl::Status AddTokens(std::string_view table, BytesView row,
                         std::span<const std::string> tokens);

 private:
  // The opened data key; nothing for kVaultKey. NOT_FOUND when it does not exist.
  absl::StatusOr<std::optional<SecretBytes>> LoadKey(const DataKeyId& key_id);
  absl::StatusOr<SecretBytes> OpenRow(const VaultKeys::Place& place, BytesView sealed);
  // Number of the row; 0 when there is none.
  absl::StatusOr<int64_t> ItemOf(std::string_view table, BytesView row);
  absl::StatusOr<std::vector<int64_t>> NumbersWith(int64_t token);
  // Those of `numbers` that carry `token`.
  absl::StatusOr<std::vector<int64_t>> Having(const std::vector<int64_t>& numbers, int64_t token);

  std::unique_ptr<Database> database_;
  VaultKeys keys_;
  crypto::Rng& rng_;
};

}  // namespace enlace::client
