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

// The first eight of the 32 bytes of a key, as a number of the same order.
uint64_t FirstBytes(BytesView key) {
  uint64_t value = 0;
  for (const uint8_t byte : key.first(sizeof(value))) value = value << 8 | byte;
  return value;
}

}  // namespace

BytesView KeyOrder::KeyOf(const TreeView& tree, NodeIndex node) const {
  return kind_ == Kind::kEncryption ? tree.EncryptionKey(node)
                                    : tree.leaf(LeafOf(node)).signature_key();
}

void KeyOrder::Build(const TreeView& tree) {
  // Most keys differ in their first bytes, which are compared without a look into the tree.
  struct Entry {
    uint64_t first;
    NodeIndex node;
  };
  std::vector<Entry> entries;
  entries.reserve(tree.node_width());
  for (NodeIndex node = 0; node < tree.node_width(); ++node) {
    if (Lists(node) && !tree.IsBlank(node))
      entries.push_back({FirstBytes(KeyOf(tree, node)), node});
  }
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.first != b.first) return a.first < b.first;
    const int order = Compare(KeyOf(tree, a.node), KeyOf(tree, b.node));
    return order < 0 || (order == 0 && a.node < b.node);
  });
  nodes_.clear();
  nodes_.reserve(entries.size());
  for (const Entry& entry : entries) nodes_.push_back(entry.node);
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
