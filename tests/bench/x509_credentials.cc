#include "tests/bench/x509_credentials.h"

#include <string>
#include <utility>

#include "crypto/identity/issue.h"
#include "crypto/primitives/status.h"
#include "tests/bench/mls_fixture.h"

namespace enlace::bench {
namespace {

constexpr int64_t kIssuedAtMs = 1'799'000'000'000;

struct Authority {
  identity::PrivateKey key;
  identity::Certificate certificate;
};

const Authority& TheAuthority() {
  static const auto* const authority = [] {
    auto key = identity::PrivateKey::Generate(identity::KeyType::kEd25519, SharedRng());
    auto certificate = Must(identity::MakeAuthorityCa("hn", key, kIssuedAtMs, SharedRng()));
    return new Authority{std::move(key), std::move(certificate)};
  }();
  return *authority;
}

}  // namespace

IssuedDevice IssueDevice(size_t number) {
  const auto key = identity::PrivateKey::Generate(identity::KeyType::kEd25519, SharedRng());
  // Officer ids have six digits at most.
  const std::string officer = "ofc-hn-" + std::to_string(100000 + number);
  const auto device = Must(identity::DeviceUri::Create(officer, "dev-1"));
  const auto request = Must(identity::MakeSigningRequest(device, key));
  const identity::Issuer issuer{TheAuthority().certificate, TheAuthority().key, kIssuedAtMs};
  const auto certificate = Must(identity::IssueDeviceCertificate(request, issuer, SharedRng()));
  return {certificate.der(), Must(key.ToSigningKey())};
}

absl::StatusOr<const identity::Certificate*> CertificateCredentials::CertificateOf(
    const mls::LeafNode& leaf) const {
  const merkle::Hash* fingerprint = leaf.credential().SoleCertificate();
  if (fingerprint == nullptr) return PermissionDenied("the credential is not one certificate");
  const auto known = verified_.find(*fingerprint);
  if (known != verified_.end()) return &known->second;
  ENLACE_ASSIGN_OR_RETURN(identity::Certificate certificate,
                          identity::Certificate::FromDer(leaf.credential().certificates().front()));
  if (certificate.kind() != identity::CertificateKind::kDeviceMls) {
    return PermissionDenied("the certificate is not of a device for MLS");
  }
  ENLACE_RETURN_IF_ERROR(certificate.VerifyIssuedBy(TheAuthority().certificate));
  return &verified_.emplace(*fingerprint, std::move(certificate)).first->second;
}

absl::Status CertificateCredentials::ValidateLeaf(const mls::LeafNode& leaf) const {
  ENLACE_ASSIGN_OR_RETURN(const identity::Certificate* certificate, CertificateOf(leaf));
  if (EqualBytes(certificate->ed25519_public_key(), leaf.signature_key())) return absl::OkStatus();
  return PermissionDenied("the signature key of a leaf is not its certificate's");
}

absl::Status CertificateCredentials::ValidateSuccessor(const mls::LeafNode& current,
                                                       const mls::LeafNode& successor) const {
  ENLACE_RETURN_IF_ERROR(ValidateLeaf(successor));
  return SameClient(current, successor) ? absl::OkStatus()
                                        : PermissionDenied("a leaf passes to another device");
}

BytesView CertificateCredentials::ClientOf(const mls::LeafNode& leaf) const {
  const auto certificate = CertificateOf(leaf);
  return certificate.ok() ? AsBytes((*certificate)->device_uri()->text()) : BytesView{};
}

absl::Status CertificateCredentials::ValidateExternalSender(const mls::ExternalSender&) const {
  return PermissionDenied("rooms have no external senders");
}

}  // namespace enlace::bench
