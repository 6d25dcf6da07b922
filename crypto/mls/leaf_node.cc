#include "crypto/mls/leaf_node.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/mls/intern_pool.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr size_t kKeyBytes = 32;
static_assert(kKeyBytes == crypto::kHpkePublicKeyBytes &&
              kKeyBytes == crypto::kSignaturePublicKeyBytes);

constexpr char kLeafLabel[] = "LeafNodeTBS";

bool Lists(const std::vector<uint16_t>& list, uint16_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

InternPool<Capabilities>& CapabilitiesPool() {
  // Leaves may outlive every static object, so the pool is never destroyed.
  static auto* const pool = new InternPool<Capabilities>;
  return *pool;
}

template <size_t kBytes>
absl::Status ReadArray(codec::Reader& in, std::array<uint8_t, kBytes>& out) {
  BytesView view;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(view));
  if (view.size() != kBytes) return InvalidArgument("key, hash or signature of a wrong length");
  std::memcpy(out.data(), view.data(), kBytes);
  return absl::OkStatus();
}

absl::Status ReadCapabilities(codec::Reader& in, std::shared_ptr<const Capabilities>& out) {
  const BytesView start = in.rest();
  for (int list = 0; list < 5; ++list) {
    BytesView values;
    ENLACE_RETURN_IF_ERROR(in.ReadVector(values));
    if (values.size() % 2 != 0) return InvalidArgument("capability list of an odd length");
  }
  const BytesView encoded = start.first(start.size() - in.remaining());
  out = CapabilitiesPool().Get(crypto::PublicSha256({encoded}), [encoded] {
    Capabilities parsed;
    codec::Reader again(encoded);
    if (!Capabilities::Read(again, parsed).ok()) std::abort();
    return parsed;
  });
  return absl::OkStatus();
}

std::shared_ptr<const Capabilities> InternCapabilities(const Capabilities& value) {
  codec::Writer out;
  value.Write(out);
  return CapabilitiesPool().Get(crypto::PublicSha256({out.view()}), [&value] { return value; });
}

}  // namespace

// ------------------------------------------------------------------------------- Capabilities

Capabilities Capabilities::OfThisLibrary() {
  return {.versions = {kProtocolVersionMls10},
          .cipher_suites = {crypto::CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519,
                            crypto::CipherSuite::kX25519Aes128GcmSha256Ed25519},
          .extensions = {kExtensionLastResort},
          .proposals = {},
          .credentials = {kCredentialBasic, kCredentialX509}};
}

bool Capabilities::SupportsExtension(uint16_t type) const {
  return IsDefaultExtension(type) || Lists(extensions, type);
}

bool Capabilities::SupportsProposal(uint16_t type) const {
  return IsDefaultProposal(type) || Lists(proposals, type);
}

bool Capabilities::SupportsCredential(uint16_t type) const { return Lists(credentials, type); }
bool Capabilities::SupportsSuite(uint16_t suite) const { return Lists(cipher_suites, suite); }
bool Capabilities::SupportsVersion(uint16_t version) const { return Lists(versions, version); }

bool Capabilities::Supports(const RequiredCapabilities& required) const {
  const auto all = [](const std::vector<uint16_t>& types, const auto& supports) {
    return std::all_of(types.begin(), types.end(), supports);
  };
  return all(required.extension_types, [this](uint16_t t) { return SupportsExtension(t); }) &&
         all(required.proposal_types, [this](uint16_t t) { return SupportsProposal(t); }) &&
         all(required.credential_types, [this](uint16_t t) { return SupportsCredential(t); });
}

absl::Status Capabilities::Read(codec::Reader& in, Capabilities& out) {
  for (auto* list :
       {&out.versions, &out.cipher_suites, &out.extensions, &out.proposals, &out.credentials}) {
    ENLACE_RETURN_IF_ERROR(ReadU16Vector(in, *list));
  }
  return absl::OkStatus();
}

void Capabilities::Write(codec::Writer& out) const {
  for (const auto* list : {&versions, &cipher_suites, &extensions, &proposals, &credentials}) {
    WriteU16Vector(out, *list);
  }
}

// ----------------------------------------------------------------------------------- LeafNode

struct LeafNode::Body {
  std::array<uint8_t, kKeyBytes> encryption_key{};
  std::array<uint8_t, kKeyBytes> signature_key{};
  Credential credential;
  // Owned together by all leaves with equal capabilities.
  std::shared_ptr<const Capabilities> capabilities;
  Lifetime lifetime;
  std::array<uint8_t, crypto::kHashBytes> parent_hash{};
  LeafNodeSource source = LeafNodeSource::kKeyPackage;
  bool has_parent_hash = false;
  ExtensionList extensions;
  std::array<uint8_t, crypto::kSignatureBytes> signature{};

  absl::Status ReadSource(codec::Reader& in);
  absl::Status ReadParentHash(codec::Reader& in);
  BytesView ParentHashView() const {
    return {parent_hash.data(), has_parent_hash ? parent_hash.size() : 0};
  }
  void WriteUnsigned(codec::Writer& out) const;
};

absl::Status LeafNode::Body::ReadParentHash(codec::Reader& in) {
  BytesView view;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(view));
  has_parent_hash = !view.empty();
  if (!has_parent_hash) return absl::OkStatus();
  if (view.size() != parent_hash.size()) return InvalidArgument("parent hash of a wrong length");
  std::memcpy(parent_hash.data(), view.data(), parent_hash.size());
  return absl::OkStatus();
}

absl::Status LeafNode::Body::ReadSource(codec::Reader& in) {
  uint8_t value = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(value));
  source = static_cast<LeafNodeSource>(value);
  switch (source) {
    case LeafNodeSource::kKeyPackage:
      ENLACE_RETURN_IF_ERROR(in.ReadU64(lifetime.not_before));
      return in.ReadU64(lifetime.not_after);
    case LeafNodeSource::kUpdate:
      return absl::OkStatus();
    case LeafNodeSource::kCommit:
      return ReadParentHash(in);
  }
  return InvalidArgument("leaf node source is unknown");
}

void LeafNode::Body::WriteUnsigned(codec::Writer& out) const {
  out.Vector(encryption_key);
  out.Vector(signature_key);
  credential.Write(out);
  capabilities->Write(out);
  out.U8(static_cast<uint8_t>(source));
  if (source == LeafNodeSource::kKeyPackage) {
    out.U64(lifetime.not_before);
    out.U64(lifetime.not_after);
  }
  if (source == LeafNodeSource::kCommit) out.Vector(ParentHashView());
  extensions.Write(out);
}

absl::Status LeafNode::Read(codec::Reader& in, LeafNode& out) {
  auto body = std::make_shared<Body>();
  ENLACE_RETURN_IF_ERROR(ReadArray(in, body->encryption_key));
  ENLACE_RETURN_IF_ERROR(ReadArray(in, body->signature_key));
  ENLACE_RETURN_IF_ERROR(Credential::Read(in, body->credential));
  ENLACE_RETURN_IF_ERROR(ReadCapabilities(in, body->capabilities));
  ENLACE_RETURN_IF_ERROR(body->ReadSource(in));
  ENLACE_RETURN_IF_ERROR(ExtensionList::Read(in, body->extensions));
  ENLACE_RETURN_IF_ERROR(ReadArray(in, body->signature));
  out.body_ = std::move(body);
  return absl::OkStatus();
}

void LeafNode::Write(codec::Writer& out) const {
  body().WriteUnsigned(out);
  out.Vector(body().signature);
}

const LeafNode::Body& LeafNode::body() const {
  if (body_ == nullptr) std::abort();
  return *body_;
}

BytesView LeafNode::encryption_key() const { return body().encryption_key; }
BytesView LeafNode::signature_key() const { return body().signature_key; }
const Credential& LeafNode::credential() const { return body().credential; }
const Capabilities& LeafNode::capabilities() const { return *body().capabilities; }
LeafNodeSource LeafNode::source() const { return body().source; }
BytesView LeafNode::parent_hash() const { return body().ParentHashView(); }
const ExtensionList& LeafNode::extensions() const { return body().extensions; }
BytesView LeafNode::signature() const { return body().signature; }

std::optional<Lifetime> LeafNode::lifetime() const {
  if (source() != LeafNodeSource::kKeyPackage) return std::nullopt;
  return body().lifetime;
}

LeafNodeFields LeafNode::ToFields() const {
  return {.encryption_key = ToBytes(encryption_key()),
          .credential = credential(),
          .capabilities = capabilities(),
          .source = source(),
          .lifetime = body().lifetime,
          .parent_hash = ToBytes(parent_hash()),
          .extensions = extensions()};
}

// LeafNodeTBS, section 7.2: what stands in a group binds the group and the place.
Bytes LeafNode::EncodeTbs(const LeafBinding& binding) const {
  codec::Writer out(512);
  body().WriteUnsigned(out);
  if (source() != LeafNodeSource::kKeyPackage) {
    out.Vector(binding.group_id);
    out.U32(binding.leaf);
  }
  return out.Take();
}

absl::Status LeafNode::VerifySignature(const LeafBinding& binding) const {
  return crypto::VerifyWithLabel(signature_key(), kLeafLabel, EncodeTbs(binding), signature());
}

absl::Status LeafNode::VerifySignature(const LeafBinding& binding, SignatureCache* verified) const {
  if (verified == nullptr) return VerifySignature(binding);
  return VerifySignature(binding, LeafTreeHash(binding.leaf, *this), verified);
}

absl::Status LeafNode::VerifySignature(const LeafBinding& binding, const crypto::Digest& tree_hash,
                                       SignatureCache* verified) const {
  if (verified == nullptr) return VerifySignature(binding);
  const crypto::Digest id = VerificationId(binding.group_id, tree_hash);
  if (verified->Contains(id)) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(VerifySignature(binding));
  verified->Insert(id);
  return absl::OkStatus();
}

crypto::Digest LeafNode::VerificationId(BytesView group_id, const crypto::Digest& tree_hash) {
  // The tree hash has a fixed length and stands last.
  return crypto::PublicSha256({group_id, tree_hash});
}

crypto::Digest LeafTreeHashOfBytes(LeafIndex leaf, BytesView encoded) {
  constexpr uint8_t kNodeTypeLeaf = 1;
  const std::array<uint8_t, 6> head = {kNodeTypeLeaf,
                                       static_cast<uint8_t>(leaf >> 24),
                                       static_cast<uint8_t>(leaf >> 16),
                                       static_cast<uint8_t>(leaf >> 8),
                                       static_cast<uint8_t>(leaf),
                                       static_cast<uint8_t>(encoded.empty() ? 0 : 1)};
  return crypto::PublicSha256({head, encoded});
}

crypto::Digest LeafTreeHash(LeafIndex leaf, const LeafNode& node) {
  if (!node.present()) return LeafTreeHashOfBytes(leaf, {});
  codec::Writer out(512);
  node.Write(out);
  return LeafTreeHashOfBytes(leaf, out.view());
}

bool operator==(const LeafNode& a, const LeafNode& b) {
  if (a.body_ == b.body_) return true;
  if (!a.present() || !b.present()) return false;
  codec::Writer left;
  codec::Writer right;
  a.Write(left);
  b.Write(right);
  return EqualBytes(left.view(), right.view());
}

// ------------------------------------------------------------------------ signing and validation

namespace {

absl::Status CheckFields(const LeafNodeFields& fields) {
  if (fields.encryption_key.size() != kKeyBytes) {
    return InvalidArgument("encryption key of a wrong length");
  }
  if (!fields.parent_hash.empty() && fields.parent_hash.size() != crypto::kHashBytes) {
    return InvalidArgument("parent hash of a wrong length");
  }
  const Capabilities& own = fields.capabilities;
  if (std::any_of(own.extensions.begin(), own.extensions.end(), IsDefaultExtension) ||
      std::any_of(own.proposals.begin(), own.proposals.end(), IsDefaultProposal)) {
    return InvalidArgument("capabilities list a default type");
  }
  return absl::OkStatus();
}

// The types that a leaf uses itself must be among its own capabilities (section 7.2).
absl::Status CheckOwnTypes(const Capabilities& own, const Credential& credential,
                           const ExtensionList& extensions) {
  if (!own.SupportsCredential(credential.type())) {
    return InvalidArgument("capabilities lack the leaf's own credential type");
  }
  for (const Extension& extension : extensions.items()) {
    if (!own.SupportsExtension(extension.type)) {
      return InvalidArgument("capabilities lack an extension of the leaf");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLifetime(const Lifetime& lifetime, const LeafRules& rules) {
  if (lifetime.not_after < lifetime.not_before) {
    return InvalidArgument("lifetime ends before it begins");
  }
  if (rules.lifetime_s_max.has_value() &&
      lifetime.not_after - lifetime.not_before > *rules.lifetime_s_max) {
    return InvalidArgument("lifetime is longer than the limit");
  }
  if (rules.now_s.has_value() && !lifetime.Contains(*rules.now_s)) {
    return InvalidArgument("lifetime is over or has not begun");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LeafNode> LeafNode::Sign(const LeafNodeFields& fields, const LeafBinding& binding,
                                        const crypto::SigningKey& key) {
  ENLACE_RETURN_IF_ERROR(CheckFields(fields));
  ENLACE_RETURN_IF_ERROR(CheckOwnTypes(fields.capabilities, fields.credential, fields.extensions));
  auto body = std::make_shared<Body>();
  std::copy_n(fields.encryption_key.data(), kKeyBytes, body->encryption_key.data());
  std::copy_n(key.public_key().data(), kKeyBytes, body->signature_key.data());
  body->credential = fields.credential;
  body->capabilities = InternCapabilities(fields.capabilities);
  body->source = fields.source;
  body->lifetime = fields.lifetime;
  body->has_parent_hash = !fields.parent_hash.empty();
  std::copy(fields.parent_hash.begin(), fields.parent_hash.end(), body->parent_hash.begin());
  body->extensions = fields.extensions;
  LeafNode leaf;
  leaf.body_ = body;
  const Bytes signature = crypto::SignWithLabel(key, kLeafLabel, leaf.EncodeTbs(binding));
  std::copy_n(signature.data(), crypto::kSignatureBytes, body->signature.data());
  return leaf;
}

absl::Status ValidateLeafNode(const LeafNode& leaf, const LeafRules& rules) {
  if (rules.source.has_value() && leaf.source() != *rules.source) {
    return InvalidArgument("leaf node has the wrong source for its place");
  }
  const Capabilities& own = leaf.capabilities();
  if (!own.SupportsVersion(kProtocolVersionMls10)) {
    return InvalidArgument("capabilities lack the protocol version");
  }
  if (!own.SupportsSuite(rules.suite.id())) {
    return InvalidArgument("capabilities lack the cipher suite");
  }
  ENLACE_RETURN_IF_ERROR(CheckOwnTypes(own, leaf.credential(), leaf.extensions()));
  if (rules.required != nullptr && !own.Supports(*rules.required)) {
    return InvalidArgument("capabilities lack what the group requires");
  }
  const std::optional<Lifetime> lifetime = leaf.lifetime();
  return lifetime.has_value() ? CheckLifetime(*lifetime, rules) : absl::OkStatus();
}

}  // namespace enlace::mls
