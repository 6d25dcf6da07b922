#include "client/rooms/registry_credentials.h"

#include "crypto/mls/leaf_node.h"
#include "crypto/primitives/status.h"

namespace enlace::client {

const identity::DeviceRecord* RegistryCredentials::DeviceOf(const mls::LeafNode& leaf) const {
  const merkle::Hash* certificate = leaf.credential().SoleCertificate();
  return certificate != nullptr ? registry_.FindDeviceByMls(*certificate) : nullptr;
}

absl::Status RegistryCredentials::ValidateLeaf(const mls::LeafNode& leaf) const {
  const merkle::Hash* certificate = leaf.credential().SoleCertificate();
  if (certificate == nullptr) return PermissionDenied("the credential is not one certificate");
  const identity::DeviceCertificates* logged = registry_.FindCertificates(*certificate);
  if (logged == nullptr) return PermissionDenied("the certificate of a leaf is not logged");
  if (!EqualBytes(logged->mls_key, leaf.signature_key())) {
    return PermissionDenied("the signature key of a leaf is not its certificate's");
  }
  return absl::OkStatus();
}

absl::Status RegistryCredentials::ValidateSuccessor(const mls::LeafNode& current,
                                                    const mls::LeafNode& successor) const {
  ENLACE_RETURN_IF_ERROR(ValidateLeaf(successor));
  if (!SameClient(current, successor))
    return PermissionDenied("a leaf changed into another device's");
  return absl::OkStatus();
}

BytesView RegistryCredentials::ClientOf(const mls::LeafNode& leaf) const {
  const identity::DeviceRecord* device = DeviceOf(leaf);
  return device != nullptr ? AsBytes(device->uri.text()) : BytesView{};
}

absl::Status RegistryCredentials::ValidateExternalSender(const mls::ExternalSender&) const {
  return PermissionDenied("rooms have no external senders");
}

}  // namespace enlace::client
