// The secret tree, RFC 9420 section 9: from the encryption_secret to the two ratchets of every
// member.
//
// Node secrets are derived when a leaf is first needed and the parents on the way are given up, so
// that at any time no secret is kept from which a spent one could be derived (section 9.2).
// Promises bounded memory: a ratchet keeps at most kSkippedKeysMax unused keys. A secret of a node
// or ratchet is kept in exactly one place.
//
// Thread safety: as a vector's. Ownership: move-only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/hash_ratchet.h"
#include "crypto/mls/state_change.h"
#include "crypto/mls/tree_math.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// Proposals and Commits share a ratchet; application messages have the other (section 9.1).
enum class RatchetType : uint8_t { kHandshake = 0, kApplication = 1 };

class SecretTree {
 public:
  // `leaf_count` is the number of leaves of the ratchet tree, blank ones included: a power of two.
  SecretTree(crypto::CipherSuite suite, uint32_t leaf_count, SecretBytes encryption_secret);

  // The key of a received message, and what accepting it changes. The leaf's ratchets may be
  // created on the way, which reveals and forgets nothing. INVALID_ARGUMENT for a leaf outside the
  // tree or without a ratchet; else as HashRatchet::Find.
  absl::StatusOr<HashRatchet::Step> Find(LeafIndex leaf, RatchetType type, uint32_t generation);
  void Accept(LeafIndex leaf, RatchetType type, HashRatchet::Step step);

  // Takes the ratchet of the own leaf out of the tree, for sending. INVALID_ARGUMENT when it was
  // taken before.
  absl::StatusOr<HashRatchet> TakeRatchet(LeafIndex leaf, RatchetType type);

  // The writes since the last call; keys begin with "secret/".
  void TakeChanges(std::vector<StateChange>& out);
  // Takes over the saved names of the epoch that this tree replaces, so that the next save deletes
  // what is gone.
  void Supersede(const SecretTree& former);
  // From the saved values under "secret/". DATA_LOSS when one is malformed.
  static absl::StatusOr<SecretTree> Restore(crypto::CipherSuite suite, uint32_t leaf_count,
                                            const std::map<std::string, SecretBytes>& saved);

 private:
  using RatchetId = std::pair<LeafIndex, RatchetType>;

  absl::StatusOr<HashRatchet*> RatchetOf(LeafIndex leaf, RatchetType type);
  absl::Status DeriveLeaf(LeafIndex leaf);

  crypto::CipherSuite suite_;
  uint32_t leaf_count_;
  std::map<NodeIndex, SecretBytes> nodes_;
  std::map<RatchetId, HashRatchet> ratchets_;
  std::set<NodeIndex> changed_nodes_;
  std::set<RatchetId> changed_ratchets_;
};

}  // namespace enlace::mls
