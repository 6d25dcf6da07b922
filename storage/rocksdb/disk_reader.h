// Reads of a RocksDB store, at its newest state or at a snapshot.
//
// Thread safety: free functions; the database locks for itself.
#pragma once

#include <rocksdb/db.h>

#include "storage/engine.h"

namespace enlace::storage {

inline rocksdb::Slice SliceOf(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline BytesView ViewOf(const rocksdb::Slice& slice) {
  return {reinterpret_cast<const uint8_t*>(slice.data()), slice.size()};
}

// As ReadView's; `snapshot` null is the newest state.
absl::StatusOr<std::optional<Bytes>> GetRow(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                                            BytesView key);
absl::StatusOr<Page> ScanRows(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                              const KeyRange& range, const ScanOptions& options);

// Whether `condition` holds in the newest state.
absl::StatusOr<bool> RowMatches(rocksdb::DB& db, const Condition& condition);

}  // namespace enlace::storage
