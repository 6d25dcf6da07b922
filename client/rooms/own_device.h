// This device as the rooms know it: its id, its certificate and the key that signs for it.
//
// Promises that every leaf this device makes presents exactly its MLS certificate and the
// capabilities that rooms ask.
//
// Thread safety: const objects may be shared. Ownership: owns the key; move-only.
#pragma once

#include "absl/status/statusor.h"
#include "client/enrolment/device_store.h"
#include "crypto/identity/ids.h"
#include "crypto/merkle/hash.h"
#include "crypto/mls/extensions.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::client {

struct OwnDevice {
  identity::DeviceUri uri;
  merkle::Hash fingerprint{};  // SHA-256 of its MLS certificate.
  merkle::Hash sender_hash{};  // room::SenderHash of the URI.
  crypto::SigningKey key;
  mls::LeafProfile profile;  // What every leaf of this device says.
};

// INVALID_ARGUMENT when the identity's MLS key is not one that signs.
absl::StatusOr<OwnDevice> OwnDeviceOf(const DeviceIdentity& identity);

// required_capabilities of every room (RFC 9420 section 11.1).
mls::RequiredCapabilities RoomCapabilities();

}  // namespace enlace::client
