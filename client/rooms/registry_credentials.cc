#include "client/rooms/registry_credentials.h"

#include "crypto/mls/leaf_node.h"
#include "crypto/primitives/status.h"

namespace enlace::client {

const identity::DeviceRecord* RegistryCredentials::DeviceOf(const mls::LeafNode& leaf) const {
  const std::vector<BytesView> chain = leaf.credential().certificates();
  return chain.size() == 1 ? registry_.FindDeviceByMls(merkle::Sha256(chain[0])) : nullptr;
}

absl::Status RegistryCredentials::ValidateLeaf(const mls::LeafNode& leaf) const {
  const std::vector<BytesView> chain = leaf.credential().certificates();
  if (chain.size() != 1) return PermissionDenied("the credential is not one certificate");
  const identity::DeviceCertificates* logged = registry_.FindCertificates(merkle::Sha256(chain[0]));
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

bool RegistryCredentials::SameClient(const mls::LeafNode& a, const mls::LeafNode& b) const {
  const identity::DeviceRecord* device = DeviceOf(a);
  return device != nullptr && device == DeviceOf(b);
}

absl::Status RegistryCredentials::ValidateExternalSender(const mls::ExternalSender&) const {
  return PermissionDenied("rooms have no external senders");
}

}  // namespace enlace::client
