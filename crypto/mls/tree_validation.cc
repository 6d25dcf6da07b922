#include "crypto/mls/tree_validation.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "crypto/mls/group_context.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

using Leaves = std::span<const LeafIndex>;

// The part of an ascending list that lies under a node.
Leaves Under(Leaves leaves, NodeIndex node) {
  const LeafRange range = LeavesUnder(node);
  const auto first = std::lower_bound(leaves.begin(), leaves.end(), range.first);
  const auto last = std::upper_bound(first, leaves.end(), range.last);
  return {first, last};
}

// Tree hash of the subtree with `without` blanked and taken out of every list of unmerged leaves:
// original_sibling_tree_hash of section 7.9. Subtrees without any of them keep their cached hash.
crypto::Digest OriginalTreeHash(const TreeView& tree, NodeIndex node, Leaves without) {
  const Leaves inside = Under(without, node);
  if (inside.empty()) return tree.hash(node);
  if (IsLeaf(node)) return LeafTreeHash(LeafOf(node), LeafNode());
  const crypto::Digest left = OriginalTreeHash(tree, Left(node), inside);
  const crypto::Digest right = OriginalTreeHash(tree, Right(node), inside);
  const ParentNode* content = tree.parent(node);
  if (content == nullptr) return ParentTreeHash(nullptr, left, right);
  ParentNode original = *content;
  original.unmerged_leaves.clear();
  std::set_difference(content->unmerged_leaves.begin(), content->unmerged_leaves.end(),
                      inside.begin(), inside.end(), std::back_inserter(original.unmerged_leaves));
  return ParentTreeHash(&original, left, right);
}

BytesView ParentHashOf(const TreeView& tree, NodeIndex node) {
  return IsLeaf(node) ? tree.leaf(LeafOf(node)).parent_hash()
                      : tree.parent(node)->parent_hash.view();
}

// The node under `child` that was set together with the parent: what is left of the resolution when
// the parent's unmerged leaves are taken out, if all of them are in it and one node is left.
// Section 7.9.2, third criterion.
std::optional<NodeIndex> SetTogether(const TreeView& tree, const ParentNode& parent,
                                     NodeIndex child) {
  const Leaves unmerged = Under(parent.unmerged_leaves, child);
  const std::vector<NodeIndex> resolution = tree.Resolution(child);
  if (resolution.size() != unmerged.size() + 1) return std::nullopt;
  std::optional<NodeIndex> rest;
  for (NodeIndex node : resolution) {
    const bool is_unmerged =
        IsLeaf(node) && std::binary_search(unmerged.begin(), unmerged.end(), LeafOf(node));
    if (is_unmerged) continue;
    if (rest.has_value()) return std::nullopt;
    rest = node;
  }
  return rest;
}

bool LinksTo(const TreeView& tree, NodeIndex node, NodeIndex child, NodeIndex sibling) {
  const ParentNode& parent = *tree.parent(node);
  const std::optional<NodeIndex> below = SetTogether(tree, parent, child);
  if (!below.has_value()) return false;
  const BytesView claimed = ParentHashOf(tree, *below);
  if (claimed.empty()) return false;
  return EqualBytes(
      claimed, ComputeParentHash(parent, OriginalTreeHash(tree, sibling, parent.unmerged_leaves)));
}

absl::Status VerifyParent(const TreeView& tree, NodeIndex node) {
  if (tree.parent(node) == nullptr) return absl::OkStatus();
  const NodeIndex left = Left(node);
  const NodeIndex right = Right(node);
  const bool from_left = LinksTo(tree, node, left, right);
  const bool from_right = LinksTo(tree, node, right, left);
  if (from_left == from_right) {
    return InvalidArgument("parent node is not covered by exactly one chain of parent hashes");
  }
  return absl::OkStatus();
}

absl::Status Duplicate() { return InvalidArgument("a key stands twice in the ratchet tree"); }

// Capability lists are shared between leaves: equal pointers are equal lists.
class DistinctCapabilities {
 public:
  explicit DistinctCapabilities(const TreeView& tree) {
    const Capabilities* last = nullptr;
    tree.ForEachLeaf([this, &last](LeafIndex, const LeafNode& leaf) {
      const Capabilities* list = &leaf.capabilities();
      if (list != last && seen_.insert(list).second) lists_.push_back(list);
      last = list;
      return true;
    });
  }
  const std::vector<const Capabilities*>& lists() const { return lists_; }

 private:
  std::unordered_set<const Capabilities*> seen_;
  std::vector<const Capabilities*> lists_;
};

// What every member must support.
class Support {
 public:
  // Borrows both.
  static absl::StatusOr<Support> Of(std::span<const uint16_t> credential_types,
                                    const ExtensionList& context_extensions) {
    Support out(credential_types, context_extensions);
    ENLACE_ASSIGN_OR_RETURN(out.required_, RequiredCapabilitiesOf(context_extensions));
    return out;
  }

  absl::Status Check(const Capabilities& list) const {
    for (uint16_t type : types_) {
      if (!list.SupportsCredential(type)) {
        return InvalidArgument("a member does not support a credential type in use");
      }
    }
    for (const Extension& extension : extensions_.items()) {
      if (!list.SupportsExtension(extension.type)) {
        return InvalidArgument("a member does not support an extension of the group");
      }
    }
    return list.Supports(required_) ? absl::OkStatus()
                                    : InvalidArgument("a member lacks what the group requires");
  }

 private:
  Support(std::span<const uint16_t> types, const ExtensionList& extensions)
      : types_(types), extensions_(extensions) {}

  std::span<const uint16_t> types_;
  const ExtensionList& extensions_;
  RequiredCapabilities required_;
};

std::vector<uint16_t> CredentialTypesInUse(const TreeView& tree) {
  std::vector<uint16_t> types;
  tree.ForEachLeaf([&types](LeafIndex, const LeafNode& leaf) {
    const uint16_t type = leaf.credential().type();
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    return true;
  });
  return types;
}

absl::Status CheckPathShape(const TreeDiff& diff, LeafIndex sender, const UpdatePath& path,
                            Leaves added) {
  const std::vector<TreeView::PathStep> steps = diff.FilteredDirectPath(sender);
  if (path.nodes.size() != steps.size()) {
    return InvalidArgument("update path has the wrong number of nodes");
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t expected = ResolutionWithout(diff, steps[i].copath_child, added).size();
    if (path.nodes[i].encrypted_path_secret.size() != expected) {
      return InvalidArgument("update path has the wrong number of ciphertexts");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyParentHashes(const TreeView& tree) {
  for (NodeIndex node = 1; node < tree.node_width(); node += 2) {
    ENLACE_RETURN_IF_ERROR(VerifyParent(tree, node));
  }
  return absl::OkStatus();
}

absl::Status VerifyLeafSignatures(const TreeView& tree, BytesView group_id,
                                  SignatureCache* verified) {
  absl::Status status;
  tree.ForEachLeaf([&](LeafIndex index, const LeafNode& leaf) {
    status = leaf.VerifySignature({group_id, index}, tree.hash(NodeOf(index)), verified);
    return status.ok();
  });
  return status;
}

absl::Status VerifyUniqueKeys(const RatchetTree& tree) {
  return tree.KeysAreUnique() ? absl::OkStatus() : Duplicate();
}

absl::Status VerifyMemberCapabilities(const TreeView& tree,
                                      const ExtensionList& context_extensions) {
  const std::vector<uint16_t> types = CredentialTypesInUse(tree);
  ENLACE_ASSIGN_OR_RETURN(const Support support, Support::Of(types, context_extensions));
  const DistinctCapabilities distinct(tree);
  for (const Capabilities* list : distinct.lists()) {
    ENLACE_RETURN_IF_ERROR(support.Check(*list));
  }
  return absl::OkStatus();
}

absl::Status VerifyNewCapabilities(const TreeDiff& diff, const ExtensionList& context_extensions,
                                   bool extensions_changed) {
  const std::map<uint16_t, uint32_t>& before = diff.base().credential_uses();
  std::vector<uint16_t> types;
  bool new_type = false;
  for (const auto& [type, count] : diff.CredentialUses()) {
    if (count == 0) continue;
    types.push_back(type);
    const auto found = before.find(type);
    new_type = new_type || found == before.end() || found->second == 0;
  }
  // What all members must support grew, so that all are asked.
  if (new_type || extensions_changed) return VerifyMemberCapabilities(diff, context_extensions);
  ENLACE_ASSIGN_OR_RETURN(const Support support, Support::Of(types, context_extensions));
  for (NodeIndex node : diff.ChangedNodes()) {
    if (!IsLeaf(node) || diff.IsBlank(node)) continue;
    ENLACE_RETURN_IF_ERROR(support.Check(diff.leaf(LeafOf(node)).capabilities()));
  }
  return absl::OkStatus();
}

absl::Status ValidateTree(const RatchetTree& tree, const TreeRules& rules) {
  absl::Status status;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    status = ValidateLeafNode(leaf, rules.leaf);
    return status.ok();
  });
  ENLACE_RETURN_IF_ERROR(status);
  ENLACE_RETURN_IF_ERROR(VerifyMemberCapabilities(tree, *rules.context_extensions));
  ENLACE_RETURN_IF_ERROR(VerifyUniqueKeys(tree));
  ENLACE_RETURN_IF_ERROR(VerifyParentHashes(tree));
  return VerifyLeafSignatures(tree, rules.group_id, rules.verified);
}

absl::Status VerifyNewKeysUnique(const TreeDiff& diff) {
  const RatchetTree& base = diff.base();
  const auto keeps_one = [&diff](std::span<const NodeIndex> nodes) {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&diff](NodeIndex node) { return diff.KeepsBase(node); });
  };
  std::unordered_set<std::string_view> encryption;
  std::unordered_set<std::string_view> signature;
  for (NodeIndex node : diff.ChangedNodes()) {
    if (diff.IsBlank(node)) continue;
    const BytesView key = diff.EncryptionKey(node);
    if (!encryption.insert(AsText(key)).second || keeps_one(base.NodesWithEncryptionKey(key))) {
      return Duplicate();
    }
    if (!IsLeaf(node)) continue;
    const BytesView signer = diff.leaf(LeafOf(node)).signature_key();
    if (!signature.insert(AsText(signer)).second ||
        keeps_one(base.LeavesWithSignatureKey(signer))) {
      return Duplicate();
    }
  }
  return absl::OkStatus();
}

std::vector<NodeIndex> ResolutionWithout(const TreeView& tree, NodeIndex node, Leaves added) {
  std::vector<NodeIndex> resolution = tree.Resolution(node);
  if (added.empty()) return resolution;
  std::erase_if(resolution, [added](NodeIndex item) {
    return IsLeaf(item) && std::binary_search(added.begin(), added.end(), LeafOf(item));
  });
  return resolution;
}

absl::Status ApplyUpdatePath(TreeDiff& diff, LeafIndex sender, const UpdatePath& path,
                             Leaves added) {
  ENLACE_RETURN_IF_ERROR(CheckPathShape(diff, sender, path, added));
  // The committer's old key and those of its old path must not come back either (sections 7.3 and
  // 12.4.2), so the new keys are compared with the tree before the path replaces them.
  std::vector<HpkePublicKey> keys(path.nodes.size());
  std::vector<BytesView> fresh = {path.leaf_node.encryption_key()};
  for (size_t i = 0; i < keys.size(); ++i) {
    const Bytes& key = path.nodes[i].encryption_key;
    if (key.size() != keys[i].size()) return InvalidArgument("encryption key of a wrong length");
    std::memcpy(keys[i].data(), key.data(), key.size());
    fresh.push_back(key);
  }
  // An external joiner's leaf was added with the path's leaf already.
  const bool placed = diff.HasLeaf(sender) && diff.leaf(sender) == path.leaf_node;
  const std::optional<NodeIndex> own = placed ? std::optional(NodeOf(sender)) : std::nullopt;
  for (size_t i = 0; i < fresh.size(); ++i) {
    if (diff.HoldsEncryptionKey(fresh[i], own)) return Duplicate();
    for (size_t j = 0; j < i; ++j) {
      if (EqualBytes(fresh[i], fresh[j])) return Duplicate();
    }
  }
  const ParentHash expected = diff.SetPath(sender, keys);
  if (!EqualBytes(expected.view(), path.leaf_node.parent_hash())) {
    return InvalidArgument("parent hash of the committer's leaf does not match the path");
  }
  diff.SetLeaf(sender, path.leaf_node);
  return absl::OkStatus();
}

}  // namespace enlace::mls
