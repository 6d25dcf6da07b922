// The profile's registry copy, for commands that need no vault.
//
// Thread safety: free functions.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "client/enrolment/device_store.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"

namespace enlace::client {

// Setting of an enrolled profile: the charter root that it pinned, in hexadecimal. Public data.
inline constexpr std::string_view kCharterRootSetting = "charter-root";

// Remembers the pin beside the vault, so that `check` knows offices while the vault is closed.
absl::Status RememberPin(Profile& profile, const DeviceIdentity& device);

// The copy, read-only. NOT_ENROLLED when the profile has none.
absl::StatusOr<std::unique_ptr<RegistryReplica>> OpenReplicaOf(const Profile& profile);

}  // namespace enlace::client
