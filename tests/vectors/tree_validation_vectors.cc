#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

absl::Status ExpectHashes(const mls::RatchetTree& tree, const nlohmann::json& expected) {
  ENLACE_RETURN_IF_ERROR(ExpectTrue("tree_hashes count", expected.size() == tree.node_width()));
  for (mls::NodeIndex node = 0; node < tree.node_width(); ++node) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes hash, FromHex(expected[node].get<std::string>()));
    ENLACE_RETURN_IF_ERROR(
        ExpectEqual("tree hash of node " + std::to_string(node), tree.hash(node), hash));
  }
  return absl::OkStatus();
}

absl::Status ExpectResolutions(const mls::RatchetTree& tree, const nlohmann::json& expected) {
  ENLACE_RETURN_IF_ERROR(ExpectTrue("resolutions count", expected.size() == tree.node_width()));
  for (mls::NodeIndex node = 0; node < tree.node_width(); ++node) {
    const auto resolution = expected[node].get<std::vector<mls::NodeIndex>>();
    ENLACE_RETURN_IF_ERROR(ExpectTrue("resolution of node " + std::to_string(node),
                                      tree.Resolution(node) == resolution));
    ENLACE_RETURN_IF_ERROR(ExpectTrue("emptiness of the resolution of " + std::to_string(node),
                                      tree.ResolutionEmpty(node) == resolution.empty()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> CheckTreeValidation(const nlohmann::json& object) {
  if (!SuiteKnown(object)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, HexField(object, "tree"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes group_id, HexField(object, "group_id"));
  ENLACE_ASSIGN_OR_RETURN(const mls::RatchetTree tree, mls::RatchetTree::Parse(bytes));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree", tree.Serialize(), bytes));
  ENLACE_RETURN_IF_ERROR(ExpectHashes(tree, object.at("tree_hashes")));
  ENLACE_RETURN_IF_ERROR(ExpectResolutions(tree, object.at("resolutions")));
  ENLACE_RETURN_IF_ERROR(mls::VerifyParentHashes(tree));
  ENLACE_RETURN_IF_ERROR(mls::VerifyUniqueKeys(tree));
  ENLACE_RETURN_IF_ERROR(mls::VerifyLeafSignatures(tree, group_id, nullptr));
  return Outcome::kPassed;
}

}  // namespace

void RegisterTreeValidation(VectorTypes& types) {
  types.push_back({"tree-validation", CheckTreeValidation});
}

}  // namespace enlace::vectors
