// What a vault says of itself in clear: version, id, cost of the passphrase, and the wrapped master
// key. Stands in table "meta".
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sqlite/database.h"
#include "client/vault/vault_keys.h"

namespace enlace::client {

struct VaultHeader {
  uint32_t version = kVaultVersion;
  Bytes vault_id;
  Bytes salt;
  PassphraseCost cost;
  Bytes wrapped_master;
  Bytes check;  // VaultKeys::Check of the right master key.
};

// Header and master key of a new vault.
struct NewVault {
  VaultHeader header;
  SecretBytes master_key;
};
absl::StatusOr<NewVault> MakeVaultHeader(const SecretBytes& passphrase, const PassphraseCost& cost,
                                         crypto::Rng& rng);

// Wraps `master_key` anew, with a fresh salt. PASSPHRASE_WEAK.
absl::Status WrapMasterKey(const SecretBytes& master_key, const SecretBytes& passphrase,
                           const PassphraseCost& cost, VaultHeader& header, crypto::Rng& rng);
// PASSPHRASE_WRONG.
absl::StatusOr<SecretBytes> UnwrapMasterKey(const VaultHeader& header,
                                            const SecretBytes& passphrase);

absl::Status WriteVaultHeader(const VaultHeader& header, Database& database);
// PROGRAM_TOO_OLD for a newer version, VAULT_DAMAGED when a field is missing.
absl::StatusOr<VaultHeader> ReadVaultHeader(Database& database);

}  // namespace enlace::client
