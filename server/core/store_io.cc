#include "server/core/store_io.h"

namespace enlace::server {

absl::Status ForEachRow(const storage::ReadView& view, const storage::KeyRange& range,
                        const RowVisitor& visit) {
  std::optional<storage::KeyRange> rest = range;
  while (rest) {
    ENLACE_ASSIGN_OR_RETURN(const storage::Page page, view.Scan(*rest));
    for (const storage::Row& row : page.rows) {
      ENLACE_ASSIGN_OR_RETURN(const bool more, visit(row));
      if (!more) return absl::OkStatus();
    }
    rest = page.rest;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<storage::Row>> FirstRows(const storage::ReadView& view,
                                                    const storage::KeyRange& range,
                                                    size_t count_max) {
  std::vector<storage::Row> rows;
  const absl::Status walked =
      ForEachRow(view, range, [&](const storage::Row& row) -> absl::StatusOr<bool> {
        if (rows.size() < count_max) rows.push_back(row);
        return rows.size() < count_max;
      });
  if (!walked.ok()) return walked;
  return rows;
}

absl::StatusOr<std::optional<storage::Row>> FirstRow(const storage::ReadView& view,
                                                     const storage::KeyRange& range,
                                                     storage::Order order) {
  storage::ScanOptions options;
  options.order = order;
  options.rows_max = 1;
  std::optional<storage::KeyRange> rest = range;
  while (rest) {
    ENLACE_ASSIGN_OR_RETURN(storage::Page page, view.Scan(*rest, options));
    if (!page.rows.empty()) return std::optional<storage::Row>(std::move(page.rows.front()));
    rest = page.rest;
  }
  return std::optional<storage::Row>();
}

}  // namespace enlace::server
