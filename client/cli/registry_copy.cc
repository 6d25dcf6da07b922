#include "client/cli/registry_copy.h"

#include "proto/errors/reasons.h"

namespace enlace::client {

absl::Status RememberPin(Profile& profile, const DeviceIdentity& device) {
  return profile.SaveSettings({{std::string(kCharterRootSetting), ToHex(device.pin.root)}});
}

absl::StatusOr<std::unique_ptr<RegistryReplica>> OpenReplicaOf(const Profile& profile) {
  const std::string root = profile.Setting(kCharterRootSetting);
  identity::CharterPin pin;
  if (root.empty()) return MakeError(Reason::kNotEnrolled);
  if (!DecodeHex(root, pin.root)) {
    return MakeError(Reason::kConfigInvalid,
                     {{"path", profile.config_path()}, {"what", std::string(kCharterRootSetting)}});
  }
  return RegistryReplica::Open({profile.registry_path(), pin, true});
}

}  // namespace enlace::client
