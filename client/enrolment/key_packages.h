// Key packages of this device: what others add it to rooms with.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/enrolment/device_store.h"
#include "client/session/session_interface.h"
#include "client/vault/vault.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/primitives/rng.h"

namespace enlace::client {

inline constexpr uint32_t kKeyPackagesOneTime = 32;
inline constexpr uint32_t kKeyPackagesOneTimeService = 500;
inline constexpr int64_t kKeyPackageLifetimeMs = 90LL * 24 * 60 * 60 * 1000;

// What this device says of itself in every leaf: x509 credential of its MLS certificate, suite
// 0x0003, our room extensions.
mls::LeafProfile LeafProfileOf(const DeviceIdentity& device);

// How many to make and when.
struct KeyPackageOrder {
  uint32_t one_time_count = kKeyPackagesOneTime;
  bool last_resort = true;
  int64_t now_ms = 0;
};

// Makes key packages, stores their private parts durably, then uploads them. When the upload fails
// the private parts stay: the server may have taken it.
absl::Status PublishKeyPackages(const DeviceIdentity& device, const KeyPackageOrder& order,
                                Vault& vault, SessionInterface& session, crypto::Rng& rng);

// The private part of a key package by its KeyPackageRef (RFC 9420 section 5.2). NOT_FOUND.
absl::StatusOr<mls::KeyPackageBundle> LoadKeyPackage(const Vault& vault, BytesView ref);

}  // namespace enlace::client
