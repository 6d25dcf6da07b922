// LeafNode with Capabilities and Lifetime, RFC 9420 sections 7.2 and 7.3.
//
// A LeafNode is an immutable value: copies share one body, so that trees, differences, proposals
// and summaries pass leaves around without copying them. It exists only as read from bytes or as
// signed by its owner; there is no way to change a field. Keys are those of our suites: 32 bytes
// each, signatures 64; other lengths do not parse.
//
// Thread safety: const objects may be shared. Ownership: all copies own the body together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/credential.h"
#include "crypto/mls/extensions.h"
#include "crypto/mls/signature_cache.h"
#include "crypto/mls/tree_math.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/cipher_suite.h"

namespace enlace::mls {

// What a client supports. Unknown values are kept and mean nothing to us (section 13, GREASE).
struct Capabilities {
  std::vector<uint16_t> versions;
  std::vector<uint16_t> cipher_suites;
  std::vector<uint16_t> extensions;  // Non-default types only.
  std::vector<uint16_t> proposals;   // Non-default types only.
  std::vector<uint16_t> credentials;

  // What this library supports: MLS 1.0, both suites, basic and x509 credentials, last_resort.
  static Capabilities OfThisLibrary();

  // Default types count as supported (section 7.2).
  bool SupportsExtension(uint16_t type) const;
  bool SupportsProposal(uint16_t type) const;
  bool SupportsCredential(uint16_t type) const;
  bool SupportsSuite(uint16_t suite) const;
  bool SupportsVersion(uint16_t version) const;
  // Everything that `required` lists (section 11.1).
  bool Supports(const RequiredCapabilities& required) const;

  static absl::Status Read(codec::Reader& in, Capabilities& out);
  void Write(codec::Writer& out) const;

  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// Unix times in seconds between which a leaf of a key package counts as valid, both included.
struct Lifetime {
  uint64_t not_before = 0;
  uint64_t not_after = 0;

  bool Contains(uint64_t now_s) const { return not_before <= now_s && now_s <= not_after; }
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

enum class LeafNodeSource : uint8_t { kKeyPackage = 1, kUpdate = 2, kCommit = 3 };

// Where a leaf stands: what its signature binds, but for leaves of key packages, which bind
// nothing.
struct LeafBinding {
  BytesView group_id;
  LeafIndex leaf = 0;
};

// The fields that the owner chooses before it signs.
struct LeafNodeFields {
  Bytes encryption_key;
  Credential credential;
  Capabilities capabilities;
  LeafNodeSource source = LeafNodeSource::kKeyPackage;
  Lifetime lifetime;  // kKeyPackage
  Bytes parent_hash;  // kCommit: empty or kHashBytes
  ExtensionList extensions;
};

class LeafNode {
 public:
  // No leaf: only present(), comparison and assignment may be asked of it, the rest is CHECKed.
  LeafNode() = default;

  // A leaf with the public half of `key` as its signature key. `binding` is what a leaf of kUpdate
  // or kCommit binds; it is ignored for kKeyPackage. INVALID_ARGUMENT when the fields contradict
  // themselves: a wrong length, an extension or credential type that the capabilities lack, default
  // types listed in them (section 7.2).
  static absl::StatusOr<LeafNode> Sign(const LeafNodeFields& fields, const LeafBinding& binding,
                                       const crypto::SigningKey& key);

  static absl::Status Read(codec::Reader& in, LeafNode& out);
  void Write(codec::Writer& out) const;

  bool present() const { return body_ != nullptr; }
  BytesView encryption_key() const;
  BytesView signature_key() const;
  const Credential& credential() const;
  const Capabilities& capabilities() const;
  LeafNodeSource source() const;
  // Of a leaf from a key package; nothing for another.
  std::optional<Lifetime> lifetime() const;
  // Of a leaf from a commit: empty or kHashBytes; empty for another.
  BytesView parent_hash() const;
  const ExtensionList& extensions() const;
  BytesView signature() const;
  // The fields again, for an owner who changes some and signs anew.
  LeafNodeFields ToFields() const;

  // INVALID_ARGUMENT when the signature is not valid at that place.
  absl::Status VerifySignature(const LeafBinding& binding) const;
  // The same, asking and telling `verified`, which may be null.
  absl::Status VerifySignature(const LeafBinding& binding, SignatureCache* verified) const;
  // The same with LeafTreeHash of the leaf at its place, which a tree has at hand.
  absl::Status VerifySignature(const LeafBinding& binding, const crypto::Digest& tree_hash,
                               SignatureCache* verified) const;
  // What a SignatureCache remembers: the hash of the group's id and of the leaf with its index.
  static crypto::Digest VerificationId(BytesView group_id, const crypto::Digest& tree_hash);

  // The same bytes.
  friend bool operator==(const LeafNode& a, const LeafNode& b);

 private:
  struct Body;
  const Body& body() const;
  Bytes EncodeTbs(const LeafBinding& binding) const;

  // Owned together by all copies of this leaf.
  std::shared_ptr<const Body> body_;
};

// TreeHashInput of a leaf (section 7.8), hashed. A blank one has a hash too.
crypto::Digest LeafTreeHash(LeafIndex leaf, const LeafNode& node);
// The same from the wire form of the leaf; empty for a blank one.
crypto::Digest LeafTreeHashOfBytes(LeafIndex leaf, BytesView encoded);

// The rules of section 7.3 that one leaf can be judged by alone. Those between members (unique
// keys, credential types that all support) are in tree_validation.h; the credential itself is
// judged by the CredentialValidator, the signature by VerifySignature.
struct LeafRules {
  crypto::CipherSuite suite = crypto::CipherSuite::Rooms();
  const RequiredCapabilities* required = nullptr;  // May be null.
  std::optional<LeafNodeSource> source = {};       // Absent = any, for a leaf found in a tree.
  std::optional<uint64_t> now_s = {};              // Absent = the lifetime is not judged.
  std::optional<uint64_t> lifetime_s_max = {};     // Absent = a lifetime may have any length.
};

// INVALID_ARGUMENT when a rule is broken: source, version and suite in the capabilities, own
// credential and extension types among them, required capabilities, lifetime.
absl::Status ValidateLeafNode(const LeafNode& leaf, const LeafRules& rules);

}  // namespace enlace::mls
