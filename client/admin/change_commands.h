// enlace-admin officer move, suspend, resume, and office rename, close: statements that change who
// may do what. Each shows what will change before it is signed.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext and
// PublishStatements.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

struct MoveOptions {
  std::string officer_id;
  // All offices from now on.
  std::vector<std::string> offices;
};
// The officer loses the rooms of the old offices and gains those of the new ones; roles stay.
// OFFICE_UNKNOWN, ID_INVALID for an officer whom the registry does not know.
absl::Status OfficerMove(AdminContext& context, const MoveOptions& options);

struct SuspendOptions {
  std::string officer_id;
  // RFC 3339 or local time; empty: until resumed.
  std::string until;
};
// Nothing is deleted; the officer's machines are refused at once. USAGE, ID_INVALID.
absl::Status OfficerSuspend(AdminContext& context, const SuspendOptions& options);
absl::Status OfficerResume(AdminContext& context, const std::string& officer_id);

// What was sent to the old name reaches the new one. OFFICE_UNKNOWN, OFFICE_EXISTS, ID_INVALID.
absl::Status OfficeRename(AdminContext& context, const std::string& from, const std::string& to);
// The successor takes over open cases and officers' rooms. OFFICE_UNKNOWN.
absl::Status OfficeClose(AdminContext& context, const std::string& office,
                         const std::string& successor);

}  // namespace enlace::client::admin
