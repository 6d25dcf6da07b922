// enlace-admin ca: the authority's CA, and the first administrator.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

struct CaInitOptions {
  std::string authority;
  std::string name;        // Of the first administrator.
  std::string officer_id;  // Empty: ofc-<authority>-001.
  std::string phone;       // Of the administration, to which officers read their words.
};
// Makes the CA. CA_EXISTS, ID_INVALID.
absl::Status CaInit(AdminContext& context, const CaInitOptions& options);

// The certificate, for the Secretariat; to stdout without `out`.
absl::Status CaExport(AdminContext& context, const std::string& out);

absl::Status CaStatus(AdminContext& context);

struct CaPublishOptions {
  std::string charter_file;
  std::string root;               // Fingerprint to compare, 64 digits; empty: only shown.
  std::string server_address;     // host:port of the main listener.
  std::string enrolment_address;  // host:port of the enrolment listener.
};
// Pins the charter, issues the first administrator's device and hands both to the server: from then
// on this profile is an administrator. CA_NOT_IN_CHARTER, CHARTER_REJECTED, ALREADY_ENROLLED.
absl::Status CaPublish(AdminContext& context, const CaPublishOptions& options);

}  // namespace enlace::client::admin
