// Reading and writing records: protobuf messages as values of the store.
//
// Promises that a record that does not parse is DATA_LOSS/STORAGE_DAMAGED, never taken for an
// absent or empty one.
//
// Thread safety: free functions without state. Ownership: values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/core/group_overlay.h"
#include "storage/engine.h"

namespace enlace::server {

inline absl::Status DamagedRecord(BytesView key) {
  return MakeError(Reason::kStorageDamaged, {{"what", "record " + ToHex(key)}});
}

template <typename Record>
absl::StatusOr<Record> ParseRecord(BytesView key, BytesView value) {
  Record record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return DamagedRecord(key);
  return record;
}

// The record under `key`, or nullopt.
template <typename Record>
absl::StatusOr<std::optional<Record>> ReadRecord(const storage::ReadView& view, BytesView key) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> value, view.Get(key));
  if (!value) return std::optional<Record>();
  ENLACE_ASSIGN_OR_RETURN(Record record, ParseRecord<Record>(key, *value));
  return std::optional<Record>(std::move(record));
}

template <typename Record>
void WriteRecord(GroupOverlay& store, Bytes key, const Record& record) {
  Bytes value(record.ByteSizeLong());
  record.SerializeWithCachedSizesToArray(value.data());
  store.Put(std::move(key), std::move(value));
}

// Calls visit(const storage::Row&) for every row of `range`, in order; it returns false to stop, or
// an error, which is passed on.
using RowVisitor = std::function<absl::StatusOr<bool>(const storage::Row& row)>;
absl::Status ForEachRow(const storage::ReadView& view, const storage::KeyRange& range,
                        const RowVisitor& visit);

// The first rows of `range`, at most `count_max`: for walks that change what they walk over.
absl::StatusOr<std::vector<storage::Row>> FirstRows(const storage::ReadView& view,
                                                    const storage::KeyRange& range,
                                                    size_t count_max);

// The first row of `range` in `order`, or nullopt.
absl::StatusOr<std::optional<storage::Row>> FirstRow(
    const storage::ReadView& view, const storage::KeyRange& range,
    storage::Order order = storage::Order::kForward);

// `text` as what a proto's bytes field holds.
inline std::string BytesField(BytesView bytes) { return std::string(AsText(bytes)); }

}  // namespace enlace::server
