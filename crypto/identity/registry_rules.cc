#include "crypto/identity/registry_rules.h"

#include <algorithm>
#include <utility>

#include "crypto/identity/certificate_parts.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

bool HasUnrevokedDevice(const OfficerRecord& officer) {
  return std::any_of(officer.devices.begin(), officer.devices.end(),
                     [](const DeviceRecord* device) { return !device->revoked_at.has_value(); });
}

// A suspension by a device is short and ends by itself.
absl::Status CheckShortSuspension(const Statement& statement) {
  const auto* suspension = std::get_if<OfficerSuspended>(&statement.body);
  if (suspension == nullptr)
    return PermissionDenied("a device can only suspend; this needs the CA");
  if (suspension->until_ms == 0 ||
      suspension->until_ms > statement.issued_at_ms + kDeviceSuspensionMsMax) {
    return PermissionDenied("a suspension of more than 7 days needs the CA");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> ResolvedOffices(const Registry& registry, const Assignment& assignment,
                                         uint64_t size) {
  std::vector<std::string> ids;
  for (const std::string& office : assignment.offices) {
    const OfficeRecord* now = registry.ResolveOffice(office, size);
    if (now != nullptr) ids.push_back(now->id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

absl::StatusOr<CheckedEntry> RegistryRules::Check(BytesView bytes) const {
  ENLACE_ASSIGN_OR_RETURN(const LogEntry entry, DecodeLogEntry(bytes));
  if (entry.logged_at_ms < registry_.last_logged_at_ms_)
    return FailedPrecondition("log entry's time goes back");
  if (entry.kind == LogEntryKind::kCharter) return CheckCharterEntry(entry);
  return CheckStatementEntry(entry);
}

absl::StatusOr<CheckedEntry> RegistryRules::CheckCharterEntry(const LogEntry& entry) const {
  ENLACE_ASSIGN_OR_RETURN(const SignedCharter charter, DecodeSignedCharter(entry.payload));
  CheckedEntry checked;
  checked.logged_at_ms = entry.logged_at_ms;
  checked.chain = registry_.chain_;
  ENLACE_RETURN_IF_ERROR(trust_ == Trust::kVerify ? checked.chain->Accept(charter)
                                                  : checked.chain->AcceptVerified(charter));
  if (checked.chain->current().issued_at_ms > entry.logged_at_ms + kIssuedAheadMsMax) {
    return FailedPrecondition("charter is dated in the future");
  }
  return checked;
}

absl::StatusOr<CheckedEntry> RegistryRules::CheckStatementEntry(const LogEntry& entry) const {
  if (registry_.charter() == nullptr)
    return FailedPrecondition("the log does not begin with a charter");
  ENLACE_ASSIGN_OR_RETURN(const SignedStatement signed_statement,
                          DecodeSignedStatement(entry.payload));
  CheckedEntry checked;
  checked.logged_at_ms = entry.logged_at_ms;
  checked.signer = signed_statement.signer;
  ENLACE_ASSIGN_OR_RETURN(checked.statement, DecodeStatement(signed_statement.body));
  ENLACE_RETURN_IF_ERROR(CheckSigner(signed_statement, *checked.statement, entry.logged_at_ms));
  ENLACE_RETURN_IF_ERROR(std::visit(*this, checked.statement->body));
  if (const auto* device = std::get_if<DeviceEnrolled>(&checked.statement->body)) {
    ENLACE_ASSIGN_OR_RETURN(checked.certificates, ReadCertificates(*device, checked.signer));
  }
  return checked;
}

absl::Status RegistryRules::CheckSigner(const SignedStatement& signed_statement,
                                        const Statement& statement, int64_t logged_at_ms) const {
  const bool by_ca = signed_statement.signer_kind == SignerKind::kCa;
  ENLACE_ASSIGN_OR_RETURN(const BytesView key,
                          by_ca ? CaKey(signed_statement, statement, logged_at_ms)
                                : DeviceKey(signed_statement, statement, logged_at_ms));
  if (trust_ == Trust::kVerify)
    ENLACE_RETURN_IF_ERROR(VerifyStatementSignature(signed_statement, key));
  if (statement.issued_at_ms > logged_at_ms + kIssuedAheadMsMax) {
    return FailedPrecondition("statement is dated in the future");
  }
  if (statement.sequence != registry_.NextSequence(signed_statement.signer)) {
    return FailedPrecondition("statement does not carry its signer's next number");
  }
  return absl::OkStatus();
}

absl::StatusOr<BytesView> RegistryRules::CaKey(const SignedStatement& signed_statement,
                                               const Statement& statement,
                                               int64_t logged_at_ms) const {
  const Certificate* ca = registry_.charter()->FindCa(statement.authority, signed_statement.signer);
  if (ca == nullptr)
    return PermissionDenied(
        "statement is not signed by a CA that the charter names for its authority");
  if (!ca->ValidAt(logged_at_ms))
    return PermissionDenied("the CA's certificate is not valid at this time");
  return ca->ed25519_public_key();
}

absl::StatusOr<BytesView> RegistryRules::DeviceKey(const SignedStatement& signed_statement,
                                                   const Statement& statement,
                                                   int64_t logged_at_ms) const {
  const DeviceRecord* device = registry_.FindDeviceByMls(signed_statement.signer);
  if (device == nullptr || device->uri.authority() != statement.authority) {
    return PermissionDenied("statement is not signed by a device of its authority");
  }
  const LogMoment here{registry_.size(), logged_at_ms};
  if (registry_.CertificateStateAt(signed_statement.signer, here) != DeviceState::kActive) {
    return PermissionDenied("statement is signed by a device that is not active");
  }
  const RoleSet roles = registry_.RolesOf(*device, registry_.size());
  if (!HasRole(roles, Role::kAdmin) && !HasRole(roles, Role::kSupervisor)) {
    return PermissionDenied("only an admin's or supervisor's device can suspend");
  }
  ENLACE_RETURN_IF_ERROR(CheckShortSuspension(statement));
  const auto& suspension = std::get<OfficerSuspended>(statement.body);
  const OfficerRecord* officer = registry_.FindOfficer(suspension.officer_id);
  // What the CA imposed, a device must not cut short.
  if (officer != nullptr && officer->SuspendedAt({registry_.size(), suspension.until_ms})) {
    return FailedPrecondition("officer is suspended for longer already");
  }
  return BytesView(registry_.FindCertificates(signed_statement.signer)->mls_key);
}

absl::Status RegistryRules::CheckCertificates(const DeviceEnrolled& device,
                                              const merkle::Hash& ca_fingerprint) const {
  ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(device.device_uri));
  ENLACE_ASSIGN_OR_RETURN(const Certificate tls, Certificate::FromDer(device.tls_certificate));
  ENLACE_ASSIGN_OR_RETURN(const Certificate mls, Certificate::FromDer(device.mls_certificate));
  if (tls.kind() != CertificateKind::kDeviceTls || mls.kind() != CertificateKind::kDeviceMls) {
    return InvalidArgument("certificates are not those of a device");
  }
  if (tls.device_uri() != uri || mls.device_uri() != uri)
    return InvalidArgument("certificates are of another device");
  const int64_t validity_ms = mls.not_after_ms() - mls.not_before_ms();
  if (tls.not_before_ms() != mls.not_before_ms() || tls.not_after_ms() != mls.not_after_ms() ||
      validity_ms > kDeviceValidityMsMax + kBackdateMs) {
    return InvalidArgument("certificates differ in validity or are valid for more than 400 days");
  }
  const Certificate* ca = registry_.charter()->FindCa(uri.authority(), ca_fingerprint);
  if (ca == nullptr) return PermissionDenied("only a CA admits devices");
  ENLACE_RETURN_IF_ERROR(tls.VerifyIssuedBy(*ca));
  return mls.VerifyIssuedBy(*ca);
}

absl::StatusOr<DeviceCertificates> RegistryRules::ReadCertificates(
    const DeviceEnrolled& device, const merkle::Hash& ca_fingerprint) const {
  if (trust_ == Trust::kVerify) ENLACE_RETURN_IF_ERROR(CheckCertificates(device, ca_fingerprint));
  ENLACE_ASSIGN_OR_RETURN(const CertificateParts mls, SplitCertificate(device.mls_certificate));
  const BytesView key = Ed25519KeyIn(mls.public_key_info);
  if (key.empty()) return InvalidArgument("the MLS certificate's key is not Ed25519");
  DeviceCertificates pair{.tls_fingerprint = merkle::Sha256(device.tls_certificate),
                          .mls_fingerprint = merkle::Sha256(device.mls_certificate),
                          .ca_fingerprint = ca_fingerprint,
                          .not_before_ms = mls.not_before_ms,
                          .not_after_ms = mls.not_after_ms,
                          .logged_at = registry_.size()};
  std::copy(key.begin(), key.end(), pair.mls_key.begin());
  if (registry_.FindCertificates(pair.tls_fingerprint) != nullptr ||
      registry_.FindCertificates(pair.mls_fingerprint) != nullptr) {
    return FailedPrecondition("a certificate is in the log already");
  }
  return pair;
}

absl::Status RegistryRules::CheckOfficesOpen(const std::vector<std::string>& offices) const {
  for (const std::string& id : offices) {
    const OfficeRecord* office = registry_.FindOffice(id);
    if (office == nullptr) return NotFound("no such office: " + id);
    if (!office->open()) return FailedPrecondition("office is closed or renamed: " + id);
  }
  return absl::OkStatus();
}

absl::Status RegistryRules::operator()(const OfficeStated& office) const {
  for (const std::string& network : office.networks) {
    if (registry_.charter()->FindNetwork(network) == nullptr)
      return NotFound("no such network: " + network);
  }
  const OfficeRecord* known = registry_.FindOffice(office.office_id);
  if (known != nullptr && !known->open()) return FailedPrecondition("office is closed or renamed");
  return office.successor.empty() ? absl::OkStatus() : CheckOfficesOpen({office.successor});
}

absl::Status RegistryRules::CheckNewDevice(const DeviceEnrolled& device,
                                           const DeviceUri& uri) const {
  const OfficerRecord* officer = registry_.FindOfficer(uri.officer_id());
  if (officer == nullptr) {
    const auto count = registry_.officer_count_.find(std::string(uri.authority()));
    const bool full =
        count != registry_.officer_count_.end() && count->second >= kOfficersPerAuthorityMax;
    return full ? MakeStatus(absl::StatusCode::kResourceExhausted, "authority has 10,000 officers")
                : absl::OkStatus();
  }
  if (officer->devices.size() >= kDevicesPerOfficerMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "officer has had 64 devices");
  }
  const Assignment& held = officer->assignments.back();
  const bool same = held.roles == device.roles &&
                    ResolvedOffices(registry_, held, registry_.size()) == device.offices;
  if (HasUnrevokedDevice(*officer) && !same) {
    return FailedPrecondition(
        "officer has other offices or roles; change them by their own statement");
  }
  return absl::OkStatus();
}

absl::Status RegistryRules::operator()(const DeviceEnrolled& device) const {
  ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(device.device_uri));
  ENLACE_RETURN_IF_ERROR(CheckOfficesOpen(device.offices));
  const DeviceRecord* known = registry_.FindDevice(device.device_uri);
  if (known == nullptr) return CheckNewDevice(device, uri);
  if (known->revoked_at.has_value())
    return FailedPrecondition("device was revoked; its name is not used again");
  const Assignment& held = known->officer->assignments.back();
  const bool same = held.roles == device.roles &&
                    ResolvedOffices(registry_, held, registry_.size()) == device.offices;
  return same ? absl::OkStatus()
              : FailedPrecondition("a renewal changes neither offices nor roles");
}

absl::Status RegistryRules::operator()(const OfficerAssigned& officer) const {
  if (registry_.FindOfficer(officer.officer_id) == nullptr) return NotFound("no such officer");
  return CheckOfficesOpen(officer.offices);
}

absl::Status RegistryRules::operator()(const DeviceRevoked& device) const {
  const DeviceRecord* known = registry_.FindDevice(device.device_uri);
  if (known == nullptr) return NotFound("no such device");
  return known->revoked_at.has_value() ? FailedPrecondition("device is revoked already")
                                       : absl::OkStatus();
}

absl::Status RegistryRules::operator()(const OfficerSuspended& officer) const {
  return registry_.FindOfficer(officer.officer_id) == nullptr ? NotFound("no such officer")
                                                              : absl::OkStatus();
}

absl::Status RegistryRules::operator()(const OfficerReinstated& officer) const {
  const OfficerRecord* known = registry_.FindOfficer(officer.officer_id);
  if (known == nullptr) return NotFound("no such officer");
  const bool held = !known->suspensions.empty() && !known->suspensions.back().lifted;
  return held ? absl::OkStatus() : FailedPrecondition("officer is not suspended");
}

absl::Status RegistryRules::operator()(const OfficeRenamed& office) const {
  ENLACE_RETURN_IF_ERROR(CheckOfficesOpen({office.old_office_id}));
  const bool used = registry_.FindOffice(office.new_office_id) != nullptr;
  return used ? FailedPrecondition("the new name is or was another office's") : absl::OkStatus();
}

absl::Status RegistryRules::operator()(const OfficeClosed& office) const {
  return CheckOfficesOpen({office.office_id, office.successor});
}

absl::Status RegistryRules::operator()(const OfficeDuty& duty) const {
  for (const DutyShift& shift : duty.shifts) {
    if (registry_.FindOfficer(shift.officer_id) == nullptr) return NotFound("no such officer");
  }
  return CheckOfficesOpen({duty.office_id});
}

}  // namespace enlace::identity
