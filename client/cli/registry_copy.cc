#include "client/cli/registry_copy.h"

#include <algorithm>

#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

absl::Status RememberPin(Profile& profile, const DeviceIdentity& device) {
  return profile.SaveSettings({{std::string(kCharterRootSetting), ToHex(device.pin.root)}});
}

absl::StatusOr<std::unique_ptr<RegistryReplica>> OpenReplicaOf(const Profile& profile) {
  const std::string root = profile.Setting(kCharterRootSetting);
  identity::CharterPin pin;
  if (root.size() != 2 * pin.root.size()) return MakeError(Reason::kNotEnrolled);
  for (size_t i = 0; i < pin.root.size(); ++i) {
    const int high = DigitOf(root[2 * i]);
    const int low = DigitOf(root[2 * i + 1]);
    if (high < 0 || low < 0) {
      return MakeError(Reason::kConfigInvalid, {{"path", profile.config_path()},
                                                {"what", std::string(kCharterRootSetting)}});
    }
    pin.root[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return RegistryReplica::Open({profile.registry_path(), pin, true});
}

}  // namespace enlace::client
