#include "server/core/group_overlay.h"

#include <algorithm>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::server {

absl::StatusOr<std::optional<Bytes>> GroupOverlay::Get(BytesView key) const {
  const auto found = by_key_.find(AsText(key));
  if (found != by_key_.end() && found->second->says != Says::kNothing) {
    const Point& point = *found->second;
    if (point.says == Says::kGone) return std::optional<Bytes>();
    return std::optional<Bytes>(ToBytes(point.value.view()));
  }
  if (Deletes(key)) return std::optional<Bytes>();
  return base_.Get(key);
}

void GroupOverlay::Overlay(const storage::KeyRange& range,
                           absl::btree_map<Bytes, Bytes>& rows) const {
  for (const storage::KeyRange& gone : deleted_) {
    auto last = gone.end.empty() ? rows.end() : rows.lower_bound(gone.end);
    rows.erase(rows.lower_bound(gone.begin), last);
  }
  ForEachIn(range, [&rows](const Point& point) {
    if (point.says == Says::kValue) rows[point.key] = ToBytes(point.value.view());
    if (point.says == Says::kGone) rows.erase(point.key);
  });
}

absl::StatusOr<storage::Page> GroupOverlay::Scan(const storage::KeyRange& range,
                                                 const storage::ScanOptions& options) const {
  ENLACE_ASSIGN_OR_RETURN(storage::Page page, base_.Scan(range, options));
  if (empty()) return page;
  // What of the range this page covers: the pending rows of the rest belong to later pages.
  storage::KeyRange covered = range;
  if (page.rest && options.order == storage::Order::kForward) covered.end = page.rest->begin;
  if (page.rest && options.order == storage::Order::kReverse) covered.begin = page.rest->end;
  absl::btree_map<Bytes, Bytes> rows;
  for (storage::Row& row : page.rows) rows.emplace(std::move(row.key), std::move(row.value));
  Overlay(covered, rows);
  page.rows.clear();
  for (auto& [key, value] : rows) {
    page.rows.push_back({key, options.keys_only ? Bytes() : std::move(value)});
  }
  if (options.order == storage::Order::kReverse) {
    std::reverse(page.rows.begin(), page.rows.end());
  }
  return page;
}

void GroupOverlay::Put(Bytes key, Bytes value) {
  Set(std::move(key), {.own = std::move(value), .owner = nullptr, .part = {}}, Says::kValue);
}

void GroupOverlay::Put(Bytes key, std::shared_ptr<const std::string> owner, BytesView value) {
  Set(std::move(key), {.own = {}, .owner = std::move(owner), .part = value}, Says::kValue);
}

void GroupOverlay::Delete(Bytes key) { Set(std::move(key), {}, Says::kGone); }

void GroupOverlay::DeleteRange(const storage::KeyRange& range) {
  if (range.empty()) return;
  ForEachIn(range, [this](Point& point) {
    if (point.says != Says::kNothing) Change(point, {}, Says::kNothing);
  });
  deleted_.push_back(range);
}

void GroupOverlay::Set(Bytes key, Value value, Says says) {
  const auto found = by_key_.find(AsText(key));
  if (found != by_key_.end()) return Change(*found->second, std::move(value), says);
  Point& point = points_.emplace_back(Point{.key = std::move(key), .value = {}});
  by_key_.emplace(AsText(point.key), &point);
  Change(point, std::move(value), says);
}

void GroupOverlay::Change(Point& point, Value value, Says says) {
  if (point.says != Says::kNothing) --telling_;
  if (says != Says::kNothing) ++telling_;
  undo_.push_back({&point, std::exchange(point.value, std::move(value)), point.says});
  point.says = says;
}

bool GroupOverlay::Deletes(BytesView key) const {
  return std::any_of(deleted_.begin(), deleted_.end(),
                     [key](const storage::KeyRange& range) { return range.Contains(key); });
}

const std::vector<GroupOverlay::Point*>& GroupOverlay::Ordered() const {
  const auto before = [](const Point* a, const Point* b) {
    return AsText(a->key) < AsText(b->key);
  };
  const size_t merged = ordered_.size();
  if (merged == points_.size()) return ordered_;
  ordered_.reserve(points_.size());
  for (size_t i = merged; i < points_.size(); ++i)
    ordered_.push_back(const_cast<Point*>(&points_[i]));
  const auto middle = ordered_.begin() + static_cast<std::ptrdiff_t>(merged);
  std::sort(middle, ordered_.end(), before);
  std::inplace_merge(ordered_.begin(), middle, ordered_.end(), before);
  return ordered_;
}

size_t GroupOverlay::LowerBound(BytesView key) const {
  const std::vector<Point*>& ordered = Ordered();
  const auto found = std::lower_bound(
      ordered.begin(), ordered.end(), key,
      [](const Point* point, BytesView bound) { return AsText(point->key) < AsText(bound); });
  return static_cast<size_t>(found - ordered.begin());
}

template <typename Visitor>
void GroupOverlay::ForEachIn(const storage::KeyRange& range, Visitor&& visit) const {
  const size_t end = range.end.empty() ? points_.size() : LowerBound(range.end);
  for (size_t i = LowerBound(range.begin); i < end; ++i) visit(*ordered_[i]);
}

void GroupOverlay::KeepOperation() {
  undo_.clear();
  kept_ranges_ = deleted_.size();
}

void GroupOverlay::DropOperation() {
  for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
    Point& point = *change->point;
    if (point.says != Says::kNothing) --telling_;
    if (change->says != Says::kNothing) ++telling_;
    point.value = std::move(change->value);
    point.says = change->says;
  }
  undo_.clear();
  deleted_.resize(kept_ranges_);
}

storage::WriteBatch GroupOverlay::Batch() const {
  storage::WriteBatch batch;
  batch.Reserve(points_.size() + deleted_.size(), 0);
  for (const storage::KeyRange& range : deleted_) batch.DeleteRange(range);
  // In the order of keys: neighbours are quick to put into the engine's memory.
  for (const Point* point : Ordered()) {
    if (point->says == Says::kValue) batch.PutBorrowed(point->key, point->value.view());
    if (point->says == Says::kGone) batch.Delete(point->key);
  }
  return batch;
}

void GroupOverlay::Clear() {
  undo_.clear();
  // The next group is likely to be as large.
  const size_t keys = by_key_.size();
  by_key_.clear();
  by_key_.reserve(keys);
  ordered_.clear();
  points_.clear();
  deleted_.clear();
  kept_ranges_ = 0;
  telling_ = 0;
}

}  // namespace enlace::server
