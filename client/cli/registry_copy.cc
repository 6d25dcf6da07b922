#include "client/cli/registry_copy.h"

#include "client/registry/replica_store.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::StatusOr<std::unique_ptr<RegistryCopy>> RegistryCopy::Open(
    RegistryReplica::Location location) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<ReplicaStore> store,
                          ReplicaStore::Open(location.path, location.pin.root, location.read_only));
  return std::unique_ptr<RegistryCopy>(
      new RegistryCopy(std::move(location), store->head().head, store->refreshed_at_ms()));
}

absl::StatusOr<const RegistryReplica*> RegistryCopy::Replica() const {
  if (replica_ == nullptr) {
    ENLACE_ASSIGN_OR_RETURN(replica_, RegistryReplica::Open(location_));
  }
  return replica_.get();
}

absl::StatusOr<const identity::Registry*> RegistryCopy::Replayed() const {
  ENLACE_ASSIGN_OR_RETURN(const RegistryReplica* replica, Replica());
  return &replica->registry();
}

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
