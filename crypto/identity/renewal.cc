// Renewal requests of enrolment.h.
#include <algorithm>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/identity/enrolment.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kRenewalLabel = "enlace renewal 1";

// Fields that the signature covers.
void WriteFields(const RenewalRequest& request, codec::Writer& writer) {
  writer.U16(kRenewalRequestVersion);
  codec::WriteText(request.device_uri, writer);
  writer.Raw(request.old_certificate);
  writer.Vector(request.tls_request);
  writer.Vector(request.mls_request);
  codec::WriteTime(request.requested_at_ms, writer);
}

Bytes SignedBytes(const RenewalRequest& request) {
  codec::Writer writer;
  writer.Raw(AsBytes(kRenewalLabel));
  WriteFields(request, writer);
  return writer.Take();
}

// A device that asks may have run out of time, but nothing worse.
absl::Status CheckMayRenew(DeviceState state) {
  if (state == DeviceState::kActive || state == DeviceState::kExpired) return absl::OkStatus();
  return PermissionDenied("the device may not renew: " + std::string(DeviceStateName(state)));
}

}  // namespace

absl::StatusOr<RenewalRequest> MakeRenewalRequest(const RenewingDevice& old_device,
                                                  const DeviceKeys& new_keys, int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const SigningRequest tls,
                          MakeSigningRequest(old_device.uri, new_keys.tls));
  ENLACE_ASSIGN_OR_RETURN(const SigningRequest mls,
                          MakeSigningRequest(old_device.uri, new_keys.mls));
  RenewalRequest request{.device_uri = old_device.uri.text(),
                         .old_certificate = old_device.mls_certificate,
                         .tls_request = tls.der(),
                         .mls_request = mls.der(),
                         .requested_at_ms = now_ms,
                         .signature = {}};
  request.signature = old_device.mls_key.Sign(SignedBytes(request));
  return request;
}

absl::StatusOr<CheckedEnrolment> CheckRenewalRequest(const RenewalRequest& request,
                                                     const Registry& registry, int64_t now_ms) {
  const DeviceRecord* device = registry.FindDeviceByMls(request.old_certificate);
  if (device == nullptr || device->uri.text() != request.device_uri) {
    return PermissionDenied("request is not of a device that the registry knows");
  }
  ENLACE_RETURN_IF_ERROR(
      CheckMayRenew(registry.CertificateStateAt(request.old_certificate, registry.Now(now_ms))));
  const DeviceCertificates* pair = registry.FindCertificates(request.old_certificate);
  if (!crypto::VerifySignature(pair->mls_key, SignedBytes(request), request.signature).ok()) {
    return PermissionDenied("request is not signed by the device's key");
  }
  return CheckRequests(request.tls_request, request.mls_request, request.device_uri);
}

absl::StatusOr<Statement> RenewDevice(const CheckedEnrolment& renewal, const Registry& registry,
                                      const Issuer& issuer, uint64_t sequence, crypto::Rng& rng) {
  const DeviceUri& uri = renewal.mls.device_uri();
  const DeviceRecord* device = registry.FindDevice(uri.text());
  if (device == nullptr) return NotFound("no such device");
  ENLACE_ASSIGN_OR_RETURN(const Certificate tls, IssueDeviceCertificate(renewal.tls, issuer, rng));
  ENLACE_ASSIGN_OR_RETURN(const Certificate mls, IssueDeviceCertificate(renewal.mls, issuer, rng));
  DeviceEnrolled body{.device_uri = uri.text(),
                      .offices = registry.OfficesOf(*device, registry.size()),
                      .roles = registry.RolesOf(*device, registry.size()),
                      .tls_certificate = tls.der(),
                      .mls_certificate = mls.der(),
                      .card_commitment = device->officer->card_commitment};
  Statement statement{std::string(uri.authority()), sequence, issuer.now_ms, std::move(body)};
  ENLACE_RETURN_IF_ERROR(CheckStatement(statement));
  return statement;
}

Bytes EncodeRenewalRequest(const RenewalRequest& request) {
  codec::Writer writer;
  WriteFields(request, writer);
  writer.Vector(request.signature);
  return writer.Take();
}

absl::StatusOr<RenewalRequest> DecodeRenewalRequest(BytesView bytes) {
  codec::Reader reader(bytes);
  RenewalRequest request;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kRenewalRequestVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kDeviceUriBytesMax, request.device_uri));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, request.old_certificate));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCsrBytesMax, request.tls_request));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kCsrBytesMax, request.mls_request));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, request.requested_at_ms));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, crypto::kSignatureBytes, request.signature));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return request;
}

}  // namespace enlace::identity
