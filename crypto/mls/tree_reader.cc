#include "crypto/mls/tree_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr uint8_t kNodeTypeLeaf = 1;
constexpr uint8_t kNodeTypeParent = 2;

absl::Status ReadUnmerged(codec::Reader& in, LeafRange under, std::vector<LeafIndex>& out) {
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.reserve(body.size() / 4);
  while (!items.empty()) {
    uint32_t leaf = 0;
    ENLACE_RETURN_IF_ERROR(items.ReadU32(leaf));
    if (!out.empty() && leaf <= out.back()) {
      return InvalidArgument("unmerged leaves are not in ascending order");
    }
    if (!under.Contains(leaf)) return InvalidArgument("unmerged leaf is not under its parent");
    out.push_back(leaf);
  }
  return absl::OkStatus();
}

absl::Status ReadParent(codec::Reader& in, NodeIndex node, ParentNode& out) {
  BytesView key;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(key));
  if (key.size() != out.encryption_key.size()) {
    return InvalidArgument("encryption key of a wrong length");
  }
  std::memcpy(out.encryption_key.data(), key.data(), key.size());
  BytesView parent_hash;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(parent_hash));
  if (!parent_hash.empty()) {
    crypto::Digest digest;
    if (parent_hash.size() != digest.size())
      return InvalidArgument("parent hash of a wrong length");
    std::memcpy(digest.data(), parent_hash.data(), digest.size());
    out.parent_hash = ParentHash(digest);
  }
  return ReadUnmerged(in, LeavesUnder(node), out.unmerged_leaves);
}

// An unmerged leaf is present and unmerged in every parent between it and the node too: whoever
// does not know the key of a node does not know the keys above it that were set with it
// (section 7.9.2 compares exactly these sets, and section 12.4.3.1 asks for it by name).
absl::Status CheckUnmerged(const RatchetTree& tree, NodeIndex node) {
  const ParentNode* content = tree.parent(node);
  if (content == nullptr) return absl::OkStatus();
  for (LeafIndex leaf : content->unmerged_leaves) {
    if (!tree.HasLeaf(leaf)) return InvalidArgument("unmerged leaf is blank");
    for (NodeIndex below = Parent(NodeOf(leaf)); below != node; below = Parent(below)) {
      const ParentNode* between = tree.parent(below);
      if (between != nullptr && !std::binary_search(between->unmerged_leaves.begin(),
                                                    between->unmerged_leaves.end(), leaf)) {
        return InvalidArgument("unmerged leaf is merged in a parent below");
      }
    }
  }
  return absl::OkStatus();
}

// A parent without a leaf under it would have a key that no member holds.
absl::Status CheckStructure(const RatchetTree& tree) {
  for (NodeIndex node = 1; node < tree.node_width(); node += 2) {
    ENLACE_RETURN_IF_ERROR(CheckUnmerged(tree, node));
  }
  return absl::OkStatus();
}

// Number of nodes in the vector, counted before anything is allocated for them.
absl::StatusOr<uint32_t> WidthFor(size_t node_count) {
  if (node_count == 0) return InvalidArgument("ratchet tree is empty");
  if (node_count > NodeWidth(kTreeLeavesMax)) return InvalidArgument("ratchet tree is too large");
  return FullWidth(static_cast<uint32_t>(node_count / 2 + 1));
}

}  // namespace

void WriteNode(const TreeView& tree, NodeIndex node, codec::Writer& out) {
  if (IsLeaf(node)) {
    out.U8(kNodeTypeLeaf);
    tree.leaf(LeafOf(node)).Write(out);
  } else {
    out.U8(kNodeTypeParent);
    WriteParentNode(*tree.parent(node), out);
  }
}

absl::Status TreeReader::ReadNode(codec::Reader& in, NodeIndex node, RatchetTree& tree) {
  uint8_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(type));
  if (type != (IsLeaf(node) ? kNodeTypeLeaf : kNodeTypeParent)) {
    return InvalidArgument("node of the wrong type for its place");
  }
  if (!IsLeaf(node)) return ReadParent(in, node, tree.parents_[node / 2].emplace());
  const BytesView start = in.rest();
  ENLACE_RETURN_IF_ERROR(LeafNode::Read(in, tree.leaves_[LeafOf(node)]));
  tree.hashes_[node] =
      LeafTreeHashOfBytes(LeafOf(node), start.first(start.size() - in.remaining()));
  return absl::OkStatus();
}

void TreeReader::Finish(RatchetTree& tree) {
  for (LeafIndex i = 0; i < tree.leaf_width(); ++i) {
    if (!tree.leaves_[i].present()) tree.hashes_[NodeOf(i)] = LeafTreeHash(i, LeafNode());
  }
  tree.HashParents();
  tree.EnlistAll();
}

absl::StatusOr<RatchetTree> TreeReader::Parse(BytesView extension_data) {
  codec::Reader outer(extension_data);
  BytesView body;
  ENLACE_RETURN_IF_ERROR(outer.ReadVector(body));
  ENLACE_RETURN_IF_ERROR(outer.Done());
  RatchetTree tree;
  // Grown by doubling, as nodes come: a short input cannot make us allocate a large tree.
  codec::Reader in(body);
  NodeIndex node = 0;
  bool present = false;
  for (; !in.empty(); ++node) {
    ENLACE_ASSIGN_OR_RETURN(const uint32_t width, WidthFor(size_t{node} + 1));
    if (width > tree.leaf_width()) tree.Resize(width);
    ENLACE_RETURN_IF_ERROR(in.ReadPresence(present));
    if (!present) continue;
    ENLACE_RETURN_IF_ERROR(ReadNode(in, node, tree));
    tree.changed_.push_back(node);
  }
  if (node == 0) return InvalidArgument("ratchet tree is empty");
  if (!present) return InvalidArgument("ratchet tree ends in a blank node");
  ENLACE_RETURN_IF_ERROR(CheckStructure(tree));
  Finish(tree);
  return tree;
}

absl::StatusOr<RatchetTree> TreeReader::FromNodes(uint32_t leaf_width,
                                                  std::span<const RatchetTree::SavedNode> nodes) {
  if (leaf_width != FullWidth(leaf_width) || leaf_width > kTreeLeavesMax || leaf_width == 0) {
    return InvalidArgument("width of a saved tree is not possible");
  }
  RatchetTree tree;
  tree.Resize(leaf_width);
  for (const RatchetTree::SavedNode& saved : nodes) {
    if (saved.node >= tree.node_width() || !tree.IsBlank(saved.node)) {
      return InvalidArgument("saved node is outside the tree or stands twice");
    }
    codec::Reader in(saved.bytes);
    ENLACE_RETURN_IF_ERROR(ReadNode(in, saved.node, tree));
    ENLACE_RETURN_IF_ERROR(in.Done());
  }
  if (tree.ResolutionEmpty(leaf_width == 1 ? 0 : Right(Root(leaf_width)))) {
    return InvalidArgument("right half of a saved tree is blank");
  }
  ENLACE_RETURN_IF_ERROR(CheckStructure(tree));
  Finish(tree);
  return tree;
}

}  // namespace enlace::mls
