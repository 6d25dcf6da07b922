#include "crypto/mls/key_package.h"

#include <utility>

#include "crypto/primitives/hpke.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr char kKeyPackageLabel[] = "KeyPackageTBS";

absl::Status CheckInitKey(BytesView init_key, const LeafNode& leaf) {
  if (init_key.size() != crypto::kHpkePublicKeyBytes) {
    return InvalidArgument("init key of a wrong length");
  }
  // Section 10.1: else the init key, which is used once, would live as long as the leaf.
  if (EqualBytes(init_key, leaf.encryption_key())) {
    return InvalidArgument("init key equals the encryption key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeyPackage> KeyPackage::Sign(crypto::CipherSuite suite, BytesView init_key,
                                            const LeafNode& leaf, const ExtensionList& extensions,
                                            const crypto::SigningKey& key) {
  ENLACE_RETURN_IF_ERROR(CheckInitKey(init_key, leaf));
  if (leaf.source() != LeafNodeSource::kKeyPackage) {
    return InvalidArgument("leaf node is not of a key package");
  }
  if (!EqualBytes(leaf.signature_key(), key.public_key())) {
    return InvalidArgument("key package is signed by another key than the leaf's");
  }
  KeyPackage out;
  out.suite_ = suite;
  out.init_key_ = ToBytes(init_key);
  out.leaf_node_ = leaf;
  out.extensions_ = extensions;
  codec::Writer tbs(512);
  out.WriteTbs(tbs);
  out.signature_ = crypto::SignWithLabel(key, kKeyPackageLabel, tbs.view());
  return out;
}

absl::Status KeyPackage::Read(codec::Reader& in, KeyPackage& out) {
  uint16_t version = 0;
  uint16_t suite = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(version));
  if (version != kProtocolVersionMls10) return InvalidArgument("protocol version is unknown");
  ENLACE_RETURN_IF_ERROR(in.ReadU16(suite));
  ENLACE_ASSIGN_OR_RETURN(out.suite_, crypto::CipherSuite::FromId(suite));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.init_key_));
  if (out.init_key_.size() != crypto::kHpkePublicKeyBytes) {
    return InvalidArgument("init key of a wrong length");
  }
  ENLACE_RETURN_IF_ERROR(LeafNode::Read(in, out.leaf_node_));
  ENLACE_RETURN_IF_ERROR(ExtensionList::Read(in, out.extensions_));
  return in.ReadVector(out.signature_);
}

void KeyPackage::WriteTbs(codec::Writer& out) const {
  out.U16(kProtocolVersionMls10);
  out.U16(suite_.id());
  out.Vector(init_key_);
  leaf_node_.Write(out);
  extensions_.Write(out);
}

void KeyPackage::Write(codec::Writer& out) const {
  WriteTbs(out);
  out.Vector(signature_);
}

Bytes KeyPackage::Serialize() const {
  codec::Writer out(512);
  Write(out);
  return out.Take();
}

crypto::Digest KeyPackage::Ref() const {
  return crypto::RefHash("MLS 1.0 KeyPackage Reference", Serialize());
}

absl::Status KeyPackage::VerifySignature() const {
  codec::Writer tbs(512);
  WriteTbs(tbs);
  return crypto::VerifyWithLabel(leaf_node_.signature_key(), kKeyPackageLabel, tbs.view(),
                                 signature_);
}

absl::Status ValidateKeyPackage(const KeyPackage& key_package, const LeafRules& rules) {
  if (!(key_package.suite() == rules.suite)) {
    return InvalidArgument("key package is of another cipher suite");
  }
  const LeafNode& leaf = key_package.leaf_node();
  ENLACE_RETURN_IF_ERROR(CheckInitKey(key_package.init_key(), leaf));
  LeafRules leaf_rules = rules;
  leaf_rules.source = LeafNodeSource::kKeyPackage;
  ENLACE_RETURN_IF_ERROR(ValidateLeafNode(leaf, leaf_rules));
  ENLACE_RETURN_IF_ERROR(leaf.VerifySignature({}));
  return key_package.VerifySignature();
}

}  // namespace enlace::mls
