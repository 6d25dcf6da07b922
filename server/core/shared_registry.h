// The registry with its lock: written by the committer, read by every call.
//
// Promises that who may call is judged by everything that was applied, and that heads, proofs and
// lists cover only what is durable. The committer may read without the lock, since it alone writes.
//
// Invariants: 1. durable_size() <= registry size. 2. The entries of the registry are those of the
// store and of the group that is being decided. Thread safety: as each function says. Ownership:
// owns the registry.
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "absl/status/status.h"
#include "crypto/identity/registry.h"
#include "storage/engine.h"

namespace enlace::server {

class SharedRegistry {
 public:
  explicit SharedRegistry(const merkle::Hash& charter_root)
      : charter_root_(charter_root), registry_(charter_root) {}

  // Committer only. Reads the log again, without signatures, which were verified when it was
  // written. DATA_LOSS when an entry is missing, or refused. The durable size stays.
  absl::Status Load(const storage::ReadView& view);
  // Committer only. Errors as Registry::Apply; nothing changes then.
  absl::Status Append(BytesView entry);
  // Committer only: the newest state, without lock.
  const identity::Registry& latest() const { return registry_; }
  // Committer only: what was applied so far is durable.
  void SetDurable() { durable_size_ = registry_.size(); }

  // Any thread.
  uint64_t durable_size() const { return durable_size_; }
  // Any thread: log indexes of the charters, those of the durable part only.
  std::vector<uint64_t> CharterIndexes() const;
  // Any thread: calls read(const Registry&) under the shared lock and returns its result.
  template <typename Read>
  auto With(Read&& read) const {
    const std::shared_lock lock(mutex_);
    return read(static_cast<const identity::Registry&>(registry_));
  }

 private:
  const merkle::Hash charter_root_;
  mutable std::shared_mutex mutex_;
  identity::Registry registry_;
  std::vector<uint64_t> charter_indexes_;
  std::atomic<uint64_t> durable_size_ = 0;
};

}  // namespace enlace::server
