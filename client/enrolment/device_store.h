// Where a profile's vault keeps what makes it an enrolled device: keys, certificates, pins, server.
//
// Rows of table "device": "identity" (public part and private keys, sealed by the vault's own key).
// Rows of table "key-package": KeyPackageRef -> KeyPackageBundle::Serialize(), one for each key
// package that the server may hand out; whoever joins with one deletes its row.
//
// Thread safety: as the vault's. Ownership: DeviceIdentity is move-only; its keys are wiped.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session/session.h"
#include "client/vault/vault.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/ids.h"
#include "crypto/identity/keys.h"

namespace enlace::client {

inline constexpr std::string_view kDeviceTable = "device";
inline constexpr std::string_view kDeviceRow = "identity";
inline constexpr std::string_view kKeyPackageTable = "key-package";
inline constexpr uint16_t kDeviceRecordVersion = 1;

struct DeviceIdentity {
  identity::DeviceUri uri;
  identity::Certificate tls_certificate;
  identity::Certificate mls_certificate;
  identity::PrivateKey tls_key;
  identity::PrivateKey mls_key;
  identity::CharterPin pin;
  std::string server_address;         // host:port of the main listener.
  std::string enrolment_address;      // host:port of the enrolment listener.
  merkle::Hash server_certificate{};  // Fingerprint at enrolment; a newer charter's goes before it.
  std::string administrator_phone;    // May be empty.
};

// Writes it into an open transaction, over what was there. Another row than kDeviceRow is for a
// device that is being made.
absl::Status SaveDevice(const DeviceIdentity& device, VaultTransaction& transaction,
                        std::string_view row = kDeviceRow);
// NOT_ENROLLED when the vault holds none, VAULT_DAMAGED, PROGRAM_TOO_OLD.
absl::StatusOr<DeviceIdentity> LoadDevice(const Vault& vault, std::string_view row = kDeviceRow);

// What Session::Connect needs. `charter` is the newest verified one, null before the first.
ServerEndpoint EndpointOf(const DeviceIdentity& device, const identity::Charter* charter);
ClientIdentity TlsIdentityOf(const DeviceIdentity& device);

}  // namespace enlace::client
