// What stays of messages whose content was withdrawn: who said when what kind of thing, to whom,
// under which handling. Enough for the workflow to come out the same, and no word of the matter.
//
// Thread safety: pure functions.
#pragma once

#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

// Ids, kinds, times, sender, recipients with roles, handling without notes, links' alert ids.
alert::v1::CaseAlert Redacted(const alert::v1::CaseAlert& alert);
// Everything but note and attachments.
alert::v1::CaseAction Redacted(const alert::v1::CaseAction& action);

}  // namespace enlace::alerts
