// Workflow steps of an officer: from the wish to signed actions in the outbox.
//
// Promises that a step is asked of the workflow before it is queued, that what a colleague has done
// already is not sent again, and that the answer names who was first.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cases/case_log.h"
#include "client/cases/views.h"
#include "client/delivery/outbox.h"
#include "client/delivery/services.h"

namespace enlace::client {

// What an action did, and the items in the outbox that carry it.
struct Acted {
  ActionOutcome outcome;
  std::vector<std::string> item_ids;
};

class CaseActions {
 public:
  CaseActions(const Services& services, Outbox& outbox) : services_(services), outbox_(outbox) {}

  // Acknowledges everything of the case that waits for `office_id`, or for the device's office that
  // takes part when it is empty. NOT_YOUR_OFFICE, CASE_UNKNOWN, NOTHING_TO_ACKNOWLEDGE,
  // ROLE_MISSING for a national system without an officer, and the workflow's own reasons.
  absl::StatusOr<Acted> Acknowledge(std::string_view case_ref, std::string_view office_id);

  // An officer has the case on the screen: one read receipt per ACTION office that has none yet,
  // and what lists show.
  absl::StatusOr<Acted> MarkRead(std::string_view case_ref);

 private:
  absl::StatusOr<std::string> OfficeFor(const CaseLog& log, std::string_view wanted) const;
  absl::StatusOr<std::string> Queue(VaultTransaction& tx, const CaseLog& log,
                                    const alerts::ActionStep& step);

  const Services& services_;
  Outbox& outbox_;
};

}  // namespace enlace::client
