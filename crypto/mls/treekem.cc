#include "crypto/mls/treekem.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr char kPathLabel[] = "UpdatePathNode";
constexpr uint8_t kStoredVersion = 1;

// path_secret[n] to path_secret[n + count - 1], which lead to the keys of `count` nodes, and the
// one after them (section 7.4).
struct SecretChain {
  std::vector<SecretBytes> path;
  std::vector<SecretBytes> node;  // node_secret of each.
  SecretBytes after;

  // The key pairs of the nodes.
  std::vector<crypto::HpkeKeyPair> Keys() const { return crypto::HpkeKeyPair::DeriveMany(node); }
};

SecretChain ChainFrom(SecretBytes path_secret, size_t count) {
  SecretChain out;
  out.path.reserve(count);
  out.node.reserve(count);
  out.after = std::move(path_secret);
  for (size_t i = 0; i < count; ++i) {
    const crypto::HmacKey secret(out.after.view());
    out.node.push_back(crypto::DeriveSecret(secret, "node"));
    out.path.push_back(std::exchange(out.after, crypto::DeriveSecret(secret, "path")));
  }
  return out;
}

// The position in the filtered direct path at which `leaf` hangs off the copath.
std::optional<size_t> StepAbove(const std::vector<TreeView::PathStep>& steps, LeafIndex leaf) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (LeavesUnder(steps[i].copath_child).Contains(leaf)) return i;
  }
  return std::nullopt;
}

}  // namespace

// -------------------------------------------------------------------------------- PrivateTree

PrivateTree::PrivateTree(LeafIndex own, crypto::HpkeKeyPair leaf_key)
    : own_(own), leaf_key_(std::move(leaf_key)) {}

const crypto::HpkeKeyPair* PrivateTree::FindKey(NodeIndex node) const {
  if (node == NodeOf(own_)) return &leaf_key_;
  for (const auto& [at, key] : keys_) {
    if (at == node) return &key;
  }
  return nullptr;
}

PrivateTree PrivateTree::Clone() const {
  PrivateTree copy(own_, leaf_key_.Clone());
  copy.keys_.reserve(keys_.size());
  for (const auto& [node, key] : keys_) copy.keys_.emplace_back(node, key.Clone());
  return copy;
}

void PrivateTree::ReplaceLeafKey(crypto::HpkeKeyPair leaf_key) { leaf_key_ = std::move(leaf_key); }

void PrivateTree::SetKey(NodeIndex node, crypto::HpkeKeyPair key) {
  const auto at =
      std::lower_bound(keys_.begin(), keys_.end(), Level(node),
                       [](const auto& item, uint32_t l) { return Level(item.first) < l; });
  if (at != keys_.end() && at->first == node) {
    at->second = std::move(key);
  } else {
    keys_.emplace(at, node, std::move(key));
  }
}

void PrivateTree::Prune(const TreeView& tree) {
  std::erase_if(keys_, [&tree](const auto& item) {
    return item.first >= tree.node_width() || tree.IsBlank(item.first) ||
           !EqualBytes(tree.EncryptionKey(item.first), item.second.public_key());
  });
}

absl::Status PrivateTree::ImplantPathSecret(const TreeView& tree, LeafIndex signer,
                                            SecretBytes path_secret) {
  if (signer >= tree.leaf_width() || own_ >= tree.leaf_width() || signer == own_) {
    return InvalidArgument("path secret from a leaf that has no common ancestor with ours");
  }
  const NodeIndex ancestor = CommonAncestor(own_, signer);
  if (tree.IsBlank(ancestor)) return InvalidArgument("path secret for a blank node");
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = ancestor;; node = Parent(node)) {
    if (!tree.IsBlank(node)) nodes.push_back(node);
    if (node == Root(tree.leaf_width())) break;
  }
  std::vector<crypto::HpkeKeyPair> keys = ChainFrom(std::move(path_secret), nodes.size()).Keys();
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!EqualBytes(keys[i].public_key(), tree.EncryptionKey(nodes[i]))) {
      return InvalidArgument("path secret does not match the ratchet tree");
    }
  }
  for (size_t i = 0; i < nodes.size(); ++i) SetKey(nodes[i], std::move(keys[i]));
  return absl::OkStatus();
}

absl::Status PrivateTree::ImplantNodeSecret(const TreeView& tree, NodeIndex node,
                                            BytesView path_secret) {
  if (node >= tree.node_width() || IsLeaf(node) || !LeavesUnder(node).Contains(own_) ||
      tree.IsBlank(node)) {
    return InvalidArgument("path secret for a node that is blank or not above the own leaf");
  }
  crypto::HpkeKeyPair key =
      crypto::HpkeKeyPair::Derive(crypto::DeriveSecret(path_secret, "node").view());
  if (!EqualBytes(key.public_key(), tree.EncryptionKey(node))) {
    return InvalidArgument("path secret does not match the ratchet tree");
  }
  SetKey(node, std::move(key));
  return absl::OkStatus();
}

SecretBytes PrivateTree::Serialize() const {
  constexpr size_t kKeyBytes = crypto::kHpkePrivateKeyBytes + crypto::kHpkePublicKeyBytes;
  SecretBytes out(1 + 4 + kKeyBytes + keys_.size() * (4 + kKeyBytes));
  uint8_t* at = out.mutable_view().data();
  const auto put = [&at](BytesView bytes) {
    std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  const auto put_index = [&at](uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<uint8_t>(value >> shift);
  };
  *at++ = kStoredVersion;
  put_index(own_);
  put(leaf_key_.private_key());
  put(leaf_key_.public_key());
  for (const auto& [node, key] : keys_) {
    put_index(node);
    put(key.private_key());
    put(key.public_key());
  }
  return out;
}

namespace {

absl::StatusOr<crypto::HpkeKeyPair> ReadKey(codec::Reader& in) {
  BytesView private_key;
  BytesView public_key;
  ENLACE_RETURN_IF_ERROR(in.ReadFixed(crypto::kHpkePrivateKeyBytes, private_key));
  ENLACE_RETURN_IF_ERROR(in.ReadFixed(crypto::kHpkePublicKeyBytes, public_key));
  return crypto::HpkeKeyPair::FromStored(private_key, public_key);
}

}  // namespace

absl::StatusOr<PrivateTree> PrivateTree::Parse(BytesView stored) {
  codec::Reader in(stored);
  uint8_t version = 0;
  uint32_t own = 0;
  if (!in.ReadU8(version).ok() || version != kStoredVersion || !in.ReadU32(own).ok() ||
      own >= kTreeLeavesMax) {
    return DataLoss("stored private tree is malformed");
  }
  absl::StatusOr<crypto::HpkeKeyPair> leaf_key = ReadKey(in);
  if (!leaf_key.ok()) return DataLoss("stored private tree is malformed");
  PrivateTree tree(own, *std::move(leaf_key));
  while (!in.empty()) {
    uint32_t node = 0;
    const bool has_node = in.ReadU32(node).ok() && node < NodeWidth(kTreeLeavesMax) &&
                          !IsLeaf(node) && LeavesUnder(node).Contains(own);
    absl::StatusOr<crypto::HpkeKeyPair> key = ReadKey(in);
    if (!has_node || !key.ok()) return DataLoss("stored private tree is malformed");
    tree.SetKey(node, *std::move(key));
  }
  return tree;
}

// -------------------------------------------------------------------------------- PathSecrets

PathSecrets::PathSecrets(LeafIndex sender, crypto::HpkeKeyPair leaf_key)
    : sender_(sender), leaf_key_(std::move(leaf_key)) {}

PathSecrets PathSecrets::Create(TreeDiff& diff, LeafIndex sender, crypto::Rng& rng) {
  const std::vector<TreeView::PathStep> steps = diff.FilteredDirectPath(sender);
  SecretChain chain = ChainFrom(rng.Secret(crypto::kHashBytes), steps.size());
  // The leaf's key is derived from fresh randomness like those of the nodes, and together with
  // them.
  chain.node.push_back(rng.Secret(crypto::kHashBytes));
  std::vector<crypto::HpkeKeyPair> pairs = chain.Keys();
  PathSecrets path(sender, std::move(pairs.back()));
  path.steps_.reserve(steps.size());
  std::vector<HpkePublicKey> keys(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    std::memcpy(keys[i].data(), pairs[i].public_key().data(), keys[i].size());
    path.steps_.push_back(
        {steps[i].node, steps[i].copath_child, std::move(chain.path[i]), std::move(pairs[i])});
  }
  path.commit_secret_ = std::move(chain.after);
  path.parent_hash_ = diff.SetPath(sender, keys);
  return path;
}

absl::StatusOr<UpdatePath> PathSecrets::Encrypt(const TreeView& tree, const LeafNode& leaf,
                                                const PathScope& scope, crypto::Rng& rng) const {
  std::vector<std::vector<NodeIndex>> recipients;
  size_t recipient_count = 0;
  for (const Step& step : steps_) {
    recipients.push_back(ResolutionWithout(tree, step.copath_child, scope.added));
    recipient_count += recipients.back().size();
  }
  std::vector<crypto::HpkeKeyPair> ephemeral =
      crypto::HpkeKeyPair::GenerateMany(recipient_count, rng);
  auto next_ephemeral = ephemeral.begin();
  const crypto::LabelEncryptor encryptor({scope.suite, kPathLabel, scope.group_context});
  UpdatePath path;
  path.leaf_node = leaf;
  path.nodes.reserve(steps_.size());
  for (size_t i = 0; i < steps_.size(); ++i) {
    UpdatePathNode& node = path.nodes.emplace_back();
    node.encryption_key = ToBytes(steps_[i].key.public_key());
    node.encrypted_path_secret.reserve(recipients[i].size());
    for (NodeIndex to : recipients[i]) {
      ENLACE_ASSIGN_OR_RETURN(
          crypto::HpkeCiphertext sealed,
          encryptor.Encrypt(tree.EncryptionKey(to), steps_[i].path_secret.view(),
                            std::move(*next_ephemeral++)));
      node.encrypted_path_secret.push_back(std::move(sealed));
    }
  }
  return path;
}

BytesView PathSecrets::SecretFor(LeafIndex leaf) const {
  for (const Step& step : steps_) {
    if (LeavesUnder(step.copath_child).Contains(leaf)) return step.path_secret.view();
  }
  // A member other than the committer hangs off its filtered direct path somewhere.
  std::abort();
}

PrivateTree PathSecrets::TakePrivateTree() && {
  PrivateTree tree(sender_, std::move(leaf_key_));
  for (Step& step : steps_) tree.SetKey(step.node, std::move(step.key));
  steps_.clear();
  return tree;
}

// -------------------------------------------------------------------------------- DecryptPath

namespace {

// The ciphertext that one of our keys opens, and that key.
struct OwnCiphertext {
  const crypto::HpkeCiphertext* sealed = nullptr;
  const crypto::HpkeKeyPair* key = nullptr;
};

absl::StatusOr<OwnCiphertext> FindOwn(const TreeView& tree, const PrivateTree& own,
                                      NodeIndex copath_child, const UpdatePathNode& node,
                                      std::span<const LeafIndex> added) {
  const std::vector<NodeIndex> resolution = ResolutionWithout(tree, copath_child, added);
  if (resolution.size() != node.encrypted_path_secret.size()) {
    return InvalidArgument("update path has the wrong number of ciphertexts");
  }
  for (size_t i = 0; i < resolution.size(); ++i) {
    const crypto::HpkeKeyPair* key = own.FindKey(resolution[i]);
    if (key != nullptr && EqualBytes(key->public_key(), tree.EncryptionKey(resolution[i]))) {
      return OwnCiphertext{&node.encrypted_path_secret[i], key};
    }
  }
  return NotFound("update path has no ciphertext for us");
}

}  // namespace

absl::StatusOr<DecryptedPath> DecryptPath(const TreeView& tree, const PrivateTree& own,
                                          LeafIndex sender, const UpdatePath& path,
                                          const PathScope& scope) {
  const std::vector<TreeView::PathStep> steps = tree.FilteredDirectPath(sender);
  if (path.nodes.size() != steps.size()) {
    return InvalidArgument("update path has the wrong number of nodes");
  }
  const std::optional<size_t> first = StepAbove(steps, own.own_leaf());
  if (!first.has_value()) return NotFound("update path has no ciphertext for us");
  ENLACE_ASSIGN_OR_RETURN(const OwnCiphertext found, FindOwn(tree, own, steps[*first].copath_child,
                                                             path.nodes[*first], scope.added));
  ENLACE_ASSIGN_OR_RETURN(SecretBytes secret,
                          crypto::DecryptWithLabel({scope.suite, kPathLabel, scope.group_context},
                                                   *found.key, *found.sealed));
  if (secret.size() != crypto::kHashBytes) return InvalidArgument("path secret of a wrong length");
  SecretChain chain = ChainFrom(std::move(secret), steps.size() - *first);
  std::vector<crypto::HpkeKeyPair> keys = chain.Keys();
  DecryptedPath out{own.Clone(), std::move(chain.after)};
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!EqualBytes(keys[i].public_key(), path.nodes[*first + i].encryption_key)) {
      return InvalidArgument("update path carries a key that its secret does not give");
    }
    out.next.SetKey(steps[*first + i].node, std::move(keys[i]));
  }
  out.next.Prune(tree);
  return out;
}

}  // namespace enlace::mls
