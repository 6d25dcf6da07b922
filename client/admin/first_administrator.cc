#include "client/admin/first_administrator.h"

#include <utility>

#include "client/admin/publisher.h"
#include "crypto/identity/administration.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/issue.h"
#include "crypto/identity/officer_card.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr std::string_view kFirstDevice = "dev-1";
// Row of a device that the server may not know yet.
constexpr std::string_view kPreparedRow = "prepared";

identity::OfficeStated AdministrationOf(const AuthorityCa& ca, const identity::Charter& charter) {
  identity::OfficeStated office;
  office.office_id = identity::AdministrationOffice(ca.authority);
  office.name = {"Administración", "Administration"};
  for (const identity::Network& network : charter.networks) office.networks.push_back(network.id);
  office.languages = {"en", "es"};
  office.time_zone = "Etc/UTC";
  return office;
}

absl::StatusOr<DeviceIdentity> IssueDevice(AdminContext& context, const AuthorityCa& ca,
                                           const FirstAdministrator& first) {
  auto keys = identity::DeviceKeys::Generate(context.rng());
  ENLACE_ASSIGN_OR_RETURN(auto uri, identity::DeviceUri::Create(ca.officer_id, kFirstDevice));
  const identity::Issuer issuer{ca.certificate, ca.key, context.now_ms()};
  ENLACE_ASSIGN_OR_RETURN(const auto tls_request, identity::MakeSigningRequest(uri, keys.tls));
  ENLACE_ASSIGN_OR_RETURN(const auto mls_request, identity::MakeSigningRequest(uri, keys.mls));
  ENLACE_ASSIGN_OR_RETURN(auto tls,
                          identity::IssueDeviceCertificate(tls_request, issuer, context.rng()));
  ENLACE_ASSIGN_OR_RETURN(auto mls,
                          identity::IssueDeviceCertificate(mls_request, issuer, context.rng()));
  return DeviceIdentity{std::move(uri),
                        std::move(tls),
                        std::move(mls),
                        std::move(keys.tls),
                        std::move(keys.mls),
                        {first.charter.root, first.charter.version},
                        first.server_address,
                        first.enrolment_address,
                        merkle::Sha256(BytesView(first.charter.server.certificate)),
                        ca.card.phones.empty() ? std::string() : ca.card.phones.front()};
}

absl::StatusOr<v1::BootstrapRequest> BootstrapOf(AdminContext& context, const AuthorityCa& ca,
                                                 const FirstAdministrator& first,
                                                 const DeviceIdentity& device) {
  const Bytes salt = context.rng().PublicBytes(identity::kCardSaltBytes);
  identity::DeviceEnrolled enrolled;
  enrolled.device_uri = device.uri.text();
  enrolled.offices = {identity::AdministrationOffice(ca.authority)};
  enrolled.roles = identity::RoleBit(identity::Role::kAdmin);
  enrolled.tls_certificate = device.tls_certificate.der();
  enrolled.mls_certificate = device.mls_certificate.der();
  ENLACE_ASSIGN_OR_RETURN(enrolled.card_commitment, identity::CommitToCard(salt, ca.card));
  ENLACE_ASSIGN_OR_RETURN(const Bytes card, identity::EncodeOfficerCard(ca.card));
  const int64_t now_ms = context.now_ms();
  ENLACE_ASSIGN_OR_RETURN(const Bytes office,
                          SignedEntry(ca, AdministrationOf(ca, first.charter), 1, now_ms));
  ENLACE_ASSIGN_OR_RETURN(const Bytes admission, SignedEntry(ca, std::move(enrolled), 2, now_ms));
  v1::BootstrapRequest request;
  request.add_entries(ToText(office));
  request.add_entries(ToText(admission));
  v1::Card* sent = request.add_cards();
  sent->set_officer_id(ca.officer_id);
  sent->set_salt(ToText(salt));
  sent->set_card(ToText(card));
  return request;
}

// The device of an earlier run, or a new one; stored either way.
absl::StatusOr<DeviceIdentity> PrepareDevice(AdminContext& context, const AuthorityCa& ca,
                                             const FirstAdministrator& first) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  auto prepared = LoadDevice(*vault, kPreparedRow);
  if (prepared.ok()) {
    prepared->server_address = first.server_address;
    prepared->enrolment_address = first.enrolment_address;
    return prepared;
  }
  if (!HasReason(prepared.status(), Reason::kNotEnrolled)) return prepared.status();
  ENLACE_ASSIGN_OR_RETURN(DeviceIdentity device, IssueDevice(context, ca, first));
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault->Begin());
  ENLACE_RETURN_IF_ERROR(SaveDevice(device, *transaction, kPreparedRow));
  ENLACE_RETURN_IF_ERROR(transaction->Commit());
  return device;
}

// Whether the registry shows the device, which it does only to the device itself.
absl::Status CheckIsLogged(AdminContext& context, const DeviceIdentity& device) {
  ENLACE_ASSIGN_OR_RETURN(
      auto replica, RegistryReplica::Open({context.profile().registry_path(), device.pin, false}));
  ENLACE_ASSIGN_OR_RETURN(auto session, context.environment().connect(EndpointOf(device, nullptr),
                                                                      TlsIdentityOf(device)));
  ENLACE_RETURN_IF_ERROR(replica->Refresh(*session, context.now_ms(), kCallTimeoutMs));
  if (replica->registry().FindDeviceByMls(device.mls_certificate.fingerprint()) == nullptr) {
    return MakeError(Reason::kLogInconsistent, {{"what", device.uri.text()}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status EnrolFirstAdministrator(AdminContext& context, const AuthorityCa& ca,
                                     const FirstAdministrator& first) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity device, PrepareDevice(context, ca, first));
  ENLACE_ASSIGN_OR_RETURN(const v1::BootstrapRequest request,
                          BootstrapOf(context, ca, first, device));
  ENLACE_ASSIGN_OR_RETURN(auto server, context.environment().connect_enrolment(
                                           {device.enrolment_address, device.server_certificate}));
  absl::Status sent = server->Bootstrap(request, kCallTimeoutMs).status();
  // Nobody knows whether it arrived: the next run sends it again.
  if (HasReason(sent, Reason::kServerUnreachable)) return sent;
  const absl::Status logged = CheckIsLogged(context, device);
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault->Begin());
  ENLACE_RETURN_IF_ERROR(transaction->Delete(kDeviceTable, AsBytes(kPreparedRow)));
  if (logged.ok()) ENLACE_RETURN_IF_ERROR(SaveDevice(device, *transaction));
  ENLACE_RETURN_IF_ERROR(transaction->Commit());
  if (logged.ok()) return absl::OkStatus();
  return sent.ok() ? logged : sent;
}

}  // namespace enlace::client::admin
