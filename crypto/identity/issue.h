// Issuing certificates: an authority's CA, its devices, the server; and the signing requests (CSR)
// that devices make.
//
// Promises certificates that Certificate::FromDer accepts, with serials of 127 random bits and
// times given by the caller. A CA key is an Ed25519 PrivateKey; sealing it for disk is the
// administrator program's business.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/keys.h"
#include "crypto/identity/limits.h"
#include "crypto/primitives/rng.h"

namespace enlace::identity {

// A self-signed CA certificate of `authority` for an Ed25519 key, valid kCaValidityMs from
// `now_ms`. Its CN is "Enlace CA <authority>". INVALID_ARGUMENT for another key type or an invalid
// authority id.
absl::StatusOr<Certificate> MakeAuthorityCa(std::string_view authority, const PrivateKey& ca_key,
                                            int64_t now_ms, crypto::Rng& rng);

// The certificate of the new CA's key signed by the old CA: shows holders of the old one that the
// new one is theirs.
absl::StatusOr<Certificate> CrossSignCa(const Certificate& new_ca, const Certificate& old_ca,
                                        const PrivateKey& old_key, crypto::Rng& rng);

// A parsed signing request whose own signature is valid: PKCS#10 (RFC 2986), CN and exactly one SAN
// URI of a device.
class SigningRequest {
 public:
  // INVALID_ARGUMENT when it is not one of ours, is longer than kCsrBytesMax or its signature does
  // not verify.
  static absl::StatusOr<SigningRequest> FromDer(BytesView der);

  const Bytes& der() const { return der_; }
  KeyType key_type() const { return key_type_; }
  const Bytes& public_key_info() const { return public_key_info_; }
  const DeviceUri& device_uri() const { return device_uri_; }

 private:
  SigningRequest(Bytes der, KeyType key_type, Bytes public_key_info, DeviceUri device_uri);

  Bytes der_;
  KeyType key_type_;
  Bytes public_key_info_;
  DeviceUri device_uri_;
};

// A signing request of `device` for `key`.
absl::StatusOr<SigningRequest> MakeSigningRequest(const DeviceUri& device, const PrivateKey& key);

// Who issues, and when.
struct Issuer {
  const Certificate& ca;
  const PrivateKey& ca_key;
  int64_t now_ms = 0;
  int64_t validity_ms = kDeviceValidityMs;
};

// The certificate for a request: TLS profile for a P-256 key, MLS profile for Ed25519.
// INVALID_ARGUMENT when the CA is of another authority than the URI, the key is not the CA's, or
// the validity exceeds kDeviceValidityMsMax.
absl::StatusOr<Certificate> IssueDeviceCertificate(const SigningRequest& request,
                                                   const Issuer& issuer, crypto::Rng& rng);

// The server's own certificate: P-256, self-signed, CN = `common_name`, SAN = `names` (DNS names or
// IP addresses; at least one). Names are checked; INVALID_ARGUMENT says which is wrong.
struct ServerNames {
  std::string common_name;
  std::vector<std::string> names;
};
absl::StatusOr<Certificate> MakeServerCertificate(const ServerNames& names, const PrivateKey& key,
                                                  int64_t now_ms, crypto::Rng& rng);

}  // namespace enlace::identity
