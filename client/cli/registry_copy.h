// The profile's registry copy, for commands that need no vault.
//
// Thread safety: free functions; a RegistryCopy belongs to one thread.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "client/cases/case_reader.h"
#include "client/enrolment/device_store.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"

namespace enlace::client {

// Setting of an enrolled profile: the charter root that it pinned, in hexadecimal. Public data.
inline constexpr std::string_view kCharterRootSetting = "charter-root";

// Remembers the pin beside the vault, so that `check` knows offices while the vault is closed.
absl::Status RememberPin(Profile& profile, const DeviceIdentity& device);

// The copy of an open vault: its head at once, the rest when it is asked for. Replaying the log of
// years takes longer than anything else that a list does.
class RegistryCopy final : public RegistrySource {
 public:
  // As RegistryReplica::Open, without replaying.
  static absl::StatusOr<std::unique_ptr<RegistryCopy>> Open(RegistryReplica::Location location);

  merkle::HeadRef head() const override { return head_; }
  // When it was last fetched; 0 = never.
  int64_t refreshed_at_ms() const { return refreshed_at_ms_; }
  absl::StatusOr<const identity::Registry*> Replayed() const override;
  // The same as a replica; owned here.
  absl::StatusOr<const RegistryReplica*> Replica() const;

 private:
  RegistryCopy(RegistryReplica::Location location, const merkle::HeadRef& head,
               int64_t refreshed_at_ms)
      : location_(std::move(location)), head_(head), refreshed_at_ms_(refreshed_at_ms) {}

  RegistryReplica::Location location_;
  merkle::HeadRef head_;
  int64_t refreshed_at_ms_ = 0;
  mutable std::unique_ptr<RegistryReplica> replica_;
};

// The copy, read-only. NOT_ENROLLED when the profile has none.
absl::StatusOr<std::unique_ptr<RegistryReplica>> OpenReplicaOf(const Profile& profile);

}  // namespace enlace::client
