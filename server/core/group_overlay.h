// The writes of a group of operations on top of the engine, readable before they are written.
//
// Reads see what the group kept and what the operation that is being decided has written so far.
// Each change of an operation notes what stood there before, so that dropping it takes its changes
// back and keeping it costs nothing; taking the batch gives what was kept as one transaction.
//
// Invariants: 1. Range deletions take effect before the points: a range takes what points say of
// its keys with it. 2. Between operations there is nothing to undo. 3. A key has one point at most.
// Thread safety: one thread, also for reading: what is found first is put in order then. Ownership:
// borrows the engine; owns what is pending.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
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
  // The same without a copy: `value` lies in `owner`, which the group shares until Clear().
  void Put(Bytes key, std::shared_ptr<const std::string> owner, BytesView value);
  void Delete(Bytes key);
  void DeleteRange(const storage::KeyRange& range);

  // Ends the operation: its writes join the group's, or are forgotten.
  void KeepOperation();
  void DropOperation();

  // Whether there is nothing to write.
  bool empty() const { return telling_ == 0 && deleted_.empty(); }
  // What the group has kept, as one batch, which borrows it until Clear(); so long the writes stay
  // readable.
  storage::WriteBatch Batch() const;
  // The group is over, one way or the other.
  void Clear();

 private:
  // What is said of a key: nothing (any more), that it is gone, or its value.
  enum class Says : uint8_t { kNothing, kGone, kValue };
  // Its own, or a part of what others share too.
  struct Value {
    Bytes own;
    std::shared_ptr<const std::string> owner;
    BytesView part;

    BytesView view() const { return owner == nullptr ? BytesView(own) : part; }
  };
  struct Point {
    Bytes key;
    Value value;
    Says says = Says::kNothing;
  };
  // What a point said before the operation changed it.
  struct Undo {
    Point* point;
    Value value;
    Says says;
  };

  void Set(Bytes key, Value value, Says says);
  void Change(Point& point, Value value, Says says);
  bool Deletes(BytesView key) const;
  // All points in the order of their keys.
  const std::vector<Point*>& Ordered() const;
  // Where the first point that is not before `key` stands in it.
  size_t LowerBound(BytesView key) const;
  // Calls visit(Point&) for the points of `range` in order.
  template <typename Visitor>
  void ForEachIn(const storage::KeyRange& range, Visitor&& visit) const;
  void Overlay(const storage::KeyRange& range, absl::btree_map<Bytes, Bytes>& rows) const;

  const storage::ReadView& base_;
  // Points stay where they are; the map's keys are views of theirs.
  std::deque<Point> points_;
  absl::flat_hash_map<std::string_view, Point*> by_key_;
  // In the order of keys, but for the newest of points_, which are merged in when they are looked
  // for.
  mutable std::vector<Point*> ordered_;
  // Ranges that are deleted, the operation's after kept_ranges_.
  std::vector<storage::KeyRange> deleted_;
  size_t kept_ranges_ = 0;
  std::vector<Undo> undo_;
  // Points that say something.
  size_t telling_ = 0;
};

}  // namespace enlace::server
