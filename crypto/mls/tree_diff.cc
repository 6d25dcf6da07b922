#include "crypto/mls/tree_diff.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

const LeafNode& BlankLeaf() {
  static const auto* const kBlank = new LeafNode;
  return *kBlank;
}

}  // namespace

TreeDiff::TreeDiff(const RatchetTree& base) : base_(base) {
  change_.leaf_width_ = base.leaf_width();
  change_.base_leaf_width_ = base.leaf_width();
  change_.kept_leaf_width_ = base.leaf_width();
  if (base.leaf_width() > 0) change_.base_hash_ = base.TreeHash();
  slots_.resize(NodeWidth(base.leaf_width()));
}

TreeDiff TreeDiff::Resume(const RatchetTree& base, TreeChange&& change) {
  TreeDiff diff(base);
  if (change.base_leaf_width_ != diff.change_.base_leaf_width_ ||
      change.base_hash_ != diff.change_.base_hash_) {
    std::abort();
  }
  diff.change_ = std::move(change);
  diff.slots_.assign(NodeWidth(diff.leaf_width()), 0);
  for (size_t i = 0; i < diff.change_.entries_.size(); ++i) {
    const Entry& entry = diff.change_.entries_[i];
    if (!entry.dropped) diff.slots_[entry.node] = static_cast<uint32_t>(i + 1);
  }
  return diff;
}

const TreeDiff::Entry* TreeDiff::Find(NodeIndex node) const {
  if (node >= slots_.size()) std::abort();
  const uint32_t slot = slots_[node];
  return slot == 0 ? nullptr : &change_.entries_[slot - 1];
}

bool TreeDiff::InBase(NodeIndex node) const { return node < NodeWidth(change_.kept_leaf_width_); }

TreeDiff::Entry& TreeDiff::Touch(NodeIndex node) const {
  uint32_t& slot = slots_[node];
  if (slot == 0) {
    Entry& fresh = change_.entries_.emplace_back();
    fresh.node = node;
    slot = static_cast<uint32_t>(change_.entries_.size());
  }
  return change_.entries_[slot - 1];
}

// The entry of a node whose contents are about to change, filled with what stands there.
TreeDiff::Entry& TreeDiff::TouchContent(NodeIndex node) {
  Entry& entry = Touch(node);
  if (!entry.content && InBase(node)) {
    if (IsLeaf(node)) {
      entry.leaf = base_.leaf(LeafOf(node));
    } else if (const ParentNode* content = base_.parent(node)) {
      entry.parent = *content;
    }
  }
  entry.content = true;
  entry.hashed = false;
  return entry;
}

// Hashes above a changed node no longer hold. Where one is marked already, those above are too.
void TreeDiff::MarkAbove(NodeIndex node) {
  const NodeIndex root = Root(leaf_width());
  while (node != root) {
    node = Parent(node);
    const Entry* known = Find(node);
    if (known != nullptr && !known->hashed) return;
    Touch(node).hashed = false;
  }
}

const LeafNode& TreeDiff::leaf(LeafIndex leaf) const {
  const NodeIndex node = NodeOf(leaf);
  const Entry* entry = Find(node);
  if (entry != nullptr && entry->content) return entry->leaf;
  return InBase(node) ? base_.leaf(leaf) : BlankLeaf();
}

const ParentNode* TreeDiff::parent(NodeIndex node) const {
  const Entry* entry = Find(node);
  if (entry != nullptr && entry->content) {
    return entry->parent.has_value() ? &*entry->parent : nullptr;
  }
  return InBase(node) ? base_.parent(node) : nullptr;
}

const crypto::Digest& TreeDiff::hash(NodeIndex node) const {
  const Entry* entry = Find(node);
  if (entry == nullptr && InBase(node)) return base_.hash(node);
  if (entry != nullptr && entry->hashed) return entry->hash;
  crypto::Digest fresh;
  if (IsLeaf(node)) {
    fresh = LeafTreeHash(LeafOf(node), leaf(LeafOf(node)));
  } else {
    // Copies: a hash that is computed may move the entries that references point into.
    const crypto::Digest left = hash(Left(node));
    const crypto::Digest right = hash(Right(node));
    fresh = ParentTreeHash(parent(node), left, right);
  }
  Entry& own = Touch(node);
  own.hash = fresh;
  own.hashed = true;
  return own.hash;
}

LeafIndex TreeDiff::NextFreeLeaf() const {
  LeafIndex free = free_hint_;
  while (free < leaf_width() && leaf(free).present()) ++free;
  return free;
}

absl::StatusOr<LeafIndex> TreeDiff::Add(const LeafNode& leaf) {
  const LeafIndex index = NextFreeLeaf();
  if (index >= kTreeLeavesMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "ratchet tree is full");
  }
  if (index >= leaf_width()) Extend(leaf_width() == 0 ? 1 : 2 * leaf_width());
  TouchContent(NodeOf(index)).leaf = leaf;
  MarkAbove(NodeOf(index));
  for (NodeIndex node = NodeOf(index); node != Root(leaf_width());) {
    node = Parent(node);
    if (parent(node) == nullptr) continue;
    std::vector<LeafIndex>& unmerged = TouchContent(node).parent->unmerged_leaves;
    unmerged.insert(std::lower_bound(unmerged.begin(), unmerged.end(), index), index);
  }
  free_hint_ = index + 1;
  return index;
}

void TreeDiff::Update(LeafIndex index, const LeafNode& leaf) {
  SetLeaf(index, leaf);
  BlankPath(index);
}

void TreeDiff::SetLeaf(LeafIndex index, const LeafNode& leaf) {
  if (!HasLeaf(index) || !leaf.present()) std::abort();
  TouchContent(NodeOf(index)).leaf = leaf;
  MarkAbove(NodeOf(index));
}

// After MarkAbove of the leaf, so that every hash on the path is stale already.
void TreeDiff::BlankPath(LeafIndex index) {
  for (NodeIndex node = NodeOf(index); node != Root(leaf_width());) {
    node = Parent(node);
    if (parent(node) != nullptr) TouchContent(node).parent.reset();
  }
}

void TreeDiff::Remove(LeafIndex index) {
  if (!HasLeaf(index)) std::abort();
  TouchContent(NodeOf(index)).leaf = LeafNode();
  MarkAbove(NodeOf(index));
  BlankPath(index);
  free_hint_ = std::min(free_hint_, index);
  Truncate();
}

void TreeDiff::Extend(uint32_t leaf_width) {
  change_.leaf_width_ = leaf_width;
  slots_.resize(NodeWidth(leaf_width));
}

// Section 7.7: the right half goes when no node in it is left.
void TreeDiff::Truncate() {
  const uint32_t before = leaf_width();
  while (leaf_width() > 1 && ResolutionEmpty(Right(Root(leaf_width())))) change_.leaf_width_ /= 2;
  if (leaf_width() == 1 && !leaf(0).present()) change_.leaf_width_ = 0;
  if (leaf_width() == before) return;
  change_.kept_leaf_width_ = std::min(change_.kept_leaf_width_, leaf_width());
  slots_.resize(NodeWidth(leaf_width()));
  for (Entry& entry : change_.entries_) {
    if (entry.node >= slots_.size()) entry.dropped = true;
  }
}

ParentHash TreeDiff::SetPath(LeafIndex sender, std::span<const HpkePublicKey> keys) {
  MarkAbove(NodeOf(sender));
  BlankPath(sender);
  const std::vector<PathStep> steps = FilteredDirectPath(sender);
  if (steps.size() != keys.size()) std::abort();
  ParentHash above;
  for (size_t i = steps.size(); i-- > 0;) {
    Entry& entry = TouchContent(steps[i].node);
    entry.parent =
        ParentNode{.encryption_key = keys[i], .parent_hash = above, .unmerged_leaves = {}};
    // Nobody is unmerged at a node that was just set, so the sibling's hash is the original one.
    const ParentNode set = *entry.parent;
    const crypto::Digest sibling = hash(steps[i].copath_child);
    above = ParentHash(ComputeParentHash(set, sibling));
  }
  return above;
}

std::vector<NodeIndex> TreeDiff::ChangedNodes() const {
  std::vector<NodeIndex> out;
  for (const Entry& entry : change_.entries_) {
    if (entry.content && !entry.dropped) out.push_back(entry.node);
  }
  return out;
}

bool TreeDiff::KeepsBase(NodeIndex node) const {
  if (!InBase(node)) return false;
  const Entry* entry = Find(node);
  return entry == nullptr || !entry->content;
}

bool TreeDiff::HoldsEncryptionKey(BytesView key, std::optional<NodeIndex> except) const {
  for (NodeIndex node : base_.NodesWithEncryptionKey(key)) {
    if (node != except && KeepsBase(node)) return true;
  }
  return std::any_of(change_.entries_.begin(), change_.entries_.end(), [&](const Entry& entry) {
    const bool stands = entry.content && !entry.dropped && entry.node != except;
    return stands && !IsBlank(entry.node) && EqualBytes(EncryptionKey(entry.node), key);
  });
}

std::map<uint16_t, uint32_t> TreeDiff::CredentialUses() const {
  std::map<uint16_t, uint32_t> uses = base_.credential_uses();
  const auto drop = [&](LeafIndex index) {
    if (base_.HasLeaf(index)) --uses[base_.leaf(index).credential().type()];
  };
  for (LeafIndex i = change_.kept_leaf_width_; i < base_.leaf_width(); ++i) drop(i);
  for (const Entry& entry : change_.entries_) {
    if (!entry.content || entry.dropped || !IsLeaf(entry.node)) continue;
    if (InBase(entry.node)) drop(LeafOf(entry.node));
    if (entry.leaf.present()) ++uses[entry.leaf.credential().type()];
  }
  return uses;
}

TreeChange TreeDiff::Take() && {
  if (leaf_width() == 0) std::abort();
  change_.tree_hash_ = TreeHash();
  return std::move(change_);
}

crypto::Digest ComputeParentHash(const ParentNode& parent,
                                 const crypto::Digest& original_sibling_tree_hash) {
  codec::Writer out(128);
  out.Vector(parent.encryption_key);
  out.Vector(parent.parent_hash.view());
  out.Vector(original_sibling_tree_hash);
  return crypto::PublicSha256({out.view()});
}

}  // namespace enlace::mls
