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

// Key packages of up to kDevicesPerOfficeAdded devices of each office, without this device. The
// session's errors; KEY_PACKAGE_INVALID when one is not its device's.
absl::StatusOr<std::vector<mls::KeyPackage>> ClaimForOffices(
    const Services& services, const std::vector<std::string>& offices);

// The same for named devices; those that have none left are missing from the result.
absl::StatusOr<std::vector<mls::KeyPackage>> ClaimForDevices(
    const Services& services, const std::vector<std::string>& device_uris);

// GUARD_EXCLUDED for an office, with its country.
absl::Status GuardExcludedError(const Services& services, const std::string& office_id);

// The guard of a room with this alert.
room::RoomGuard GuardForRoom(const alert::v1::CaseAlert& alert);

}  // namespace enlace::client
