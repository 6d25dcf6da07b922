#include "client/cases/registry_directory.h"

#include "crypto/identity/administration.h"

namespace enlace::client {
namespace {

alerts::Standing StandingOf(identity::Standing standing) {
  switch (standing) {
    case identity::Standing::kMember:
      return alerts::Standing::kMember;
    case identity::Standing::kObserver:
      return alerts::Standing::kObserver;
    case identity::Standing::kOrganisation:
      break;
  }
  return alerts::Standing::kOrganisation;
}

}  // namespace

std::optional<alerts::OfficeEntry> RegistryDirectory::FindOffice(std::string_view office_id) const {
  const identity::OfficeRecord* office = registry_.FindOffice(office_id);
  const identity::Charter* charter = registry_.charter();
  if (office == nullptr || charter == nullptr) return std::nullopt;
  if (identity::IsAdministrationOffice(office->id)) return std::nullopt;
  alerts::OfficeEntry entry;
  entry.office_id = office->id;
  entry.authority = std::string(identity::AuthorityOfOffice(office->id));
  const identity::Authority* authority = charter->FindAuthority(entry.authority);
  if (authority == nullptr) return std::nullopt;
  const identity::StandingPermissions& allowed = charter->PermissionsOf(authority->standing);
  entry.country = authority->alpha3;
  entry.standing = StandingOf(authority->standing);
  entry.networks = office->stated().networks;
  entry.closed = !office->open();
  entry.successor_office_id = office->moved_to;
  entry.may_open_cases = allowed.open_cases;
  entry.may_be_action = allowed.be_action;
  entry.may_be_info = allowed.be_info;
  entry.tlp_max = static_cast<int>(allowed.highest_tlp);
  return entry;
}

std::vector<std::string> RegistryDirectory::OfficeIds() const {
  std::vector<std::string> ids;
  for (const identity::OfficeRecord* office : registry_.Offices()) {
    const bool hidden = identity::IsAdministrationOffice(office->id);
    if (office->open() && !hidden) ids.push_back(office->id);
  }
  return ids;
}

}  // namespace enlace::client
