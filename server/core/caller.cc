#include "server/core/caller.h"

#include <algorithm>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/core/shared_registry.h"

namespace enlace::server {
namespace {

absl::Status StateError(identity::DeviceState state) {
  switch (state) {
    case identity::DeviceState::kActive:
      return absl::OkStatus();
    case identity::DeviceState::kRevoked:
      return MakeError(Reason::kDeviceRevoked);
    case identity::DeviceState::kSuspended:
      return MakeError(Reason::kOfficerSuspended);
    case identity::DeviceState::kExpired:
      return MakeError(Reason::kCertificateExpired);
    case identity::DeviceState::kUnassigned:
      return MakeError(Reason::kRoleMissing, {{"role", "office"}});
    case identity::DeviceState::kNotLogged:
    case identity::DeviceState::kNotYetValid:
    case identity::DeviceState::kCaNotNamed:
      break;
  }
  return MakeError(Reason::kUnauthenticated);
}

absl::Status CheckFingerprint(const identity::Registry& registry, const merkle::Hash& fingerprint,
                              int64_t now_ms) {
  if (registry.charter() == nullptr) return MakeError(Reason::kCharterMissing);
  if (registry.FindDeviceByTls(fingerprint) == nullptr) return MakeError(Reason::kUnauthenticated);
  return StateError(registry.CertificateStateAt(fingerprint, registry.Now(now_ms)));
}

absl::StatusOr<Caller> ResolveIn(const identity::Registry& registry,
                                 const merkle::Hash& fingerprint, int64_t now_ms) {
  ENLACE_RETURN_IF_ERROR(CheckFingerprint(registry, fingerprint, now_ms));
  const identity::DeviceRecord& device = *registry.FindDeviceByTls(fingerprint);
  Caller caller;
  caller.device_uri = device.uri.text();
  caller.officer_id = std::string(device.uri.officer_id());
  caller.authority = std::string(device.uri.authority());
  caller.offices = registry.OfficesOf(device, registry.size());
  std::sort(caller.offices.begin(), caller.offices.end());
  caller.roles = registry.RolesOf(device, registry.size());
  caller.tls_fingerprint = fingerprint;
  caller.certificate_not_after_ms = registry.FindCertificates(fingerprint)->not_after_ms;
  return caller;
}

}  // namespace

bool Caller::ActsFor(std::string_view office_id) const {
  return std::binary_search(offices.begin(), offices.end(), office_id);
}

absl::StatusOr<Caller> CallerDirectory::Resolve(const merkle::Hash& tls_fingerprint,
                                                int64_t now_ms) const {
  return registry_.With([&](const identity::Registry& registry) {
    return ResolveIn(registry, tls_fingerprint, now_ms);
  });
}

absl::Status CallerDirectory::CheckStill(const Caller& caller, int64_t now_ms) const {
  return registry_.With([&](const identity::Registry& registry) {
    return CheckFingerprint(registry, caller.tls_fingerprint, now_ms);
  });
}

}  // namespace enlace::server
