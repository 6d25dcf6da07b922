// The Authentication Service of rooms on the server (RFC 9420 section 5.3): whose leaf is it, by
// the registry.
//
// A leaf is acceptable when its credential is one logged MLS certificate and its signature key is
// that certificate's. Whether the device may stand in the room at the head that a commit names is
// decided by crypto/room/room_rules.h.
//
// Thread safety: as the registry's const calls. Ownership: borrows the registry.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "crypto/identity/registry.h"
#include "crypto/mls/credential_validator.h"
#include "crypto/mls/leaf_node.h"

namespace enlace::server {

// Fingerprint of the one certificate that the leaf presents; nothing for another kind of
// credential.
std::optional<merkle::Hash> CertificateOf(const mls::LeafNode& leaf);

class LeafIdentities final : public mls::CredentialValidator {
 public:
  explicit LeafIdentities(const identity::Registry& registry) : registry_(registry) {}

  absl::Status ValidateLeaf(const mls::LeafNode& leaf) const override;
  absl::Status ValidateSuccessor(const mls::LeafNode& current,
                                 const mls::LeafNode& successor) const override;
  BytesView ClientOf(const mls::LeafNode& leaf) const override;
  // Rooms have no external senders.
  absl::Status ValidateExternalSender(const mls::ExternalSender& sender) const override;

  // The device of the leaf's certificate; null when none is logged.
  const identity::DeviceRecord* DeviceOf(const mls::LeafNode& leaf) const;

 private:
  const identity::Registry& registry_;
};

}  // namespace enlace::server
