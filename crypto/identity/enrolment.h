// Enrolment and renewal requests: what a device sends, and what the administrator checks before
// signing.
//
// An enrolment request is authenticated by a MAC under a key derived from the invitation's code,
// which the server does not know: it can drop or delay a request but make or change none. A renewal
// request is signed by the device's old MLS key. Neither promises that a person stands behind the
// machine: for that the six words are compared (verification_words.h).
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "crypto/identity/invitation.h"
#include "crypto/identity/issue.h"
#include "crypto/identity/limits.h"
#include "crypto/identity/registry.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

inline constexpr uint16_t kEnrolmentRequestVersion = 1;
inline constexpr uint16_t kRenewalRequestVersion = 1;

// MAC: HMAC-SHA-256(mac key, "enlace enrolment 1" ‖ all fields but the MAC).
struct EnrolmentRequest {
  Bytes invitation_id;
  std::string device_uri;
  uint64_t charter_version = 0;  // Charter that the device verified, and its hash.
  merkle::Hash charter_hash{};
  Bytes tls_request;  // DER of the two signing requests.
  Bytes mls_request;
  int64_t requested_at_ms = 0;
  Bytes mac;

  friend bool operator==(const EnrolmentRequest&, const EnrolmentRequest&) = default;
};

// The device's keys; kept by it until certificates come back.
struct DeviceKeys {
  PrivateKey tls;  // P-256.
  PrivateKey mls;  // Ed25519.

  static DeviceKeys Generate(crypto::Rng& rng);
};

// The charter that the device saw in the server's log and verified against the invitation's pin.
struct SeenCharter {
  uint64_t version = 0;
  merkle::Hash hash{};
};

absl::StatusOr<EnrolmentRequest> MakeEnrolmentRequest(const Invitation& invitation,
                                                      const DeviceKeys& keys,
                                                      const SeenCharter& charter, int64_t now_ms);

// For the administrator, who kept the invitation: MAC, URI, both signing requests and their key
// types, time within the invitation's. PERMISSION_DENIED when the MAC is wrong, INVALID_ARGUMENT
// for the rest.
struct CheckedEnrolment {
  SigningRequest tls;
  SigningRequest mls;
};
absl::StatusOr<CheckedEnrolment> CheckEnrolmentRequest(const EnrolmentRequest& request,
                                                       const Invitation& invitation);

// Both requests are valid, for the right keys and for `device_uri`; INVALID_ARGUMENT otherwise.
absl::StatusOr<CheckedEnrolment> CheckRequests(BytesView tls_request, BytesView mls_request,
                                               std::string_view device_uri);

// Six words of a request: both sides compute them with the same call. `mac_key` from
// DeriveInvitationKeys.
std::array<std::string, kVerificationWords> WordsOf(const EnrolmentRequest& request,
                                                    const Invitation& invitation);

Bytes EncodeEnrolmentRequest(const EnrolmentRequest& request);
absl::StatusOr<EnrolmentRequest> DecodeEnrolmentRequest(BytesView bytes);

// The statement that admits the device: issues both certificates with the same validity. `sequence`
// is the CA's next number.
struct Admission {
  const Issuer& issuer;
  uint64_t sequence = 0;
  merkle::Hash card_commitment{};
};
absl::StatusOr<Statement> AdmitDevice(const CheckedEnrolment& enrolment,
                                      const Invitation& invitation, const Admission& admission,
                                      crypto::Rng& rng);

// Signature by the old MLS key over "enlace renewal 1" ‖ all fields but the signature.
struct RenewalRequest {
  std::string device_uri;
  merkle::Hash old_certificate{};  // Fingerprint of the MLS certificate whose key signs.
  Bytes tls_request;
  Bytes mls_request;
  int64_t requested_at_ms = 0;
  Bytes signature;

  friend bool operator==(const RenewalRequest&, const RenewalRequest&) = default;
};

// The device as it is before the renewal.
struct RenewingDevice {
  const DeviceUri& uri;
  merkle::Hash mls_certificate{};  // Fingerprint.
  const crypto::SigningKey& mls_key;
};
absl::StatusOr<RenewalRequest> MakeRenewalRequest(const RenewingDevice& old_device,
                                                  const DeviceKeys& new_keys, int64_t now_ms);

// PERMISSION_DENIED when the device is unknown, revoked or suspended, or the signature is not its
// own; INVALID_ARGUMENT for malformed requests. A certificate that has expired still renews: late
// renewal is a call of the enrolment listener.
absl::StatusOr<CheckedEnrolment> CheckRenewalRequest(const RenewalRequest& request,
                                                     const Registry& registry, int64_t now_ms);

// The statement that renews it, with the officer's present offices, roles and card.
absl::StatusOr<Statement> RenewDevice(const CheckedEnrolment& renewal, const Registry& registry,
                                      const Issuer& issuer, uint64_t sequence, crypto::Rng& rng);

Bytes EncodeRenewalRequest(const RenewalRequest& request);
absl::StatusOr<RenewalRequest> DecodeRenewalRequest(BytesView bytes);

// PERMISSION_DENIED unless `issued` is for the keys and the device that asked, and by the CA with
// `ca_fingerprint`.
absl::Status CheckIssued(const Certificate& issued, const PrivateKey& own_key,
                         const DeviceUri& device, const Certificate& ca);

}  // namespace enlace::identity
