// One workflow step as an item of the outbox.
//
// Thread safety: the engine's thread. Ownership: borrows for the call.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/alerts/workflow.h"
#include "client/cases/case_log.h"
#include "client/delivery/outbox.h"
#include "client/delivery/services.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

// The case with what this device has queued for it played on top, as if it had been accepted now.
absl::StatusOr<CaseLog> LoadCaseLogAhead(const Services& services, const Outbox& outbox,
                                         std::string_view case_ref);

// The refusal as an error: its reason, and what its texts name, in both languages.
absl::Status ErrorOf(const alerts::Refusal& refusal);

// The action that carries `step` of this device: fresh id, digest of the alert, clock, country of
// the office.
alert::v1::CaseAction ActionOf(const Services& services, const CaseLog& log,
                               const alerts::ActionStep& step);

// An outbox item for an action; without attachments.
vault::v1::OutboxItem ItemForAction(const CaseLog& log, const alert::v1::ActionContent& action);

}  // namespace enlace::client
