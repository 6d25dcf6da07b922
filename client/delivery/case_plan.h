// From an alert that opens a case to the plan of its room: policy, guard, and whose devices are
// added.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/delivery/services.h"
#include "client/rooms/founding.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {

struct CasePlan {
  FoundingPlan founding;
  // Offices that have no active device: nobody there can read it.
  std::vector<std::string> offices_without_devices;
};

// Claims key packages of up to kDevicesPerOfficeAdded devices of each recipient office and of the
// sender's own. The guard names the authorities that the alert excludes; a recipient of one of them
// is GUARD_EXCLUDED whatever checked before. The session's errors.
absl::StatusOr<CasePlan> PlanCase(const Services& services, const alert::v1::CaseAlert& alert);

// The guard of a room with this alert.
room::RoomGuard GuardForRoom(const alert::v1::CaseAlert& alert);

}  // namespace enlace::client
