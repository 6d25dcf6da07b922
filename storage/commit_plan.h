// Which transactions of a group take effect: limits and conditions, the same for every engine.
//
// Promises that a condition is judged against the store as the accepted transactions before it in
// the group leave it. Nothing is written here.
//
// Thread safety: one thread, inside an engine's commit lock. Ownership: borrows the items.
#pragma once

#include <functional>
#include <vector>

#include "storage/engine.h"

namespace enlace::storage {

// Whether `condition` holds in the committed state; an error when that can't be read.
using ConditionCheck = std::function<absl::StatusOr<bool>(const Condition& condition)>;

struct CommitPlan {
  // Per item; OK for those that are to be written.
  std::vector<absl::Status> results;
  // The writes of the items whose result is OK and that write anything, in order.
  std::vector<const WriteBatch*> accepted;

  // Whether anybody is to be told OK, so that a write, or a sync of what was buffered, is due.
  bool AnyAccepted() const;
  // The outcome of the one write: becomes the result of every item that was to be written.
  void Settle(const absl::Status& outcome);
};

// `puts_allowed` false: the disk is nearly full and only batches that say so are accepted
// (WriteBatch::allowed_on_full_disk).
CommitPlan PlanCommit(std::span<const CommitItem> items, bool puts_allowed,
                      const ConditionCheck& holds);

// INVALID_ARGUMENT when `key` is empty or longer than kKeyBytesMax.
absl::Status CheckKey(BytesView key);

// INVALID_ARGUMENT when the options exceed the limits of a page or ask for no row.
absl::Status CheckScan(const ScanOptions& options);

// Collects a page: Add() rows in scan order until full(), then Finish() with whether a further row
// exists.
class PageBuilder {
 public:
  PageBuilder(const KeyRange& range, const ScanOptions& options)
      : range_(range), options_(options) {}

  bool full() const {
    return page_.rows.size() >= options_.rows_max ||
           (!page_.rows.empty() && bytes_ >= options_.bytes_max);
  }
  void Add(BytesView key, BytesView value);
  Page Finish(bool more);

 private:
  const KeyRange& range_;
  const ScanOptions& options_;
  Page page_;
  size_t bytes_ = 0;
};

}  // namespace enlace::storage
