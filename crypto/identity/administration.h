// Who keeps the registry and reads no case.
//
// An administrator enrols and revokes; being one gives no part in any room. An officer who is an
// administrator besides has the part that the other role gives.
//
// Thread safety: free functions without state. Ownership: none.
#pragma once

#include <string>
#include <string_view>

#include "crypto/identity/ids.h"
#include "crypto/identity/statement.h"

namespace enlace::identity {

// True for officers, supervisors and services: those who may be in rooms.
constexpr bool HandlesCases(RoleSet roles) {
  return (roles &
          (RoleBit(Role::kOfficer) | RoleBit(Role::kSupervisor) | RoleBit(Role::kService))) != 0;
}

// "<authority>.admin": the office of an authority's administrators. Nothing is addressed to it.
inline std::string AdministrationOffice(std::string_view authority) {
  return std::string(authority) + ".admin";
}
inline bool IsAdministrationOffice(std::string_view office_id) {
  return office_id == AdministrationOffice(AuthorityOfOffice(office_id));
}

}  // namespace enlace::identity
