// The rules that a whole ratchet tree must keep, and those that a change of a valid one must keep
// (RFC 9420 sections 7.3, 7.9.2, 12.4.3.1).
//
// Structure (trailing blanks, node kinds, unmerged leaves) is refused by RatchetTree::Parse
// already. Credentials are judged by the CredentialValidator.
//
// Thread safety: functions without state.
#pragma once

#include "absl/status/status.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/signature_cache.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/update_path.h"

namespace enlace::mls {

// Every parent that is not blank is covered by exactly one chain of parent hashes (section 7.9.2).
absl::Status VerifyParentHashes(const TreeView& tree);

// The signature of every leaf at its place in the group; `verified` may be null.
absl::Status VerifyLeafSignatures(const TreeView& tree, BytesView group_id,
                                  SignatureCache* verified);

// No encryption key stands at two nodes, no signature key at two leaves (section 7.3, 12.4.3.1).
absl::Status VerifyUniqueKeys(const RatchetTree& tree);

// Every member supports every credential type that is in use (section 7.3), every extension type in
// `context_extensions` and everything in required_capabilities (sections 11.1, 12.1.7). Capability
// lists are shared, so that equal ones are looked at once.
absl::Status VerifyMemberCapabilities(const TreeView& tree,
                                      const ExtensionList& context_extensions);

// All of the above and ValidateLeafNode of every leaf with `rules`: what a joiner asks of a tree.
struct TreeRules {
  LeafRules leaf;
  BytesView group_id;
  const ExtensionList* context_extensions = nullptr;  // Required.
  SignatureCache* verified = nullptr;
};
absl::Status ValidateTree(const RatchetTree& tree, const TreeRules& rules);

// The same after a change of a tree whose members all supported everything in use, at the cost of
// the change: leaves that came or changed must support what is in use; all members are asked only
// when a credential type came into use or, as the caller tells, the extensions changed.
absl::Status VerifyNewCapabilities(const TreeDiff& diff, const ExtensionList& context_extensions,
                                   bool extensions_changed);

// That the keys a diff brought in are unique in the tree as it will be; the base is taken as valid.
absl::Status VerifyNewKeysUnique(const TreeDiff& diff);

// The public half of processing an UpdatePath (sections 7.5, 7.9.2, 12.4.2): number of nodes and of
// ciphertexts against the tree, every key new, parent hash of the leaf; then sets path and leaf in
// the diff. The leaf's own rules and signature are the caller's. `added` lists the leaves that the
// same Commit adds, ascending. INVALID_ARGUMENT when it does not fit, and the diff is then spoilt.
absl::Status ApplyUpdatePath(TreeDiff& diff, LeafIndex sender, const UpdatePath& path,
                             std::span<const LeafIndex> added);

// The resolution of the node without `added` leaves, which are ascending: to whom a path secret is
// encrypted (section 7.5).
std::vector<NodeIndex> ResolutionWithout(const TreeView& tree, NodeIndex node,
                                         std::span<const LeafIndex> added);

}  // namespace enlace::mls
