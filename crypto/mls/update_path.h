// UpdatePath, RFC 9420 section 7.6: the new leaf and path keys of a committer, as structures.
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/primitives/hpke.h"

namespace enlace::mls {

struct UpdatePathNode {
  Bytes encryption_key;  // kHpkePublicKeyBytes
  // One for each node in the resolution of the copath node, without the leaves that the Commit
  // adds.
  std::vector<crypto::HpkeCiphertext> encrypted_path_secret;
};

struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;  // In the order of the sender's filtered direct path.

  // INVALID_ARGUMENT when malformed or a public key is not kHpkePublicKeyBytes long.
  static absl::Status Read(codec::Reader& in, UpdatePath& out);
  void Write(codec::Writer& out) const;
};

// HPKECiphertext, shared with EncryptedGroupSecrets.
absl::Status ReadHpkeCiphertext(codec::Reader& in, crypto::HpkeCiphertext& out);
void WriteHpkeCiphertext(codec::Writer& out, const crypto::HpkeCiphertext& value);

}  // namespace enlace::mls
