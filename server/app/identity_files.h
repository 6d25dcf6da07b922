// The server's own keys and certificate on disk, made once by `enlace-server init`.
//
// Promises that keys are never overwritten and are readable by their owner alone, and that what is
// loaded belongs together. server-identity.json is what a charter names:
//   {"schema": "enlace.server-identity.v1", "name": "enlace.rcm.example", "tls_certificate_pem":
//   "…",
//    "tls_fingerprint": "64 hexadecimal digits of SHA-256 over the DER", "log_key": "64 hexadecimal
//    digits"}
//
// Thread safety: free functions. Ownership: values; secrets in SecretBytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/identity/certificate.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"
#include "server/app/data_folder.h"

namespace enlace::server {

struct ServerIdentityFiles {
  identity::Certificate certificate;
  SecretBytes tls_key_pem;
  crypto::SigningKey log_key;
};

struct IdentityNames {
  std::string public_name;
  std::vector<std::string> further_names;
};

// Makes keys, certificate and server-identity.json. ALREADY_EXISTS when the folder holds a key;
// INVALID_ARGUMENT for names that no certificate can hold.
absl::Status CreateIdentity(const DataFolder& folder, const IdentityNames& names, int64_t now_ms,
                            crypto::Rng& rng);

// NOT_FOUND when init has not run; FAILED_PRECONDITION when key and certificate are not a pair, or
// others may read the keys.
absl::StatusOr<ServerIdentityFiles> LoadIdentity(const DataFolder& folder);

}  // namespace enlace::server
