// The writes of a group of operations on top of the engine, readable before they are written.
//
// Two layers: the operation that is being decided, and the operations of the group that were kept.
// Reads see both. Dropping an operation forgets its layer; taking the batch gives what was kept as
// one transaction.
//
// Invariants: 1. In a layer, range deletions take effect before its points. 2. Operation layer
// empty between operations. Thread safety: one thread. Ownership: borrows the engine; owns what is
// pending.
#pragma once

#include <optional>
#include <vector>

#include "absl/container/btree_map.h"
#include "storage/engine.h"

namespace enlace::server {

class GroupOverlay final : public storage::ReadView {
 public:
  explicit GroupOverlay(const storage::ReadView& base) : base_(base) {}

  // What an operation decided so far is seen. Errors of the engine.
  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override;
  // Pages follow the engine's: one may hold more rows than asked for by what is pending, or none
  // and still have a rest.
  absl::StatusOr<storage::Page> Scan(const storage::KeyRange& range,
                                     const storage::ScanOptions& options = {}) const override;

  void Put(Bytes key, Bytes value);
  void Put(Bytes key, BytesView value) { Put(std::move(key), ToBytes(value)); }
  void Put(Bytes key, std::string_view value) { Put(std::move(key), ToBytes(value)); }
  void Delete(Bytes key);
  void DeleteRange(const storage::KeyRange& range);

  // Ends the operation: its writes join the group's, or are forgotten.
  void KeepOperation();
  void DropOperation();

  bool empty() const { return group_.empty(); }
  // What the group has kept, as one batch; the writes stay readable until Clear().
  storage::WriteBatch Batch() const;
  // The group is over, one way or the other.
  void Clear();

 private:
  // By bytes; found by a view without a copy of the key.
  struct KeyLess {
    using is_transparent = void;
    bool operator()(BytesView a, BytesView b) const { return AsText(a) < AsText(b); }
  };
  using Points = absl::btree_map<Bytes, std::optional<Bytes>, KeyLess>;

  struct Layer {
    Points points;
    std::vector<storage::KeyRange> deleted;

    bool empty() const { return points.empty() && deleted.empty(); }
    bool Deletes(BytesView key) const;
    void DeleteRange(const storage::KeyRange& range);
    void Clear();
  };

  static void Overlay(const Layer& layer, const storage::KeyRange& range,
                      absl::btree_map<Bytes, Bytes>& rows);

  const storage::ReadView& base_;
  Layer group_;
  Layer operation_;
};

}  // namespace enlace::server
