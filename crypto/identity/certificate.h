// X.509 certificates of the four kinds that Enlace knows, parsed strictly: authority CA, device
// TLS, device MLS, server.
//
// Promises that a Certificate object keeps our profile: X.509 version 3; serial of 1 to 20 octets,
// positive; signature and key algorithms Ed25519 or ECDSA P-256 with SHA-256; no unknown critical
// extension; no extension twice; DER without bytes left over; validity in order. Which kind it is
// follows from its extensions, and each kind allows only its own:
// - CA: Ed25519, CN "Enlace CA <authority>", basicConstraints CA true with path length 0, keyUsage
//   keyCertSign; self-signed, or cross-signed by the authority's other CA.
// - Device: issued by a CA; CN = officer id; SAN exactly one URI (ids.h); basicConstraints CA
//   false; keyUsage digitalSignature. TLS: P-256 with extendedKeyUsage clientAuth. MLS: Ed25519
//   without extendedKeyUsage.
// - Server: P-256, self-signed, SAN of DNS names and IP addresses only, extendedKeyUsage
//   serverAuth.
// Whether a certificate is *logged* and not revoked is the registry's business (registry.h).
//
// Thread safety: const objects may be shared. Ownership: values; cheap to move.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/ids.h"
#include "crypto/identity/keys.h"
#include "crypto/identity/limits.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

enum class CertificateKind { kAuthorityCa, kDeviceTls, kDeviceMls, kServer };

class Certificate {
 public:
  // Parses one certificate and checks the profile of its kind. The signature is not checked here.
  // INVALID_ARGUMENT says which rule is broken.
  static absl::StatusOr<Certificate> FromDer(BytesView der);
  // Exactly one PEM block of type CERTIFICATE; white space around it is accepted.
  static absl::StatusOr<Certificate> FromPem(std::string_view pem);

  CertificateKind kind() const { return kind_; }
  const Bytes& der() const { return der_; }
  std::string ToPem() const;
  // SHA-256 of the DER: how statements, contents and logs name a certificate.
  const merkle::Hash& fingerprint() const { return fingerprint_; }

  KeyType key_type() const { return key_type_; }
  // SubjectPublicKeyInfo DER.
  const Bytes& public_key_info() const { return public_key_info_; }
  // The 32 raw bytes of an Ed25519 key; empty for P-256.
  BytesView ed25519_public_key() const;

  // Authority of a CA (from its CN) or a device (from its URI); empty for a server.
  const std::string& authority() const { return authority_; }
  const std::string& common_name() const { return common_name_; }
  // Of device certificates; absent for the others.
  const std::optional<DeviceUri>& device_uri() const { return device_uri_; }
  // DNS names and textual IP addresses of a server certificate; empty for the others.
  const std::vector<std::string>& server_names() const { return server_names_; }

  int64_t not_before_ms() const { return not_before_ms_; }
  int64_t not_after_ms() const { return not_after_ms_; }
  // Within validity at `time_ms`, both ends included.
  bool ValidAt(int64_t time_ms) const {
    return not_before_ms_ <= time_ms && time_ms <= not_after_ms_;
  }

  // OK when `issuer` signed this certificate and its name is the issuer's. PERMISSION_DENIED
  // otherwise. Times are not asked.
  absl::Status VerifyIssuedBy(const Certificate& issuer) const;
  // OK when the certificate is signed by its own key. PERMISSION_DENIED otherwise.
  absl::Status VerifySelfSigned() const { return VerifyIssuedBy(*this); }

 private:
  friend class CertificateParser;
  Certificate() = default;

  CertificateKind kind_ = CertificateKind::kServer;
  Bytes der_;
  merkle::Hash fingerprint_{};
  KeyType key_type_ = KeyType::kP256;
  Bytes public_key_info_;
  std::string common_name_;
  std::string authority_;
  std::optional<DeviceUri> device_uri_;
  std::vector<std::string> server_names_;
  int64_t not_before_ms_ = 0;
  int64_t not_after_ms_ = 0;
};

// "4F1C 92A0 7B3E D5A8": the first 8 bytes of a fingerprint as people compare them.
std::string ShortFingerprint(const merkle::Hash& fingerprint);

// All certificates of a PEM text, in order, of any kind; other block types are refused. At most
// `count_max`.
absl::StatusOr<std::vector<Certificate>> CertificatesFromPem(std::string_view pem,
                                                             size_t count_max);

}  // namespace enlace::identity
