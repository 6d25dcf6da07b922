#include "client/delivery/case_plan.h"

#include <algorithm>
#include <set>

#include "client/alerts/guard.h"
#include "client/cases/registry_directory.h"
#include "client/rooms/limits.h"
#include "client/rooms/registry_credentials.h"
#include "client/session/request_id.h"
#include "crypto/identity/administration.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::StatusOr<room::RoomPolicy> PolicyFor(const identity::Registry& registry,
                                           const alert::v1::CaseAlert& alert) {
  room::RoomPolicy policy;
  policy.kind = room::RoomKind::kCase;
  policy.origin_office = alert.sender().office_id();
  policy.referral = room::ReferralRule::kActionOffices;
  std::set<std::string> networks;
  const auto add_networks = [&](const std::string& office_id) -> absl::Status {
    const identity::OfficeRecord* office = registry.ResolveOffice(office_id);
    if (office == nullptr) return MakeError(Reason::kOfficeUnknown, {{"office", office_id}});
    networks.insert(office->stated().networks.begin(), office->stated().networks.end());
    return absl::OkStatus();
  };
  ENLACE_RETURN_IF_ERROR(add_networks(policy.origin_office));
  for (const alert::v1::Recipient& recipient : alert.recipients()) {
    if (recipient.office_id() == policy.origin_office) continue;
    ENLACE_RETURN_IF_ERROR(add_networks(recipient.office_id()));
    policy.participants.push_back({recipient.office_id(), recipient.role() == alert::v1::ROLE_ACTION
                                                              ? room::OfficeRole::kAction
                                                              : room::OfficeRole::kInfo});
  }
  policy.networks.assign(networks.begin(), networks.end());
  std::sort(policy.participants.begin(), policy.participants.end(),
            [](const auto& a, const auto& b) { return a.office_id < b.office_id; });
  return policy;
}

// The active devices of an office, those of who is on duty first.
std::vector<const identity::DeviceRecord*> DutyFirst(const identity::Registry& registry,
                                                     const std::string& office_id, int64_t now_ms) {
  std::vector<const identity::DeviceRecord*> devices = registry.ActiveDevicesOf(office_id, now_ms);
  const identity::OfficeRecord* office = registry.ResolveOffice(office_id);
  if (office == nullptr) return devices;
  const std::vector<const identity::DutyShift*> shifts = office->OnDutyAt(now_ms);
  std::stable_partition(devices.begin(), devices.end(), [&](const identity::DeviceRecord* device) {
    return std::any_of(shifts.begin(), shifts.end(), [&](const identity::DutyShift* shift) {
      return shift->officer_id == device->officer->id;
    });
  });
  return devices;
}

// The devices to add: on duty, then by name; without this one.
std::vector<std::string> DevicesToAdd(const Services& services, const std::string& office_id) {
  std::vector<std::string> uris;
  const identity::Registry& registry = services.rooms.registry();
  for (const identity::DeviceRecord* device : DutyFirst(registry, office_id, services.now_ms())) {
    if (uris.size() == kDevicesPerOfficeAdded) break;
    const bool takes_part = identity::HandlesCases(registry.RolesOf(*device, registry.size()));
    if (takes_part && !(device->uri == services.device().uri)) uris.push_back(device->uri.text());
  }
  return uris;
}

// The key package that the server gave for a device; it must be that device's, whoever else might
// take part too.
absl::StatusOr<mls::KeyPackage> ReadClaimed(const Services& services,
                                            const v1::ClaimedKeyPackage& claimed) {
  ENLACE_ASSIGN_OR_RETURN(mls::MlsMessage parsed,
                          mls::MlsMessage::Parse(AsBytes(claimed.key_package())));
  auto* key_package = std::get_if<mls::KeyPackage>(&parsed.body);
  if (key_package == nullptr)
    return MakeError(Reason::kKeyPackageInvalid, {{"what", "another message"}});
  const RegistryCredentials credentials(services.rooms.registry());
  const identity::DeviceRecord* device = credentials.DeviceOf(key_package->leaf_node());
  if (device == nullptr || device->uri.text() != claimed.device_uri()) {
    return MakeError(Reason::kKeyPackageInvalid, {{"what", "it is not that device's"}});
  }
  return std::move(*key_package);
}

}  // namespace

absl::Status GuardExcludedError(const Services& services, const std::string& office_id) {
  const auto office = RegistryDirectory(services.rooms.registry()).FindOffice(office_id);
  return MakeError(Reason::kGuardExcluded,
                   {{"office", office_id}, {"country", office ? office->country : std::string()}});
}

room::RoomGuard GuardForRoom(const alert::v1::CaseAlert& alert) {
  room::RoomGuard guard;
  const alerts::Guard excluded = alerts::GuardOf(alert);
  guard.excluded_authorities.assign(excluded.excluded_authorities.begin(),
                                    excluded.excluded_authorities.end());
  // The numbers are those of the alert model; a missing or unknown label counts as RED.
  const int tlp = alert.handling().tlp();
  const bool known = tlp >= alert::v1::TLP_CLEAR && tlp <= alert::v1::TLP_RED;
  guard.tlp = known ? static_cast<identity::Tlp>(tlp) : identity::Tlp::kRed;
  for (const int code : alert.handling().codes()) {
    const bool is_code = code >= alert::v1::HANDLING_CODE_H0 && code <= alert::v1::HANDLING_CODE_H3;
    if (is_code) guard.handling = static_cast<room::HandlingSet>(guard.handling | 1u << (code - 1));
  }
  guard.restriction = alert.handling().restriction_note();
  return guard;
}

absl::StatusOr<CasePlan> PlanCase(const Services& services, const alert::v1::CaseAlert& alert) {
  CasePlan plan;
  plan.founding.case_ref = alert.case_ref();
  ENLACE_ASSIGN_OR_RETURN(plan.founding.policy, PolicyFor(services.rooms.registry(), alert));
  plan.founding.guard = GuardForRoom(alert);
  std::vector<std::string> offices;
  for (const room::Participant& participant : plan.founding.policy.participants) {
    const std::string& office_id = participant.office_id;
    if (plan.founding.guard.Excludes(alerts::AuthorityOfOffice(office_id))) {
      return GuardExcludedError(services, office_id);
    }
    if (DevicesToAdd(services, office_id).empty())
      plan.offices_without_devices.push_back(office_id);
    offices.push_back(office_id);
  }
  offices.push_back(plan.founding.policy.origin_office);
  ENLACE_ASSIGN_OR_RETURN(plan.founding.members, ClaimForOffices(services, offices));
  return plan;
}

absl::StatusOr<std::vector<mls::KeyPackage>> ClaimForOffices(
    const Services& services, const std::vector<std::string>& offices) {
  std::vector<std::string> uris;
  for (const std::string& office_id : offices) {
    for (std::string& uri : DevicesToAdd(services, office_id)) uris.push_back(std::move(uri));
  }
  return ClaimForDevices(services, uris);
}

absl::StatusOr<std::vector<mls::KeyPackage>> ClaimForDevices(
    const Services& services, const std::vector<std::string>& device_uris) {
  std::vector<mls::KeyPackage> members;
  if (device_uris.empty()) return members;
  v1::ClaimKeyPackagesRequest claim;
  for (const std::string& uri : device_uris) claim.add_device_uris(uri);
  claim.set_request_id(NewRequestId(services.now_ms(), services.rooms.rng));
  ENLACE_ASSIGN_OR_RETURN(const v1::ClaimKeyPackagesResponse claimed,
                          services.session.ClaimKeyPackages(claim, kCallTimeoutMs));
  std::set<std::string> added;
  for (const v1::ClaimedKeyPackage& entry : claimed.key_packages()) {
    if (std::find(device_uris.begin(), device_uris.end(), entry.device_uri()) == device_uris.end())
      return MakeError(Reason::kKeyPackageInvalid, {{"what", "nobody asked for it"}});
    // A device without a key package enters by itself when it comes back.
    if (entry.key_package().empty() || !added.insert(entry.device_uri()).second) continue;
    ENLACE_ASSIGN_OR_RETURN(mls::KeyPackage key_package, ReadClaimed(services, entry));
    members.push_back(std::move(key_package));
  }
  return members;
}

}  // namespace enlace::client
