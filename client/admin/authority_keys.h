// What an administrator's vault keeps beside the device: the authority's CA and a charter key.
//
// Rows of table "authority": "ca" and "charter-key". Neither ever leaves the machine; what is
// exported is the CA's certificate and the charter key's public half.
//
// Thread safety: free functions. Ownership: move-only; keys are wiped.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/keys.h"
#include "crypto/identity/officer_card.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::client::admin {

// The CA, and who its first administrator is.
struct AuthorityCa {
  std::string authority;
  identity::PrivateKey key;
  identity::Certificate certificate;
  std::string officer_id;  // Of the first administrator.
  identity::OfficerCard card;

  merkle::Hash fingerprint() const { return certificate.fingerprint(); }
};

absl::Status SaveCa(const AuthorityCa& ca, VaultTransaction& transaction);
// CA_MISSING, VAULT_DAMAGED, PROGRAM_TOO_OLD.
absl::StatusOr<AuthorityCa> LoadCa(const Vault& vault);

absl::Status SaveCharterKey(const crypto::SigningKey& key, VaultTransaction& transaction);
// CHARTER_KEY_MISSING, VAULT_DAMAGED.
absl::StatusOr<crypto::SigningKey> LoadCharterKey(const Vault& vault);

}  // namespace enlace::client::admin
