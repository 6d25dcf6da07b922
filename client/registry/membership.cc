#include "client/registry/membership.h"

#include <algorithm>

namespace enlace::client {

bool WorksIn(const identity::Registry& registry, std::string_view officer_id,
             std::string_view office_id) {
  const identity::OfficeRecord* office = registry.ResolveOffice(office_id);
  const identity::OfficerRecord* officer = registry.FindOfficer(officer_id);
  if (office == nullptr || officer == nullptr || officer->assignments.empty()) return false;
  return std::ranges::any_of(officer->assignments.back().offices, [&](const std::string& id) {
    return registry.ResolveOffice(id) == office;
  });
}

}  // namespace enlace::client
