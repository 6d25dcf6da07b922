#include <utility>

#include "crypto/mls/proposal.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

absl::Status Apply(const mls::Proposal& proposal, mls::LeafIndex sender, mls::TreeDiff& diff) {
  if (const auto* add = std::get_if<mls::Add>(&proposal.body)) {
    return diff.Add(add->key_package.leaf_node()).status();
  }
  if (const auto* update = std::get_if<mls::Update>(&proposal.body)) {
    ENLACE_RETURN_IF_ERROR(ExpectTrue("proposal_sender", diff.HasLeaf(sender)));
    diff.Update(sender, update->leaf_node);
    return absl::OkStatus();
  }
  if (const auto* remove = std::get_if<mls::Remove>(&proposal.body)) {
    ENLACE_RETURN_IF_ERROR(ExpectTrue("removed leaf", diff.HasLeaf(remove->removed)));
    diff.Remove(remove->removed);
    return ExpectTrue("leaves that are left", diff.leaf_width() > 0);
  }
  return InvalidArgument("proposal of a type that does not change the tree");
}

// The hashes of a tree that was changed in place must be those of the same tree read from bytes.
absl::Status ExpectSameHashes(const mls::RatchetTree& tree, const mls::RatchetTree& fresh) {
  ENLACE_RETURN_IF_ERROR(ExpectTrue("width", tree.leaf_width() == fresh.leaf_width()));
  for (mls::NodeIndex node = 0; node < tree.node_width(); ++node) {
    ENLACE_RETURN_IF_ERROR(ExpectEqual("hash of a node", tree.hash(node), fresh.hash(node)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> CheckTreeOperations(const nlohmann::json& object) {
  if (!SuiteKnown(object)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Bytes before, HexField(object, "tree_before"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes hash_before, HexField(object, "tree_hash_before"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes after, HexField(object, "tree_after"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes hash_after, HexField(object, "tree_hash_after"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes proposal_bytes, HexField(object, "proposal"));

  ENLACE_ASSIGN_OR_RETURN(mls::RatchetTree tree, mls::RatchetTree::Parse(before));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree_before", tree.Serialize(), before));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree_hash_before", tree.TreeHash(), hash_before));

  mls::Proposal proposal;
  codec::Reader in(proposal_bytes);
  ENLACE_RETURN_IF_ERROR(mls::Proposal::Read(in, proposal));
  ENLACE_RETURN_IF_ERROR(in.Done());
  mls::TreeDiff diff(tree);
  ENLACE_ASSIGN_OR_RETURN(const uint64_t sender,
                          NumberField(object, "proposal_sender", UINT32_MAX));
  ENLACE_RETURN_IF_ERROR(Apply(proposal, static_cast<mls::LeafIndex>(sender), diff));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree_hash_after", diff.TreeHash(), hash_after));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree below the diff", tree.Serialize(), before));

  tree.Merge(std::move(diff).Take());
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree_after", tree.Serialize(), after));
  ENLACE_ASSIGN_OR_RETURN(const mls::RatchetTree fresh, mls::RatchetTree::Parse(after));
  ENLACE_RETURN_IF_ERROR(ExpectSameHashes(tree, fresh));
  return Outcome::kPassed;
}

}  // namespace

void RegisterTreeOperations(VectorTypes& types) {
  types.push_back({"tree-operations", CheckTreeOperations});
}

}  // namespace enlace::vectors
