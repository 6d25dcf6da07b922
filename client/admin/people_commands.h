// enlace-admin officer and device: inviting, listing, revoking.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext and
// PublishStatements.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

struct InviteOptions {
  std::string office;
  std::string name;
  std::string officer_id;  // Empty: the next free one.
  std::string role = "officer";
  std::string out;              // File; empty: the paste string on stdout.
  std::string language = "es";  // Of the six words.
};
// OFFICE_UNKNOWN, ID_INVALID, USAGE for a role that does not exist, FILE_EXISTS.
absl::Status OfficerInvite(AdminContext& context, const InviteOptions& options);

absl::Status OfficerList(AdminContext& context);

// Machines of an officer, or of an office.
absl::Status DeviceList(AdminContext& context, const std::string& of);

struct RevokeOptions {
  std::string device;            // URI, or an officer's id when it has one machine.
  std::string reason = "other";  // lost, stolen, replaced, left, compromised, other.
};
// DEVICE_UNKNOWN, USAGE.
absl::Status DeviceRevoke(AdminContext& context, const RevokeOptions& options);

}  // namespace enlace::client::admin
