#include "crypto/room/participation.h"

#include <algorithm>
#include <string>

#include "crypto/identity/administration.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_rules.h"

namespace enlace::room {
namespace {

bool SharesNetwork(const RoomPolicy& policy, const identity::OfficeRecord& office, uint64_t size) {
  const std::vector<std::string>& networks = office.StatedAt(size)->networks;
  return std::any_of(networks.begin(), networks.end(), [&policy](const std::string& network) {
    return std::find(policy.networks.begin(), policy.networks.end(), network) !=
           policy.networks.end();
  });
}

bool Allows(const identity::StandingPermissions& may, OfficeRole role) {
  return role == OfficeRole::kAction ? may.be_action : may.be_info;
}

// Bulletin rooms name no participants: every office of the network reads.
std::optional<OfficeRole> RoleInBulletin(const RoomPolicy& policy,
                                         const identity::DeviceRecord& device,
                                         const identity::Registry& registry, uint64_t size) {
  const identity::StandingPermissions* may = PermissionsAt(registry, device.uri.authority(), size);
  if (may == nullptr || !may->bulletins) return std::nullopt;
  const std::vector<std::string> offices = registry.OfficesOf(device, size);
  const bool reads = std::any_of(offices.begin(), offices.end(), [&](const std::string& id) {
    return SharesNetwork(policy, *registry.ResolveOffice(id, size), size);
  });
  return reads ? std::optional<OfficeRole>(OfficeRole::kInfo) : std::nullopt;
}

std::optional<OfficeRole> RoleByName(const RoomPolicy& policy, const identity::DeviceRecord& device,
                                     const identity::Registry& registry, uint64_t size) {
  const identity::StandingPermissions* may = PermissionsAt(registry, device.uri.authority(), size);
  std::optional<OfficeRole> role;
  if (may == nullptr) return role;
  for (const Participant& participant : policy.participants) {
    const bool counts =
        Allows(*may, participant.role) && registry.BelongsTo(device, participant.office_id, size);
    // An officer of two offices acts in the stronger role.
    if (counts && role != OfficeRole::kAction) role = participant.role;
  }
  return role;
}

}  // namespace

const identity::StandingPermissions* PermissionsAt(const identity::Registry& registry,
                                                   std::string_view authority, uint64_t size) {
  const identity::Charter* charter = registry.CharterAt(size);
  const identity::Authority* found =
      charter == nullptr ? nullptr : charter->FindAuthority(authority);
  return found == nullptr ? nullptr : &charter->PermissionsOf(found->standing);
}

absl::Status CheckOffice(const RoomPolicy& policy, const Participant& office,
                         const identity::Registry& registry, uint64_t size) {
  const identity::OfficeRecord* record = registry.ResolveOffice(office.office_id, size);
  if (record == nullptr) return NotFound("no such office: " + office.office_id);
  if (!SharesNetwork(policy, *record, size)) {
    return PermissionDenied("office is in none of the room's networks: " + office.office_id);
  }
  const auto* may = PermissionsAt(registry, identity::AuthorityOfOffice(office.office_id), size);
  if (may == nullptr || !Allows(*may, office.role)) {
    return PermissionDenied("the charter does not allow this role to " + office.office_id);
  }
  return absl::OkStatus();
}

absl::Status CheckOffices(const RoomPolicy& policy, const identity::Registry& registry,
                          uint64_t size) {
  const identity::Charter* charter = registry.CharterAt(size);
  const auto is_known = [charter](const std::string& id) {
    return charter->FindNetwork(id) != nullptr;
  };
  if (charter == nullptr ||
      !std::all_of(policy.networks.begin(), policy.networks.end(), is_known)) {
    return NotFound("the charter does not name a network of the room");
  }
  const identity::OfficeRecord* origin = registry.ResolveOffice(policy.origin_office, size);
  if (origin == nullptr) return NotFound("no such office: " + policy.origin_office);
  if (!SharesNetwork(policy, *origin, size))
    return PermissionDenied("the origin is in none of the room's networks");
  const auto* may =
      PermissionsAt(registry, identity::AuthorityOfOffice(policy.origin_office), size);
  const bool opens =
      may != nullptr && (policy.kind == RoomKind::kBulletin ? may->bulletins : may->open_cases);
  if (!opens) return PermissionDenied("the charter does not let the origin open such a room");
  for (const Participant& office : policy.participants) {
    ENLACE_RETURN_IF_ERROR(CheckOffice(policy, office, registry, size));
  }
  return absl::OkStatus();
}

std::optional<OfficeRole> RoleInRoom(const RoomPolicy& policy, const identity::DeviceRecord& device,
                                     const identity::Registry& registry,
                                     const identity::LogMoment& moment) {
  if (!identity::HandlesCases(registry.RolesOf(device, moment.size))) return std::nullopt;
  if (registry.BelongsTo(device, policy.origin_office, moment.size)) return OfficeRole::kAction;
  return policy.kind == RoomKind::kBulletin ? RoleInBulletin(policy, device, registry, moment.size)
                                            : RoleByName(policy, device, registry, moment.size);
}

bool MayEnter(const RoomPolicy& policy, const identity::DeviceRecord& device,
              const identity::Registry& registry, const identity::LogMoment& moment) {
  return registry.IsActiveAt(device, moment) &&
         RoleInRoom(policy, device, registry, moment).has_value();
}

}  // namespace enlace::room
