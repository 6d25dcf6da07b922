#include "crypto/mls/tree_view.h"

#include <cstdlib>

namespace enlace::mls {
namespace {

constexpr uint8_t kHashTypeParent = 2;  // NodeType (section 7.8)

}  // namespace

bool TreeView::IsBlank(NodeIndex node) const {
  return IsLeaf(node) ? !leaf(LeafOf(node)).present() : parent(node) == nullptr;
}

BytesView TreeView::EncryptionKey(NodeIndex node) const {
  if (IsLeaf(node)) return leaf(LeafOf(node)).encryption_key();
  const ParentNode* content = parent(node);
  if (content == nullptr) std::abort();
  return content->encryption_key;
}

size_t TreeView::MemberCount() const {
  size_t count = 0;
  for (LeafIndex i = 0; i < leaf_width(); ++i) count += leaf(i).present() ? 1 : 0;
  return count;
}

void TreeView::ForEachLeaf(const std::function<bool(LeafIndex, const LeafNode&)>& visit) const {
  for (LeafIndex i = 0; i < leaf_width(); ++i) {
    const LeafNode& node = leaf(i);
    if (node.present() && !visit(i, node)) return;
  }
}

std::vector<NodeIndex> TreeView::Resolution(NodeIndex node) const {
  if (node >= node_width()) std::abort();
  std::vector<NodeIndex> out;
  AppendResolution(node, out);
  return out;
}

void TreeView::AppendResolution(NodeIndex node, std::vector<NodeIndex>& out) const {
  if (IsLeaf(node)) {
    if (leaf(LeafOf(node)).present()) out.push_back(node);
    return;
  }
  const ParentNode* content = parent(node);
  if (content == nullptr) {
    AppendResolution(Left(node), out);
    AppendResolution(Right(node), out);
    return;
  }
  out.push_back(node);
  for (LeafIndex unmerged : content->unmerged_leaves) out.push_back(NodeOf(unmerged));
}

bool TreeView::ResolutionEmpty(NodeIndex node) const {
  if (!IsBlank(node)) return false;
  return IsLeaf(node) || (ResolutionEmpty(Left(node)) && ResolutionEmpty(Right(node)));
}

std::vector<TreeView::PathStep> TreeView::FilteredDirectPath(LeafIndex leaf) const {
  if (leaf >= leaf_width()) std::abort();
  std::vector<PathStep> steps;
  for (NodeIndex node = NodeOf(leaf); node != Root(leaf_width()); node = Parent(node)) {
    const NodeIndex copath_child = Sibling(node);
    if (!ResolutionEmpty(copath_child)) steps.push_back({Parent(node), copath_child});
  }
  return steps;
}

crypto::Digest ParentTreeHash(const ParentNode* node, const crypto::Digest& left,
                              const crypto::Digest& right) {
  codec::Writer out(256);
  out.U8(kHashTypeParent);
  out.Presence(node != nullptr);
  if (node != nullptr) WriteParentNode(*node, out);
  out.Vector(left);
  out.Vector(right);
  return crypto::PublicSha256({out.view()});
}

void WriteParentNode(const ParentNode& node, codec::Writer& out) {
  out.Vector(node.encryption_key);
  out.Vector(node.parent_hash.view());
  const size_t mark = out.BeginVector();
  for (LeafIndex leaf : node.unmerged_leaves) out.U32(leaf);
  out.EndVector(mark);
}

}  // namespace enlace::mls
