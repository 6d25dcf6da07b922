#include "server/core/leaf_identities.h"

#include "crypto/primitives/status.h"

namespace enlace::server {

std::optional<merkle::Hash> CertificateOf(const mls::LeafNode& leaf) {
  const merkle::Hash* certificate = leaf.credential().SoleCertificate();
  return certificate != nullptr ? std::optional(*certificate) : std::nullopt;
}

const identity::DeviceRecord* LeafIdentities::DeviceOf(const mls::LeafNode& leaf) const {
  const auto certificate = CertificateOf(leaf);
  return certificate ? registry_.FindDeviceByMls(*certificate) : nullptr;
}

absl::Status LeafIdentities::ValidateLeaf(const mls::LeafNode& leaf) const {
  const auto certificate = CertificateOf(leaf);
  if (!certificate) return PermissionDenied("a leaf does not present one certificate");
  if (registry_.FindDeviceByMls(*certificate) == nullptr)
    return PermissionDenied("a leaf's certificate is not logged");
  if (!EqualBytes(registry_.FindCertificates(*certificate)->mls_key, leaf.signature_key())) {
    return PermissionDenied("a leaf signs by another key than its certificate's");
  }
  return absl::OkStatus();
}

absl::Status LeafIdentities::ValidateSuccessor(const mls::LeafNode& current,
                                               const mls::LeafNode& successor) const {
  ENLACE_RETURN_IF_ERROR(ValidateLeaf(successor));
  return SameClient(current, successor) ? absl::OkStatus()
                                        : PermissionDenied("a leaf passes to another device");
}

BytesView LeafIdentities::ClientOf(const mls::LeafNode& leaf) const {
  const identity::DeviceRecord* device = DeviceOf(leaf);
  return device != nullptr ? AsBytes(device->uri.text()) : BytesView{};
}

absl::Status LeafIdentities::ValidateExternalSender(const mls::ExternalSender&) const {
  return PermissionDenied("rooms have no external senders");
}

}  // namespace enlace::server
