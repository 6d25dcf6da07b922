// The half of CaseReader that prepares writing.

#include <algorithm>

#include "client/alerts/merge.h"
#include "client/alerts/template.h"
#include "client/cases/case_log.h"
#include "client/cases/case_reader.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::StatusOr<std::string> CaseReader::UpdateTemplate(std::string_view case_ref,
                                                       texts::Language language) const {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault_, case_ref));
  if (log.ordered.empty())
    return MakeError(Reason::kCaseUnknown, {{"case", std::string(case_ref)}});
  ENLACE_ASSIGN_OR_RETURN(const std::vector<std::string> mine, MyOffices());
  const auto is_mine = [&](const std::string& office) {
    return std::find(mine.begin(), mine.end(), office) != mine.end();
  };
  const alerts::CaseTable& table = log.workflow.table();
  std::vector<std::pair<std::string, int>> others;
  if (!is_mine(table.origin_office_id))
    others.emplace_back(table.origin_office_id, alert::v1::ROLE_ACTION);
  for (const alerts::Row& row : table.rows) {
    if (row.alert_id == table.opening_alert_id && !is_mine(row.office_id))
      others.emplace_back(row.office_id, row.role);
  }
  return alerts::UpdateTemplate(alerts::MergeAlerts(log.ordered), others, language);
}

}  // namespace enlace::client
