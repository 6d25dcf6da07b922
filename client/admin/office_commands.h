// enlace-admin office: the addressable units of an authority.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext and
// PublishStatements.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

struct OfficeCreateOptions {
  std::string office_id;
  std::string name_es;
  std::string name_en;
  std::vector<std::string> networks;   // Empty: the one that the office's name says, else all.
  std::vector<std::string> languages;  // Empty: es.
  std::string time_zone = "Etc/UTC";
  std::string duty_phone;
};
// ID_INVALID, OFFICE_EXISTS.
absl::Status OfficeCreate(AdminContext& context, const OfficeCreateOptions& options);

// The authority's offices; with `all` those of every authority.
absl::Status OfficeList(AdminContext& context, bool all);

}  // namespace enlace::client::admin
