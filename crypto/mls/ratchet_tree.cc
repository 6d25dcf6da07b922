#include "crypto/mls/ratchet_tree.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/tree_reader.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {

absl::StatusOr<RatchetTree> RatchetTree::Parse(BytesView extension_data) {
  return TreeReader::Parse(extension_data);
}

absl::StatusOr<RatchetTree> RatchetTree::FromNodes(uint32_t leaf_width,
                                                   std::span<const SavedNode> nodes) {
  return TreeReader::FromNodes(leaf_width, nodes);
}

const LeafNode& RatchetTree::leaf(LeafIndex leaf) const {
  if (leaf >= leaves_.size()) std::abort();
  return leaves_[leaf];
}

const ParentNode* RatchetTree::parent(NodeIndex node) const {
  if (IsLeaf(node) || node >= node_width()) std::abort();
  const std::optional<ParentNode>& content = parents_[node / 2];
  return content.has_value() ? &*content : nullptr;
}

const crypto::Digest& RatchetTree::hash(NodeIndex node) const {
  if (node >= hashes_.size()) std::abort();
  return hashes_[node];
}

void RatchetTree::Resize(uint32_t leaf_width) {
  leaves_.resize(leaf_width);
  parents_.resize(leaf_width == 0 ? 0 : leaf_width - 1);
  hashes_.resize(NodeWidth(leaf_width));
}

void RatchetTree::HashParents() {
  for (uint32_t level = 1; (1u << level) <= leaf_width(); ++level) {
    const NodeIndex step = 2u << level;
    for (NodeIndex node = (1u << level) - 1; node < node_width(); node += step) {
      hashes_[node] = ParentTreeHash(parent(node), hashes_[Left(node)], hashes_[Right(node)]);
    }
  }
}

Bytes RatchetTree::SerializeNode(NodeIndex node) const {
  codec::Writer out(512);
  if (!IsBlank(node)) WriteNode(*this, node, out);
  return out.Take();
}

Bytes RatchetTree::Serialize() const {
  NodeIndex end = node_width();
  while (end > 0 && IsBlank(end - 1)) --end;
  codec::Writer out(size_t{end} * 256 + 8);
  const size_t mark = out.BeginVector();
  for (NodeIndex node = 0; node < end; ++node) {
    const bool blank = IsBlank(node);
    out.Presence(!blank);
    if (!blank) WriteNode(*this, node, out);
  }
  out.EndVector(mark);
  return out.Take();
}

void RatchetTree::CompactChanged() {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
}

std::vector<NodeIndex> RatchetTree::TakeChangedNodes() {
  CompactChanged();
  return std::exchange(changed_, {});
}

void RatchetTree::Enlist(NodeIndex node) {
  encryption_keys_.Insert(*this, node);
  if (!IsLeaf(node)) return;
  signature_keys_.Insert(*this, node);
  ++credential_uses_[leaves_[LeafOf(node)].credential().type()];
}

void RatchetTree::Delist(NodeIndex node) {
  encryption_keys_.Erase(*this, node);
  if (!IsLeaf(node)) return;
  signature_keys_.Erase(*this, node);
  --credential_uses_[leaves_[LeafOf(node)].credential().type()];
}

void RatchetTree::EnlistAll() {
  encryption_keys_.Build(*this);
  signature_keys_.Build(*this);
  for (const LeafNode& node : leaves_) {
    if (node.present()) ++credential_uses_[node.credential().type()];
  }
}

std::span<const NodeIndex> RatchetTree::NodesWithEncryptionKey(BytesView key) const {
  return encryption_keys_.Find(*this, key);
}

std::span<const NodeIndex> RatchetTree::LeavesWithSignatureKey(BytesView key) const {
  return signature_keys_.Find(*this, key);
}

std::optional<LeafIndex> RatchetTree::FindBySignatureKey(BytesView key) const {
  if (key.size() != crypto::kSignaturePublicKeyBytes) return std::nullopt;
  const auto found = LeavesWithSignatureKey(key);
  return found.empty() ? std::nullopt : std::optional(LeafOf(found.front()));
}

std::optional<LeafIndex> RatchetTree::FindByEncryptionKey(BytesView key) const {
  if (key.size() != crypto::kHpkePublicKeyBytes) return std::nullopt;
  for (NodeIndex node : NodesWithEncryptionKey(key)) {
    if (IsLeaf(node)) return LeafOf(node);
  }
  return std::nullopt;
}

bool RatchetTree::KeysAreUnique() const {
  return !encryption_keys_.HasRepetition(*this) && !signature_keys_.HasRepetition(*this);
}

void RatchetTree::Merge(TreeChange&& change) {
  const crypto::Digest base = leaves_.empty() ? crypto::Digest{} : TreeHash();
  if (change.base_leaf_width_ != leaf_width() || change.base_hash_ != base) std::abort();
  // What was cut off and grew again is blank, so it must not survive in place.
  for (NodeIndex node = NodeWidth(change.kept_leaf_width_); node < node_width(); ++node) {
    if (IsBlank(node)) continue;
    changed_.push_back(node);
    Delist(node);
  }
  if (change.kept_leaf_width_ < leaf_width()) Resize(change.kept_leaf_width_);
  Resize(change.leaf_width_);
  for (TreeChange::Entry& entry : change.entries_) {
    if (entry.dropped) continue;
    if (entry.hashed) hashes_[entry.node] = entry.hash;
    if (!entry.content) continue;
    changed_.push_back(entry.node);
    if (!IsBlank(entry.node)) Delist(entry.node);
    if (IsLeaf(entry.node)) {
      leaves_[LeafOf(entry.node)] = std::move(entry.leaf);
    } else {
      parents_[entry.node / 2] = std::move(entry.parent);
    }
    if (!IsBlank(entry.node)) Enlist(entry.node);
  }
  // A group that is never saved must not remember every change for ever.
  if (changed_.size() > 2 * size_t{node_width()} + kTreeLevelsMax) CompactChanged();
}

}  // namespace enlace::mls
