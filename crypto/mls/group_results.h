// Results that contain a Group: joins and subgroups.
//
// Thread safety: as a value's. Ownership: move-only values.
#pragma once

#include "crypto/mls/group.h"

namespace enlace::mls {

struct JoinedGroup {
  Group group;
  ExtensionList group_info_extensions;  // Of the GroupInfo that the Welcome held.
  LeafIndex signer = 0;                 // Who made the Welcome.
};

struct ExternalJoin {
  Group group;                      // Pending until its Commit is processed.
  Bytes commit;                     // MLSMessage
  std::optional<Bytes> group_info;  // MLSMessage
  CommitSummary summary;
};

struct Subgroup {
  Group group;
  CommitBundle commit;
};

}  // namespace enlace::mls
