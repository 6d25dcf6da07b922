// The core as the committer sees it.
//
// Thread safety: the committer's thread. Ownership: borrows the core.
#pragma once

#include "server/committer/group_state.h"
#include "server/core/core.h"

namespace enlace::server {

class CoreGroupState : public GroupState {
 public:
  explicit CoreGroupState(Core& core) : core_(core) {}

  bool has_writes() const override { return core_.has_writes(); }
  storage::WriteBatch TakeBatch() override { return core_.TakeBatch(); }
  GroupEffects Committed() override { return core_.Committed(); }
  void Abandon() override { core_.Abandon(); }
  absl::StatusOr<bool> ContinueFanOut(int64_t now_ms) override {
    return core_.ContinueFanOut(now_ms);
  }

 private:
  Core& core_;
};

}  // namespace enlace::server
