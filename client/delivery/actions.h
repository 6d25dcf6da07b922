// Workflow steps of an officer: from the wish to signed actions in the outbox.
//
// Promises that a step is asked of the workflow before it is queued, together with what this device
// has queued already; that the steps an officer means but did not say (acknowledge before accept)
// go with it; that what a colleague has done already is not sent again, and that the answer names
// who was first; and that every action names the digest of the alert that it is about.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/alerts/workflow.h"
#include "client/cases/case_log.h"
#include "client/cases/views.h"
#include "client/delivery/outbox.h"
#include "client/delivery/services.h"
#include "client/delivery/transfers.h"

namespace enlace::client {

// What an action did, and the items in the outbox that carry it.
struct Acted {
  ActionOutcome outcome;
  std::vector<std::string> item_ids;
};

// A workflow step as a command asks for it.
struct StepRequest {
  std::string case_ref;
  // Empty: the device's office that takes part; the origin's for steps that only it makes.
  std::string office_id;
  // Whom a national system acts for; of an officer's own device it must be that officer or empty.
  std::string officer_id;
  // Action, note and what the action needs; ids, office and officer are filled here. Without an
  // alert it is about the one that opened the case.
  alerts::ActionStep step;
  // BCP 47 of the note; empty: the office's first language.
  std::string language;
  // Files that come with an answer.
  std::vector<std::string> attach_paths;
};

class CaseActions {
 public:
  CaseActions(const Services& services, Outbox& outbox, Transfers& transfers)
      : services_(services), outbox_(outbox), transfers_(transfers) {}

  // Acknowledges everything of the case that waits for `office_id`, or for the device's office that
  // takes part when it is empty. NOT_YOUR_OFFICE, CASE_UNKNOWN, NOTHING_TO_ACKNOWLEDGE,
  // OFFICER_REQUIRED for a national system without an officer, and the workflow's own reasons.
  absl::StatusOr<Acted> Acknowledge(const StepRequest& request);

  // Any other step. Reasons as Acknowledge; ALERT_REFUSED with all violations when the action in
  // itself is not complete; FILE_* of attachments.
  absl::StatusOr<Acted> Act(const StepRequest& request);

  // An officer has the case on the screen: one read receipt per ACTION office that has none yet,
  // confirmations of corrections that are shown, and what lists show.
  absl::StatusOr<Acted> MarkRead(std::string_view case_ref);

 private:
  absl::StatusOr<std::string> OfficeFor(const CaseLog& log, const StepRequest& request) const;
  absl::StatusOr<std::string> OfficerFor(const StepRequest& request) const;
  absl::StatusOr<std::vector<alerts::ActionStep>> StepsFor(const CaseLog& log,
                                                           const alerts::ActionStep& wanted,
                                                           Acted& acted) const;
  // What this device did itself and still has in the queue is no fact yet: the items that carry it.
  void NoteStillQueued(Acted& acted) const;
  // OFFICER_NOT_IN_OFFICE, OFFICE_UNKNOWN, OFFICE_UNKNOWN_SUGGESTED: a slip of the hand would give
  // the case to nobody.
  absl::Status CheckNamed(const alerts::ActionStep& step) const;
  absl::Status QueueAll(const CaseLog& log, const StepRequest& request,
                        const std::vector<alerts::ActionStep>& steps, Acted& acted);

  const Services& services_;
  Outbox& outbox_;
  Transfers& transfers_;
};

}  // namespace enlace::client
