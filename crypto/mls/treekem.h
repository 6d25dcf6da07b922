// TreeKEM, the secret half of the ratchet tree (RFC 9420 sections 7.4 to 7.6).
//
// A PrivateTree holds the private keys that one member knows: of its leaf and of the parents above
// it that were set since it joined. Promises that path secrets live no longer than the call or
// object that needs them, that nothing changes when a path does not decrypt, and that every derived
// key is compared with the public one in the tree before it is believed.
//
// Invariant: each key stands at a node of the member's direct path (or its leaf), ascending by
// level, and matches the public tree that it was derived for. Thread safety: as a value's.
// Ownership: move-only; keys are wiped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/tree_view.h"
#include "crypto/mls/update_path.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// What a path secret is encrypted under: the suite and the provisional GroupContext, serialised
// with the tree hash after the path is applied (section 12.4.1).
struct PathScope {
  crypto::CipherSuite suite;
  BytesView group_context;
  std::span<const LeafIndex> added;  // Leaves that the same Commit adds, ascending.
};

class PrivateTree {
 public:
  PrivateTree(LeafIndex own, crypto::HpkeKeyPair leaf_key);

  LeafIndex own_leaf() const { return own_; }
  const crypto::HpkeKeyPair& leaf_key() const { return leaf_key_; }
  // The private key of a parent above the own leaf; null when it is not known.
  const crypto::HpkeKeyPair* FindKey(NodeIndex node) const;
  std::span<const std::pair<NodeIndex, crypto::HpkeKeyPair>> parent_keys() const { return keys_; }

  PrivateTree Clone() const;

  // The own key after an own Update proposal was committed.
  void ReplaceLeafKey(crypto::HpkeKeyPair leaf_key);
  // Forgets keys of parents that are blank or gone in `tree`.
  void Prune(const TreeView& tree);

  // Takes the path secret of a Welcome (section 12.4.3.1): for the lowest common ancestor of the
  // own leaf and `signer`, and with it for the parents above that are not blank. INVALID_ARGUMENT
  // when a derived key is not that of the tree, or the common ancestor is blank.
  absl::Status ImplantPathSecret(const TreeView& tree, LeafIndex signer, SecretBytes path_secret);

  // Takes the path secret of one parent above the own leaf and nothing else. INVALID_ARGUMENT when
  // the node is blank, not above the leaf, or has another key.
  absl::Status ImplantNodeSecret(const TreeView& tree, NodeIndex node, BytesView path_secret);

  // The whole as bytes to be sealed, format version 1, and back. DATA_LOSS when they are not such.
  SecretBytes Serialize() const;
  static absl::StatusOr<PrivateTree> Parse(BytesView stored);

 private:
  friend class PathSecrets;
  friend absl::StatusOr<struct DecryptedPath> DecryptPath(const TreeView&, const PrivateTree&,
                                                          LeafIndex, const UpdatePath&,
                                                          const PathScope&);

  void SetKey(NodeIndex node, crypto::HpkeKeyPair key);

  LeafIndex own_;
  crypto::HpkeKeyPair leaf_key_;
  std::vector<std::pair<NodeIndex, crypto::HpkeKeyPair>> keys_;
};

// A fresh path of the committer, whose public half is in the diff already.
class PathSecrets {
 public:
  // Samples a leaf key and path secrets and sets the public keys in `diff` (section 7.5, steps 1 to
  // 3). The proposals of the Commit have been applied to `diff` before, and `sender` stands in it.
  static PathSecrets Create(TreeDiff& diff, LeafIndex sender, crypto::Rng& rng);

  // What the committer's new leaf must carry.
  BytesView leaf_public_key() const { return leaf_key_.public_key(); }
  const ParentHash& parent_hash() const { return parent_hash_; }

  // Encrypts the path to the group (section 7.6); `leaf` is the signed new leaf, which has been set
  // in `tree`.
  absl::StatusOr<UpdatePath> Encrypt(const TreeView& tree, const LeafNode& leaf,
                                     const PathScope& scope, crypto::Rng& rng) const;
  // The secret that a member at `leaf` joins with: that of the lowest common ancestor with the
  // committer (section 12.4.3.1). Borrowed.
  BytesView SecretFor(LeafIndex leaf) const;
  // The commit secret: DeriveSecret of the last path secret (section 7.4).
  const SecretBytes& commit_secret() const { return commit_secret_; }
  // The private tree of the committer after the Commit. The path secrets are gone then.
  PrivateTree TakePrivateTree() &&;

 private:
  PathSecrets(LeafIndex sender, crypto::HpkeKeyPair leaf_key);

  struct Step {
    NodeIndex node;
    NodeIndex copath_child;
    SecretBytes path_secret;
    crypto::HpkeKeyPair key;
  };

  LeafIndex sender_;
  crypto::HpkeKeyPair leaf_key_;
  std::vector<Step> steps_;
  SecretBytes commit_secret_;
  ParentHash parent_hash_;
};

struct DecryptedPath {
  PrivateTree next;  // The own private tree after the Commit.
  SecretBytes commit_secret;
};

// The secret half of processing an UpdatePath (section 7.5): `tree` is the tree after
// ApplyUpdatePath, `own` the keys before. INVALID_ARGUMENT when the own ciphertext does not open or
// a derived public key is not the one in the path; NOT_FOUND when no key of ours is in the
// resolution, which a valid state excludes.
absl::StatusOr<DecryptedPath> DecryptPath(const TreeView& tree, const PrivateTree& own,
                                          LeafIndex sender, const UpdatePath& path,
                                          const PathScope& scope);

}  // namespace enlace::mls
