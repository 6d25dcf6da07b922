// Key packages with their private parts (RFC 9420 section 10).
//
// Thread safety: as a value's. Ownership: move-only; private keys are wiped.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// What a client says of itself in every leaf that it makes.
struct LeafProfile {
  Credential credential;
  Capabilities capabilities;
  ExtensionList extensions;
};

struct KeyPackageBundle {
  KeyPackage key_package;
  crypto::HpkeKeyPair init_key;
  crypto::HpkeKeyPair encryption_key;

  // The private part to seal and store, format version 1, and back. DATA_LOSS when it is not one.
  SecretBytes Serialize() const;
  static absl::StatusOr<KeyPackageBundle> Parse(BytesView stored);
};

struct KeyPackageOptions {
  crypto::CipherSuite suite = crypto::CipherSuite::Rooms();
  Lifetime lifetime;
  // May be handed out when no other is left and is then used more than once (section 16.8).
  bool last_resort = false;
  ExtensionList extensions;
};

// A fresh key package for one join, signed by `key`, whose public half becomes the leaf's signature
// key. INVALID_ARGUMENT when the profile contradicts itself (an extension or credential type that
// its capabilities lack).
absl::StatusOr<KeyPackageBundle> GenerateKeyPackage(const LeafProfile& profile,
                                                    const KeyPackageOptions& options,
                                                    const crypto::SigningKey& key,
                                                    crypto::Rng& rng);

}  // namespace enlace::mls
