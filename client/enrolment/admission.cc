#include "client/enrolment/admission.h"

#include <utility>
#include <variant>

#include "crypto/identity/log_entry.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using identity::Certificate;
using identity::DeviceEnrolled;

absl::Status Invalid(std::string_view what) {
  return MakeError(Reason::kRegistryEntryInvalid, {{"what", std::string(what)}});
}

// The device statement in `entry`, signed by `ca`.
absl::StatusOr<DeviceEnrolled> SignedBy(BytesView entry, const Certificate& ca) {
  ENLACE_ASSIGN_OR_RETURN(const auto logged, identity::DecodeLogEntry(entry));
  if (logged.kind != identity::LogEntryKind::kStatement) return Invalid("not a statement");
  ENLACE_ASSIGN_OR_RETURN(const auto outer, identity::DecodeSignedStatement(logged.payload));
  if (outer.signer_kind != identity::SignerKind::kCa || outer.signer != ca.fingerprint()) {
    return Invalid("another signer");
  }
  ENLACE_RETURN_IF_ERROR(identity::VerifyStatementSignature(outer, ca.ed25519_public_key()));
  ENLACE_ASSIGN_OR_RETURN(auto statement, identity::DecodeStatement(outer.body));
  auto* enrolled = std::get_if<DeviceEnrolled>(&statement.body);
  if (enrolled == nullptr) return Invalid("not about a device");
  return std::move(*enrolled);
}

absl::Status CheckCertificates(const DeviceEnrolled& enrolled, const ExpectedAdmission& expected,
                               const Certificate& ca) {
  ENLACE_ASSIGN_OR_RETURN(const auto uri,
                          identity::DeviceUri::Parse(expected.invitation.device_uri));
  ENLACE_ASSIGN_OR_RETURN(const auto tls, Certificate::FromDer(enrolled.tls_certificate));
  ENLACE_ASSIGN_OR_RETURN(const auto mls, Certificate::FromDer(enrolled.mls_certificate));
  ENLACE_RETURN_IF_ERROR(identity::CheckIssued(tls, expected.keys.tls, uri, ca));
  return identity::CheckIssued(mls, expected.keys.mls, uri, ca);
}

absl::Status CheckTerms(const DeviceEnrolled& enrolled, const identity::Invitation& invitation) {
  if (enrolled.device_uri != invitation.device_uri) return Invalid("another device");
  if (enrolled.offices != invitation.offices) return Invalid("other offices");
  if (enrolled.roles != invitation.roles) return Invalid("other roles");
  const auto keys = identity::DeriveInvitationKeys(invitation.code);
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment,
                          identity::CommitToCard(keys.card_salt.view(), invitation.card));
  return commitment == enrolled.card_commitment ? absl::OkStatus() : Invalid("another card");
}

}  // namespace

absl::StatusOr<DeviceEnrolled> CheckAdmission(BytesView entry, const ExpectedAdmission& expected) {
  const identity::Invitation& invitation = expected.invitation;
  const Certificate* ca = expected.charter.FindCa(invitation.authority, invitation.ca_certificate);
  if (ca == nullptr) {
    return MakeError(Reason::kCaNotInCharter, {{"authority", invitation.authority}});
  }
  absl::StatusOr<DeviceEnrolled> enrolled = SignedBy(entry, *ca);
  absl::Status status = enrolled.status();
  if (status.ok()) status = CheckTerms(*enrolled, invitation);
  if (status.ok()) status = CheckCertificates(*enrolled, expected, *ca);
  if (status.ok() || !InfoOf(status).name.empty()) {
    if (!status.ok()) return status;
    return enrolled;
  }
  return Invalid(MessageOf(status));
}

}  // namespace enlace::client
