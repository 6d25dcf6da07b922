#include "crypto/mls/secret_tree.h"

#include <charconv>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr std::string_view kNodePrefix = "secret/node/";
constexpr std::string_view kRatchetPrefix = "secret/ratchet/";

std::string NodeName(NodeIndex node) { return std::string(kNodePrefix) + std::to_string(node); }

std::string RatchetName(LeafIndex leaf, RatchetType type) {
  return std::string(kRatchetPrefix) + std::to_string(leaf) +
         (type == RatchetType::kHandshake ? "/h" : "/a");
}

// The number at the start of `text`, which ends with `suffix`. DATA_LOSS when it is not of that
// form.
absl::StatusOr<uint32_t> ParseIndex(std::string_view text, std::string_view suffix) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  if (error != std::errc() || rest != suffix)
    return DataLoss("saved secret tree has a malformed name");
  return value;
}

}  // namespace

SecretTree::SecretTree(crypto::CipherSuite suite, uint32_t leaf_count,
                       SecretBytes encryption_secret)
    : suite_(suite), leaf_count_(leaf_count) {
  const NodeIndex root = Root(leaf_count);
  nodes_.emplace(root, std::move(encryption_secret));
  changed_nodes_.insert(root);
}

absl::StatusOr<HashRatchet::Step> SecretTree::Find(LeafIndex leaf, RatchetType type,
                                                   uint32_t generation) {
  ENLACE_ASSIGN_OR_RETURN(const HashRatchet* ratchet, RatchetOf(leaf, type));
  return ratchet->Find(generation);
}

void SecretTree::Accept(LeafIndex leaf, RatchetType type, HashRatchet::Step step) {
  const auto found = ratchets_.find({leaf, type});
  if (found == ratchets_.end()) return;
  found->second.Accept(std::move(step));
  changed_ratchets_.insert({leaf, type});
}

absl::StatusOr<HashRatchet> SecretTree::TakeRatchet(LeafIndex leaf, RatchetType type) {
  ENLACE_ASSIGN_OR_RETURN(HashRatchet * ratchet, RatchetOf(leaf, type));
  HashRatchet taken = std::move(*ratchet);
  ratchets_.erase({leaf, type});
  changed_ratchets_.insert({leaf, type});
  return taken;
}

absl::StatusOr<HashRatchet*> SecretTree::RatchetOf(LeafIndex leaf, RatchetType type) {
  if (leaf >= leaf_count_) return InvalidArgument("sender's leaf is outside the tree");
  auto found = ratchets_.find({leaf, type});
  if (found == ratchets_.end()) {
    ENLACE_RETURN_IF_ERROR(DeriveLeaf(leaf));
    found = ratchets_.find({leaf, type});
  }
  return &found->second;
}

absl::Status SecretTree::DeriveLeaf(LeafIndex leaf) {
  const NodeIndex target = NodeOf(leaf);
  NodeIndex node = target;
  const NodeIndex root = Root(leaf_count_);
  while (node != root && !nodes_.contains(node)) node = Parent(node);
  auto known = nodes_.extract(node);
  if (known.empty()) return InvalidArgument("the sender's ratchet is not kept");
  changed_nodes_.insert(node);
  SecretBytes secret = std::move(known.mapped());
  while (node != target) {
    const crypto::HmacKey parent(secret.view());
    const NodeIndex left = Left(node);
    const NodeIndex right = Right(node);
    SecretBytes left_secret =
        crypto::ExpandWithLabel(parent, "tree", AsBytes("left"), crypto::kHashBytes);
    SecretBytes right_secret =
        crypto::ExpandWithLabel(parent, "tree", AsBytes("right"), crypto::kHashBytes);
    const bool go_left = target < node;
    nodes_.emplace(go_left ? right : left, std::move(go_left ? right_secret : left_secret));
    changed_nodes_.insert(go_left ? right : left);
    secret = std::move(go_left ? left_secret : right_secret);
    node = go_left ? left : right;
  }
  const crypto::HmacKey leaf_secret(secret.view());
  for (const auto& [type, label] : {std::pair{RatchetType::kHandshake, "handshake"},
                                    std::pair{RatchetType::kApplication, "application"}}) {
    ratchets_.emplace(
        RatchetId{leaf, type},
        HashRatchet(suite_, crypto::ExpandWithLabel(leaf_secret, label, {}, crypto::kHashBytes)));
    changed_ratchets_.insert({leaf, type});
  }
  return absl::OkStatus();
}

void SecretTree::TakeChanges(std::vector<StateChange>& out) {
  for (NodeIndex node : changed_nodes_) {
    const auto found = nodes_.find(node);
    StateChange change{NodeName(node), std::nullopt};
    if (found != nodes_.end()) change.value = found->second.Clone();
    out.push_back(std::move(change));
  }
  for (const RatchetId& id : changed_ratchets_) {
    const auto found = ratchets_.find(id);
    StateChange change{RatchetName(id.first, id.second), std::nullopt};
    if (found != ratchets_.end()) {
      SecretWriter value;
      found->second.Write(value);
      change.value = value.Take();
    }
    out.push_back(std::move(change));
  }
  changed_nodes_.clear();
  changed_ratchets_.clear();
}

void SecretTree::Supersede(const SecretTree& former) {
  changed_nodes_.insert(former.changed_nodes_.begin(), former.changed_nodes_.end());
  changed_ratchets_.insert(former.changed_ratchets_.begin(), former.changed_ratchets_.end());
  for (const auto& [node, secret] : former.nodes_) changed_nodes_.insert(node);
  for (const auto& [id, ratchet] : former.ratchets_) changed_ratchets_.insert(id);
}

absl::StatusOr<SecretTree> SecretTree::Restore(crypto::CipherSuite suite, uint32_t leaf_count,
                                               const std::map<std::string, SecretBytes>& saved) {
  SecretTree out(suite, leaf_count, SecretBytes());
  out.nodes_.clear();
  out.changed_nodes_.clear();
  for (auto at = saved.lower_bound("secret/"); at != saved.end(); ++at) {
    const std::string_view name = at->first;
    const BytesView value = at->second.view();
    if (name.starts_with(kNodePrefix)) {
      ENLACE_ASSIGN_OR_RETURN(const uint32_t node, ParseIndex(name.substr(kNodePrefix.size()), ""));
      if (value.size() != crypto::kHashBytes) return DataLoss("saved node secret is malformed");
      out.nodes_.emplace(node, SecretBytes::CopyOf(value));
    } else if (name.starts_with(kRatchetPrefix)) {
      const auto type = name.ends_with("/h") ? RatchetType::kHandshake : RatchetType::kApplication;
      ENLACE_ASSIGN_OR_RETURN(const uint32_t leaf,
                              ParseIndex(name.substr(kRatchetPrefix.size()),
                                         type == RatchetType::kHandshake ? "/h" : "/a"));
      absl::StatusOr<HashRatchet> ratchet = HashRatchet::Parse(suite, value);
      if (!ratchet.ok()) return DataLoss(MessageOf(ratchet.status()));
      out.ratchets_.emplace(RatchetId{leaf, type}, std::move(*ratchet));
    } else {
      break;
    }
  }
  return out;
}

}  // namespace enlace::mls
