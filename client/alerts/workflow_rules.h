// The table of DOMAIN.md: which step each state allows, and what it changes. Internal to the
// folder.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/alerts/workflow.h"

namespace enlace::alerts {

// The actor of the step against the office and officer that signed it.
std::optional<Refusal> CheckActor(const LogFacts& facts, const ActionStep& step);
// Whether an alert belongs to this case and comes from a party of it.
std::optional<Refusal> CheckMessage(const CaseTable& table, const LogFacts& facts,
                                    const alert::v1::CaseAlert& alert);
// Whether the table allows the step.
std::optional<Refusal> CheckRules(const CaseTable& table, const Permissions& permissions,
                                  const ActionStep& step);
// Makes the change of a step that CheckRules allowed.
void ApplyRules(const LogFacts& facts, const ActionStep& step, CaseTable& table,
                Permissions& permissions);

Refusal RefuseLateExtension(const Row& row);

}  // namespace enlace::alerts
