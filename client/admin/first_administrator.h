// The first administrator of an authority: the only device that nobody approves but its own CA.
//
// Issues the device's certificates, states the administration's office and admits the device in two
// statements, and hands them to the enrolment listener (Bootstrap), which takes them only from an
// authority without administrator. The device is kept before it is sent: when the answer gets lost,
// the same entries are sent again, and a device that turns out to be logged is the one.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"
#include "client/admin/authority_keys.h"
#include "crypto/identity/charter.h"

namespace enlace::client::admin {

struct FirstAdministrator {
  const identity::Charter& charter;
  std::string server_address;
  std::string enrolment_address;
};

// The session's errors, REGISTRY_ENTRY_INVALID when the authority has an administrator already.
absl::Status EnrolFirstAdministrator(AdminContext& context, const AuthorityCa& ca,
                                     const FirstAdministrator& first);

}  // namespace enlace::client::admin
