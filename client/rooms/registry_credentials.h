// The Authentication Service of a room (RFC 9420 section 5.3): the registry decides who a leaf is.
//
// A credential is acceptable when it is an x509 chain of exactly one certificate that the registry
// has logged and whose key is the leaf's signature key. Whether that device may be in this room at
// the head that a commit names is the room rules' decision (crypto/room/room_rules.h), not this
// one's.
//
// Thread safety: as the registry's const calls. Ownership: borrows the registry.
#pragma once

#include "absl/status/status.h"
#include "crypto/identity/registry.h"
#include "crypto/mls/credential_validator.h"

namespace enlace::client {

class RegistryCredentials final : public mls::CredentialValidator {
 public:
  explicit RegistryCredentials(const identity::Registry& registry) : registry_(registry) {}

  absl::Status ValidateLeaf(const mls::LeafNode& leaf) const override;
  absl::Status ValidateSuccessor(const mls::LeafNode& current,
                                 const mls::LeafNode& successor) const override;
  BytesView ClientOf(const mls::LeafNode& leaf) const override;
  // Rooms have no external senders: always refused.
  absl::Status ValidateExternalSender(const mls::ExternalSender& sender) const override;

  // The device that a leaf's certificate belongs to; null when the registry has none.
  const identity::DeviceRecord* DeviceOf(const mls::LeafNode& leaf) const;

 private:
  const identity::Registry& registry_;
};

}  // namespace enlace::client
