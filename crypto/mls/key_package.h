// KeyPackage, RFC 9420 section 10: what a client publishes so that others can add it.
//
// An immutable value, as read from bytes or as signed by its owner. The private parts are in
// key_package_bundle.h of the secret half.
//
// Thread safety: const objects may be shared. Ownership: a value; the leaf is shared.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/extensions.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/cipher_suite.h"

namespace enlace::mls {

class KeyPackage {
 public:
  // No key package: only assignment is of use.
  KeyPackage() = default;

  // Signs with the key whose public half is the leaf's signature key. INVALID_ARGUMENT when it is
  // another key's, when the leaf is not of a key package, or when init_key is not 32 bytes or
  // equals the leaf's encryption key.
  static absl::StatusOr<KeyPackage> Sign(crypto::CipherSuite suite, BytesView init_key,
                                         const LeafNode& leaf, const ExtensionList& extensions,
                                         const crypto::SigningKey& key);

  // INVALID_ARGUMENT when malformed or of another version, UNIMPLEMENTED for an unknown suite.
  static absl::Status Read(codec::Reader& in, KeyPackage& out);
  void Write(codec::Writer& out) const;
  Bytes Serialize() const;

  crypto::CipherSuite suite() const { return suite_; }
  BytesView init_key() const { return init_key_; }
  const LeafNode& leaf_node() const { return leaf_node_; }
  const ExtensionList& extensions() const { return extensions_; }
  BytesView signature() const { return signature_; }
  bool last_resort() const { return extensions_.Has(kExtensionLastResort); }

  // MakeKeyPackageRef, section 5.2.
  crypto::Digest Ref() const;

  // Of the KeyPackage itself; the leaf has its own. INVALID_ARGUMENT when it is not valid.
  absl::Status VerifySignature() const;

  friend bool operator==(const KeyPackage&, const KeyPackage&) = default;

 private:
  void WriteTbs(codec::Writer& out) const;

  crypto::CipherSuite suite_ = crypto::CipherSuite::Rooms();
  Bytes init_key_;
  LeafNode leaf_node_;
  ExtensionList extensions_;
  Bytes signature_;
};

// Section 10.1: suite, leaf (with the source key_package, whatever rules.source says), both
// signatures, init_key different from encryption_key. INVALID_ARGUMENT when one does not hold.
// Extensions of the key package that nobody knows are ignored (section 13.4). The credential is
// judged by the CredentialValidator.
absl::Status ValidateKeyPackage(const KeyPackage& key_package, const LeafRules& rules);

}  // namespace enlace::mls
