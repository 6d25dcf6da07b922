#include "storage/rocksdb/disk_reader.h"

#include <memory>

#include "storage/commit_plan.h"
#include "storage/rocksdb/fault_state.h"

namespace enlace::storage {
namespace {

// Fills `value`; false when the key is absent.
absl::StatusOr<bool> Read(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, BytesView key,
                          rocksdb::PinnableSlice& value) {
  ENLACE_RETURN_IF_ERROR(CheckKey(key));
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  const rocksdb::Status status = db.Get(read, db.DefaultColumnFamily(), SliceOf(key), &value);
  if (status.IsNotFound()) return false;
  ENLACE_RETURN_IF_ERROR(FromRocksDb(status));
  return true;
}

}  // namespace

absl::StatusOr<std::optional<Bytes>> GetRow(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                                            BytesView key) {
  rocksdb::PinnableSlice value;
  ENLACE_ASSIGN_OR_RETURN(const bool found, Read(db, snapshot, key, value));
  if (!found) return std::optional<Bytes>();
  return ToBytes(ViewOf(value));
}

absl::StatusOr<bool> RowMatches(rocksdb::DB& db, const Condition& condition) {
  rocksdb::PinnableSlice value;
  ENLACE_ASSIGN_OR_RETURN(const bool found, Read(db, nullptr, condition.key, value));
  if (!found || !condition.expected) return found == condition.expected.has_value();
  return EqualBytes(ViewOf(value), *condition.expected);
}

absl::StatusOr<Page> ScanRows(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                              const KeyRange& range, const ScanOptions& options) {
  ENLACE_RETURN_IF_ERROR(CheckScan(options));
  PageBuilder page(range, options);
  if (range.empty()) return page.Finish(false);
  const rocksdb::Slice begin = SliceOf(range.begin);
  const rocksdb::Slice end = SliceOf(range.end);
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  read.total_order_seek = true;
  if (!range.begin.empty()) read.iterate_lower_bound = &begin;
  if (!range.end.empty()) read.iterate_upper_bound = &end;

  const std::unique_ptr<rocksdb::Iterator> row(db.NewIterator(read));
  const bool forward = options.order == Order::kForward;
  if (forward) {
    row->SeekToFirst();
  } else {
    row->SeekToLast();
  }
  while (row->Valid() && !page.full()) {
    page.Add(ViewOf(row->key()), options.keys_only ? BytesView{} : ViewOf(row->value()));
    if (forward) {
      row->Next();
    } else {
      row->Prev();
    }
  }
  const bool more = row->Valid();
  ENLACE_RETURN_IF_ERROR(FromRocksDb(row->status()));
  return page.Finish(more);
}

}  // namespace enlace::storage
