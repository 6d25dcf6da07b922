// What the committer needs of the core: the writes of a group and their outcome.
//
// Exists so that the order of events around a commit can be tested without the core. CoreGroupState
// is the product's.
//
// Thread safety: the committer's thread only. Ownership: as the implementation says.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/core/group_effects.h"
#include "storage/write_batch.h"

namespace enlace::server {

class GroupState {
 public:
  virtual ~GroupState() = default;

  virtual bool has_writes() const = 0;
  virtual storage::WriteBatch TakeBatch() = 0;
  // Exactly one of the two ends each group.
  virtual GroupEffects Committed() = 0;
  virtual void Abandon() = 0;
  // Adds the next slice of a large fan-out to the group; true when more waits.
  virtual absl::StatusOr<bool> ContinueFanOut(int64_t now_ms) = 0;
};

}  // namespace enlace::server
