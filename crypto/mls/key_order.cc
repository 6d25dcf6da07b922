#include "crypto/mls/key_order.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace enlace::mls {
namespace {

// Any total order of keys serves; all keys of a kind have one length.
int Compare(BytesView a, BytesView b) {
  if (a.size() != b.size()) std::abort();
  return std::memcmp(a.data(), b.data(), a.size());
}

}  // namespace

BytesView KeyOrder::KeyOf(const TreeView& tree, NodeIndex node) const {
  return kind_ == Kind::kEncryption ? tree.EncryptionKey(node)
                                    : tree.leaf(LeafOf(node)).signature_key();
}

void KeyOrder::Build(const TreeView& tree) {
  nodes_.clear();
  for (NodeIndex node = 0; node < tree.node_width(); ++node) {
    if (Lists(node) && !tree.IsBlank(node)) nodes_.push_back(node);
  }
  std::sort(nodes_.begin(), nodes_.end(), [&](NodeIndex a, NodeIndex b) {
    const int order = Compare(KeyOf(tree, a), KeyOf(tree, b));
    return order < 0 || (order == 0 && a < b);
  });
}

std::vector<NodeIndex>::const_iterator KeyOrder::PlaceOf(const TreeView& tree,
                                                         NodeIndex node) const {
  const BytesView key = KeyOf(tree, node);
  return std::lower_bound(nodes_.begin(), nodes_.end(), node, [&](NodeIndex a, NodeIndex b) {
    const int order = Compare(KeyOf(tree, a), key);
    return order < 0 || (order == 0 && a < b);
  });
}

void KeyOrder::Insert(const TreeView& tree, NodeIndex node) {
  if (Lists(node)) nodes_.insert(PlaceOf(tree, node), node);
}

void KeyOrder::Erase(const TreeView& tree, NodeIndex node) {
  if (!Lists(node)) return;
  const auto at = PlaceOf(tree, node);
  if (at == nodes_.end() || *at != node) std::abort();
  nodes_.erase(at);
}

std::span<const NodeIndex> KeyOrder::Find(const TreeView& tree, BytesView key) const {
  const auto first = std::lower_bound(
      nodes_.begin(), nodes_.end(), key,
      [&](NodeIndex node, BytesView wanted) { return Compare(KeyOf(tree, node), wanted) < 0; });
  auto last = first;
  while (last != nodes_.end() && Compare(KeyOf(tree, *last), key) == 0) ++last;
  return {first, last};
}

bool KeyOrder::HasRepetition(const TreeView& tree) const {
  return std::adjacent_find(nodes_.begin(), nodes_.end(), [&](NodeIndex a, NodeIndex b) {
           return Compare(KeyOf(tree, a), KeyOf(tree, b)) == 0;
         }) != nodes_.end();
}

}  // namespace enlace::mls
