// Key packages: what lets a device be added to a room while it is away.
//
// Promises that a stored key package was valid when it came (RFC 9420 section 10.1) and shows the
// device's own logged certificate, that a one-time one is handed out once, the oldest first, and
// that nobody can empty a device's store by claiming in a loop.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/key_package.pb.h"
#include "server/core/caller.h"
#include "server/core/group_overlay.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

class KeyPackageCore {
 public:
  KeyPackageCore(GroupOverlay& store, const SharedRegistry& registry)
      : store_(store), registry_(registry) {}

  // KEY_PACKAGE_INVALID, LIMIT_EXCEEDED past kOneTimeKeyPackagesMax stored ones.
  absl::Status Upload(const Caller& caller, const v1::UploadKeyPackagesRequest& request,
                      int64_t now_ms, v1::UploadKeyPackagesResponse& answer);
  // LIMIT_EXCEEDED for too many devices at once or an hour. Unknown and inactive devices get an
  // empty answer.
  absl::Status Claim(const Caller& caller, const v1::ClaimKeyPackagesRequest& request,
                     int64_t now_ms, v1::ClaimKeyPackagesResponse& answer);

  // The device is gone for good: so are its key packages.
  absl::Status Forget(std::string_view device_uri);

 private:
  // What one caller claimed in the running hour.
  struct Claims {
    int64_t hour = 0;
    uint32_t devices = 0;
    std::map<std::string, uint32_t, std::less<>> one_time_of;
  };

  absl::Status CheckOwn(const Caller& caller, BytesView message, bool last_resort,
                        int64_t now_ms) const;
  absl::StatusOr<std::string> ClaimOne(std::string_view device_uri, Claims& claims, int64_t now_ms);
  absl::StatusOr<std::string> TakeOldest(std::string_view device_uri,
                                         store::v1::KeyPackageState& state, int64_t now_ms);
  Claims& ClaimsOf(const Caller& caller, int64_t now_ms);

  GroupOverlay& store_;
  const SharedRegistry& registry_;
  std::map<std::string, Claims, std::less<>> claims_;
};

}  // namespace enlace::server
