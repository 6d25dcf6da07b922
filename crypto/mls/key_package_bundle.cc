#include "crypto/mls/key_package_bundle.h"

#include <utility>

#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr uint8_t kStoredVersion = 1;

absl::StatusOr<KeyPackageBundle> ParseStored(BytesView stored) {
  codec::Reader in(stored);
  uint8_t version = 0;
  BytesView encoded;
  BytesView init_key;
  BytesView encryption_key;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(version));
  if (version != kStoredVersion)
    return InvalidArgument("stored key package is of an unknown version");
  ENLACE_RETURN_IF_ERROR(in.ReadVector(encoded));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(init_key));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(encryption_key));
  ENLACE_RETURN_IF_ERROR(in.Done());
  codec::Reader body(encoded);
  KeyPackage key_package;
  ENLACE_RETURN_IF_ERROR(KeyPackage::Read(body, key_package));
  ENLACE_RETURN_IF_ERROR(body.Done());
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair init,
                          crypto::HpkeKeyPair::FromStored(init_key, key_package.init_key()));
  ENLACE_ASSIGN_OR_RETURN(
      crypto::HpkeKeyPair encryption,
      crypto::HpkeKeyPair::FromStored(encryption_key, key_package.leaf_node().encryption_key()));
  return KeyPackageBundle{std::move(key_package), std::move(init), std::move(encryption)};
}

}  // namespace

SecretBytes KeyPackageBundle::Serialize() const {
  SecretWriter out(1024);
  out.U8(kStoredVersion);
  out.Vector(key_package.Serialize());
  out.Vector(init_key.private_key());
  out.Vector(encryption_key.private_key());
  return out.Take();
}

absl::StatusOr<KeyPackageBundle> KeyPackageBundle::Parse(BytesView stored) {
  absl::StatusOr<KeyPackageBundle> out = ParseStored(stored);
  if (!out.ok()) return DataLoss(MessageOf(out.status()));
  return out;
}

absl::StatusOr<KeyPackageBundle> GenerateKeyPackage(const LeafProfile& profile,
                                                    const KeyPackageOptions& options,
                                                    const crypto::SigningKey& key,
                                                    crypto::Rng& rng) {
  crypto::HpkeKeyPair init_key = crypto::HpkeKeyPair::Generate(rng);
  crypto::HpkeKeyPair encryption_key = crypto::HpkeKeyPair::Generate(rng);
  LeafNodeFields fields;
  fields.encryption_key = ToBytes(encryption_key.public_key());
  fields.credential = profile.credential;
  fields.capabilities = profile.capabilities;
  fields.source = LeafNodeSource::kKeyPackage;
  fields.lifetime = options.lifetime;
  fields.extensions = profile.extensions;
  ENLACE_ASSIGN_OR_RETURN(const LeafNode leaf, LeafNode::Sign(fields, {}, key));
  ExtensionList extensions = options.extensions;
  if (options.last_resort) extensions.Set(kExtensionLastResort, {});
  ENLACE_ASSIGN_OR_RETURN(
      KeyPackage key_package,
      KeyPackage::Sign(options.suite, init_key.public_key(), leaf, extensions, key));
  return KeyPackageBundle{std::move(key_package), std::move(init_key), std::move(encryption_key)};
}

}  // namespace enlace::mls
