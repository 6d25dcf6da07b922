#include "server/core/group_overlay.h"

#include <algorithm>

#include "crypto/primitives/status.h"

namespace enlace::server {

bool GroupOverlay::Layer::Deletes(BytesView key) const {
  return std::any_of(deleted.begin(), deleted.end(),
                     [key](const storage::KeyRange& range) { return range.Contains(key); });
}

void GroupOverlay::Layer::DeleteRange(const storage::KeyRange& range) {
  if (range.empty()) return;
  auto first = points.lower_bound(range.begin);
  auto last = range.end.empty() ? points.end() : points.lower_bound(range.end);
  points.erase(first, last);
  deleted.push_back(range);
}

void GroupOverlay::Layer::Clear() {
  points.clear();
  deleted.clear();
}

absl::StatusOr<std::optional<Bytes>> GroupOverlay::Get(BytesView key) const {
  for (const Layer* layer : {&operation_, &group_}) {
    if (const auto found = layer->points.find(key); found != layer->points.end()) {
      return found->second;
    }
    if (layer->Deletes(key)) return std::optional<Bytes>();
  }
  return base_.Get(key);
}

void GroupOverlay::Overlay(const Layer& layer, const storage::KeyRange& range,
                           absl::btree_map<Bytes, Bytes>& rows) {
  for (const storage::KeyRange& gone : layer.deleted) {
    auto last = gone.end.empty() ? rows.end() : rows.lower_bound(gone.end);
    rows.erase(rows.lower_bound(gone.begin), last);
  }
  for (auto point = layer.points.lower_bound(range.begin);
       point != layer.points.end() && range.Contains(point->first); ++point) {
    if (point->second) {
      rows[point->first] = *point->second;
    } else {
      rows.erase(point->first);
    }
  }
}

absl::StatusOr<storage::Page> GroupOverlay::Scan(const storage::KeyRange& range,
                                                 const storage::ScanOptions& options) const {
  ENLACE_ASSIGN_OR_RETURN(storage::Page page, base_.Scan(range, options));
  if (group_.empty() && operation_.empty()) return page;
  // What of the range this page covers: the pending rows of the rest belong to later pages.
  storage::KeyRange covered = range;
  if (page.rest && options.order == storage::Order::kForward) covered.end = page.rest->begin;
  if (page.rest && options.order == storage::Order::kReverse) covered.begin = page.rest->end;
  absl::btree_map<Bytes, Bytes> rows;
  for (storage::Row& row : page.rows) rows.emplace(std::move(row.key), std::move(row.value));
  Overlay(group_, covered, rows);
  Overlay(operation_, covered, rows);
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
  operation_.points.insert_or_assign(std::move(key), std::move(value));
}

void GroupOverlay::Delete(Bytes key) {
  operation_.points.insert_or_assign(std::move(key), std::nullopt);
}

void GroupOverlay::DeleteRange(const storage::KeyRange& range) { operation_.DeleteRange(range); }

void GroupOverlay::KeepOperation() {
  for (const storage::KeyRange& range : operation_.deleted) group_.DeleteRange(range);
  Points& points = operation_.points;
  while (!points.empty()) {
    // Moves the key as well.
    auto moved = group_.points.insert(points.extract(points.begin()));
    if (!moved.inserted) moved.position->second = std::move(moved.node.mapped());
  }
  operation_.Clear();
}

void GroupOverlay::DropOperation() { operation_.Clear(); }

storage::WriteBatch GroupOverlay::Batch() const {
  storage::WriteBatch batch;
  for (const storage::KeyRange& range : group_.deleted) batch.DeleteRange(range);
  for (const auto& [key, value] : group_.points) {
    if (value) {
      batch.Put(key, *value);
    } else {
      batch.Delete(key);
    }
  }
  return batch;
}

void GroupOverlay::Clear() {
  group_.Clear();
  operation_.Clear();
}

}  // namespace enlace::server
