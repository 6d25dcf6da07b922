#include <optional>

#include "crypto/mls/tree_math.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using mls::NodeIndex;
using Expected = std::optional<NodeIndex>;

absl::Status ExpectColumn(const nlohmann::json& object, const std::string& name,
                          const std::function<Expected(NodeIndex)>& compute) {
  const nlohmann::json& column = object.at(name);
  ENLACE_RETURN_IF_ERROR(ExpectTrue(name + " count", column.size() == object.at("n_nodes")));
  for (NodeIndex node = 0; node < column.size(); ++node) {
    const Expected expected =
        column[node].is_null() ? Expected() : Expected(column[node].get<NodeIndex>());
    ENLACE_RETURN_IF_ERROR(
        ExpectTrue(name + " of node " + std::to_string(node), compute(node) == expected));
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> CheckTreeMath(const nlohmann::json& object) {
  ENLACE_ASSIGN_OR_RETURN(const uint64_t n_leaves, NumberField(object, "n_leaves", 1u << 24));
  const auto width = static_cast<uint32_t>(n_leaves);
  ENLACE_RETURN_IF_ERROR(ExpectTrue("n_leaves", width > 0 && mls::FullWidth(width) == width));
  const NodeIndex root = mls::Root(width);
  ENLACE_RETURN_IF_ERROR(ExpectTrue("n_nodes", mls::NodeWidth(width) == object.at("n_nodes")));
  ENLACE_RETURN_IF_ERROR(ExpectTrue("root", root == object.at("root")));
  const auto child = [](auto function) {
    return [function](NodeIndex node) {
      return mls::IsLeaf(node) ? Expected() : Expected(function(node));
    };
  };
  const auto above = [root](auto function) {
    return [root, function](NodeIndex node) {
      return node == root ? Expected() : Expected(function(node));
    };
  };
  ENLACE_RETURN_IF_ERROR(ExpectColumn(object, "left", child(mls::Left)));
  ENLACE_RETURN_IF_ERROR(ExpectColumn(object, "right", child(mls::Right)));
  ENLACE_RETURN_IF_ERROR(ExpectColumn(object, "parent", above(mls::Parent)));
  ENLACE_RETURN_IF_ERROR(ExpectColumn(object, "sibling", above(mls::Sibling)));
  return Outcome::kPassed;
}

}  // namespace

void RegisterTreeMath(VectorTypes& types) { types.push_back({"tree-math", CheckTreeMath}); }

}  // namespace enlace::vectors
