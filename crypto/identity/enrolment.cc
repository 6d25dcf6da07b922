#include "crypto/identity/enrolment.h"

#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kEnrolmentLabel = "enlace enrolment 1";

// Fields that the MAC covers.
void WriteFields(const EnrolmentRequest& request, codec::Writer& writer) {
  writer.U16(kEnrolmentRequestVersion);
  writer.Vector(request.invitation_id);
  codec::WriteText(request.device_uri, writer);
  writer.U64(request.charter_version);
  writer.Raw(request.charter_hash);
  writer.Vector(request.tls_request);
  writer.Vector(request.mls_request);
  codec::WriteTime(request.requested_at_ms, writer);
}

Bytes FieldsOf(const EnrolmentRequest& request) {
  codec::Writer writer;
  WriteFields(request, writer);
  return writer.Take();
}

}  // namespace

absl::StatusOr<CheckedEnrolment> CheckRequests(BytesView tls_request, BytesView mls_request,
                                               std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(SigningRequest tls, SigningRequest::FromDer(tls_request));
  ENLACE_ASSIGN_OR_RETURN(SigningRequest mls, SigningRequest::FromDer(mls_request));
  if (tls.key_type() != KeyType::kP256 || mls.key_type() != KeyType::kEd25519) {
    return InvalidArgument("signing requests are not for one P-256 and one Ed25519 key");
  }
  if (tls.device_uri().text() != device_uri || mls.device_uri().text() != device_uri) {
    return InvalidArgument("signing requests are for another device");
  }
  return CheckedEnrolment{std::move(tls), std::move(mls)};
}

DeviceKeys DeviceKeys::Generate(crypto::Rng& rng) {
  PrivateKey tls = PrivateKey::Generate(KeyType::kP256, rng);
  return {std::move(tls), PrivateKey::Generate(KeyType::kEd25519, rng)};
}

absl::StatusOr<EnrolmentRequest> MakeEnrolmentRequest(const Invitation& invitation,
                                                      const DeviceKeys& keys,
                                                      const SeenCharter& charter, int64_t now_ms) {
  ENLACE_RETURN_IF_ERROR(CheckInvitationTime(invitation, now_ms));
  ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(invitation.device_uri));
  ENLACE_ASSIGN_OR_RETURN(const SigningRequest tls, MakeSigningRequest(uri, keys.tls));
  ENLACE_ASSIGN_OR_RETURN(const SigningRequest mls, MakeSigningRequest(uri, keys.mls));
  const InvitationKeys derived = DeriveInvitationKeys(invitation.code);
  EnrolmentRequest request{.invitation_id = derived.invitation_id,
                           .device_uri = uri.text(),
                           .charter_version = charter.version,
                           .charter_hash = charter.hash,
                           .tls_request = tls.der(),
                           .mls_request = mls.der(),
                           .requested_at_ms = now_ms,
                           .mac = {}};
  const crypto::Digest tag =
      crypto::HmacKey(derived.mac_key.view()).Tag({AsBytes(kEnrolmentLabel), FieldsOf(request)});
  request.mac.assign(tag.begin(), tag.end());
  return request;
}

absl::StatusOr<CheckedEnrolment> CheckEnrolmentRequest(const EnrolmentRequest& request,
                                                       const Invitation& invitation) {
  const InvitationKeys derived = DeriveInvitationKeys(invitation.code);
  if (request.invitation_id != derived.invitation_id)
    return PermissionDenied("request is for another invitation");
  const crypto::HmacKey key(derived.mac_key.view());
  if (!key.Verify({AsBytes(kEnrolmentLabel), FieldsOf(request)}, request.mac)) {
    return PermissionDenied("request was not made by the holder of the invitation");
  }
  ENLACE_RETURN_IF_ERROR(CheckInvitationTime(invitation, request.requested_at_ms));
  if (request.device_uri != invitation.device_uri)
    return InvalidArgument("request is for another device");
  return CheckRequests(request.tls_request, request.mls_request, invitation.device_uri);
}

std::array<std::string, kVerificationWords> WordsOf(const EnrolmentRequest& request,
                                                    const Invitation& invitation) {
  const InvitationKeys derived = DeriveInvitationKeys(invitation.code);
  const WordInput input{derived.mac_key, request.tls_request, request.mls_request,
                        request.charter_hash, invitation.ca_certificate};
  return VerificationWords(input, invitation.language);
}

Bytes EncodeEnrolmentRequest(const EnrolmentRequest& request) {
  codec::Writer writer;
  WriteFields(request, writer);
  writer.Vector(request.mac);
  return writer.Take();
}

absl::StatusOr<EnrolmentRequest> DecodeEnrolmentRequest(BytesView bytes) {
  codec::Reader reader(bytes);
  EnrolmentRequest request;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kEnrolmentRequestVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kInvitationIdBytes, request.invitation_id));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kDeviceUriBytesMax, request.device_uri));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(request.charter_version));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, request.charter_hash));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCsrBytesMax, request.tls_request));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCsrBytesMax, request.mls_request));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, request.requested_at_ms));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, crypto::kHashBytes, request.mac));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return request;
}

absl::StatusOr<Statement> AdmitDevice(const CheckedEnrolment& enrolment,
                                      const Invitation& invitation, const Admission& admission,
                                      crypto::Rng& rng) {
  if (admission.issuer.ca.fingerprint() != invitation.ca_certificate) {
    return FailedPrecondition("the invitation names another CA than the one that signs");
  }
  ENLACE_ASSIGN_OR_RETURN(const Certificate tls,
                          IssueDeviceCertificate(enrolment.tls, admission.issuer, rng));
  ENLACE_ASSIGN_OR_RETURN(const Certificate mls,
                          IssueDeviceCertificate(enrolment.mls, admission.issuer, rng));
  DeviceEnrolled body{.device_uri = invitation.device_uri,
                      .offices = invitation.offices,
                      .roles = invitation.roles,
                      .tls_certificate = tls.der(),
                      .mls_certificate = mls.der(),
                      .card_commitment = admission.card_commitment};
  Statement statement{invitation.authority, admission.sequence, admission.issuer.now_ms,
                      std::move(body)};
  ENLACE_RETURN_IF_ERROR(CheckStatement(statement));
  return statement;
}

absl::Status CheckIssued(const Certificate& issued, const PrivateKey& own_key,
                         const DeviceUri& device, const Certificate& ca) {
  if (issued.public_key_info() != own_key.public_key_info())
    return PermissionDenied("certificate is for another key");
  if (issued.device_uri() != device) return PermissionDenied("certificate is for another device");
  return issued.VerifyIssuedBy(ca);
}

}  // namespace enlace::identity
