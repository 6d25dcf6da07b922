#include "crypto/mls/update_path.h"

#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

absl::Status ReadNode(codec::Reader& in, UpdatePathNode& out) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.encryption_key));
  if (out.encryption_key.size() != crypto::kHpkePublicKeyBytes) {
    return InvalidArgument("encryption key of a wrong length");
  }
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  while (!items.empty()) {
    ENLACE_RETURN_IF_ERROR(ReadHpkeCiphertext(items, out.encrypted_path_secret.emplace_back()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadHpkeCiphertext(codec::Reader& in, crypto::HpkeCiphertext& out) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.kem_output));
  return in.ReadVector(out.ciphertext);
}

void WriteHpkeCiphertext(codec::Writer& out, const crypto::HpkeCiphertext& value) {
  out.Vector(value.kem_output);
  out.Vector(value.ciphertext);
}

absl::Status UpdatePath::Read(codec::Reader& in, UpdatePath& out) {
  ENLACE_RETURN_IF_ERROR(LeafNode::Read(in, out.leaf_node));
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.nodes.clear();
  while (!items.empty()) {
    ENLACE_RETURN_IF_ERROR(ReadNode(items, out.nodes.emplace_back()));
  }
  return absl::OkStatus();
}

void UpdatePath::Write(codec::Writer& out) const {
  leaf_node.Write(out);
  const size_t mark = out.BeginVector();
  for (const UpdatePathNode& node : nodes) {
    out.Vector(node.encryption_key);
    const size_t inner = out.BeginVector();
    for (const crypto::HpkeCiphertext& sealed : node.encrypted_path_secret) {
      WriteHpkeCiphertext(out, sealed);
    }
    out.EndVector(inner);
  }
  out.EndVector(mark);
}

}  // namespace enlace::mls
