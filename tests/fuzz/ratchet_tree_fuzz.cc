// A ratchet tree from a peer: what parses encodes to the same bytes, every rule can be asked of it,
// and a change of it gives the tree that its own bytes give.

#include <cstdlib>
#include <utility>

#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/tree_validation.h"
#include "tests/fuzz/heap_limit.h"

namespace enlace::fuzz {
namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

void ChangeAndCompare(mls::RatchetTree& tree) {
  mls::TreeDiff diff(tree);
  mls::LeafIndex member = 0;
  while (!diff.HasLeaf(member)) ++member;
  const mls::LeafNode leaf = diff.leaf(member);
  if (!diff.Add(leaf).ok()) return;
  diff.Remove(member);
  tree.Merge(std::move(diff).Take());
  const auto again = mls::RatchetTree::Parse(tree.Serialize());
  Check(again.ok() && again->TreeHash() == tree.TreeHash());
}

}  // namespace
}  // namespace enlace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace enlace;
  const fuzz::HeapLimit limit;
  const BytesView input(data, size);
  auto tree = mls::RatchetTree::Parse(input);
  if (!tree.ok()) return 0;
  fuzz::Check(EqualBytes(tree->Serialize(), input));
  mls::VerifyParentHashes(*tree).IgnoreError();
  mls::VerifyUniqueKeys(*tree).IgnoreError();
  mls::VerifyMemberCapabilities(*tree, {}).IgnoreError();
  if (tree->MemberCount() > 0) fuzz::ChangeAndCompare(*tree);
  return 0;
}
