// Building a RatchetTree from bytes, RFC 9420 section 12.4.3.3.
//
// Internal to the tree: callers use RatchetTree::Parse and FromNodes. Promises the structural
// invariants of ratchet_tree.h and that hashes are taken over the bytes that were read, without
// writing them again.
//
// Thread safety: functions without state.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/ratchet_tree.h"

namespace enlace::mls {

class TreeReader {
 public:
  static absl::StatusOr<RatchetTree> Parse(BytesView extension_data);
  static absl::StatusOr<RatchetTree> FromNodes(uint32_t leaf_width,
                                               std::span<const RatchetTree::SavedNode> nodes);

 private:
  // Reads one `Node` into its place and hashes a leaf.
  static absl::Status ReadNode(codec::Reader& in, NodeIndex node, RatchetTree& tree);
  // Hashes of blank leaves and of all parents, orders and counts.
  static void Finish(RatchetTree& tree);
};

// Node of section 12.4.3.3: its type, then the leaf or parent. The node is not blank.
void WriteNode(const TreeView& tree, NodeIndex node, codec::Writer& out);

}  // namespace enlace::mls
