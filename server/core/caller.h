// Who calls: the device behind a TLS certificate, as the registry says now.
//
// CallerDirectory promises that a certificate that is unknown, revoked, expired, withdrawn by the
// charter, or whose officer is suspended or belongs to no office resolves to an error with its
// reason, from the moment that the entry which says so is applied. It is asked on every call;
// nothing is remembered between calls.
//
// Thread safety: all functions can be called from any thread. Ownership: callers are values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/identity/registry.h"
#include "crypto/merkle/hash.h"

namespace enlace::server {

class SharedRegistry;

struct Caller {
  std::string device_uri;
  std::string officer_id;
  std::string authority;
  std::vector<std::string> offices;  // Resolved through renames and closings; ascending.
  identity::RoleSet roles = 0;
  merkle::Hash tls_fingerprint{};
  int64_t certificate_not_after_ms = 0;

  bool Has(identity::Role role) const { return identity::HasRole(roles, role); }
  bool ActsFor(std::string_view office_id) const;
};

// One call, as far as the core is concerned.
struct Call {
  const Caller& caller;
  int64_t now_ms = 0;
};

class CallerDirectory {
 public:
  explicit CallerDirectory(const SharedRegistry& registry) : registry_(registry) {}

  // The device that this TLS certificate (SHA-256 of its DER) belongs to. UNAUTHENTICATED (unknown
  // to the log, or its CA is no longer named), CERTIFICATE_EXPIRED, DEVICE_REVOKED,
  // OFFICER_SUSPENDED, ROLE_MISSING (no office), CHARTER_MISSING.
  absl::StatusOr<Caller> Resolve(const merkle::Hash& tls_fingerprint, int64_t now_ms) const;

  // OK while streams of this caller may stay open; else why they are cut. Errors as Resolve. To be
  // asked for the devices that GroupEffects names and, because suspensions and certificates end by
  // time, at least every minute.
  absl::Status CheckStill(const Caller& caller, int64_t now_ms) const;

 private:
  const SharedRegistry& registry_;
};

}  // namespace enlace::server
