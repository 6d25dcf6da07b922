// Real device certificates for the MLS benchmarks, and an Authentication Service that judges them.
//
// One authority issues all certificates. The validator verifies a certificate (parsing, profile,
// the authority's signature) when it first meets it and knows it by its hash from then on, as the
// registry of the product does.
//
// Thread safety: one thread. Ownership: the store lives as long as the program.
#pragma once

#include <unordered_map>

#include "absl/status/statusor.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/keys.h"
#include "crypto/merkle/hash.h"
#include "crypto/mls/credential_validator.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::bench {

struct IssuedDevice {
  Bytes certificate;  // DER
  crypto::SigningKey key;
};

// A device of the authority with its MLS certificate.
IssuedDevice IssueDevice(size_t number);

class CertificateCredentials final : public mls::CredentialValidator {
 public:
  absl::Status ValidateLeaf(const mls::LeafNode& leaf) const override;
  absl::Status ValidateSuccessor(const mls::LeafNode& current,
                                 const mls::LeafNode& successor) const override;
  BytesView ClientOf(const mls::LeafNode& leaf) const override;
  absl::Status ValidateExternalSender(const mls::ExternalSender& sender) const override;

  // Certificates that were verified.
  size_t verified_count() const { return verified_.size(); }
  // Forgets them, so that they are verified again.
  void Forget() { verified_.clear(); }

 private:
  // The verified certificate of a leaf; an error when it is not the authority's.
  absl::StatusOr<const identity::Certificate*> CertificateOf(const mls::LeafNode& leaf) const;

  mutable std::unordered_map<merkle::Hash, identity::Certificate, merkle::HashOfHash> verified_;
};

}  // namespace enlace::bench
