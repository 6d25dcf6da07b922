#include "crypto/mls/credential_validator.h"

#include "crypto/primitives/status.h"

namespace enlace::mls {

bool CredentialValidator::SameClient(const LeafNode& a, const LeafNode& b) const {
  const BytesView client = ClientOf(a);
  return !client.empty() && EqualBytes(client, ClientOf(b));
}

absl::Status StructuralCredentialValidator::ValidateLeaf(const LeafNode&) const {
  return absl::OkStatus();
}

absl::Status StructuralCredentialValidator::ValidateSuccessor(const LeafNode& current,
                                                              const LeafNode& successor) const {
  if (current.credential() == successor.credential()) return absl::OkStatus();
  return InvalidArgument("the leaf changes its credential");
}

BytesView StructuralCredentialValidator::ClientOf(const LeafNode& leaf) const {
  return leaf.signature_key();
}

absl::Status StructuralCredentialValidator::ValidateExternalSender(const ExternalSender&) const {
  return absl::OkStatus();
}

}  // namespace enlace::mls
