// The screens of CLI.md, drawn from the plain views of client/cases/views.h.
//
// Pure functions: the same view and screen give the same lines. Promises that no line is wider than
// the screen in display columns, that everything a person or a peer wrote is escaped, that nothing
// is told by colour alone, and that lists show no name of a person.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/alerts/violation.h"
#include "client/cases/views.h"
#include "client/cli/screen.h"

namespace enlace::client {

Page RenderInbox(const InboxView& view, const Screen& screen);
// `show`: the newest picture, then the history.
Page RenderCase(const CaseView& view, const Screen& screen);
// `status CASE`: the sender's table.
Page RenderStatus(const StatusView& view, const Screen& screen);
// `status`: this machine.
Page RenderMachine(const MachineView& view, const Screen& screen);
// `attachment CASE`: the list.
Page RenderAttachments(const CaseView& view, const Screen& screen);
Page RenderSend(const SendOutcome& outcome, const Screen& screen);
// What a workflow verb did.
Page RenderStep(const ActionOutcome& outcome, const Screen& screen);
// `check` and refusals: numbered errors, then warnings.
Page RenderViolations(const std::string& file_name, const alerts::Violations& violations,
                      const Screen& screen);
// One line for `watch`, cut to the screen's columns: no names, no subject.
std::string RenderWatchLine(const InboxRow& row, const Screen& screen);
// One line for a deadline of another office that passed.
std::string RenderDeadlineLine(const DeadlineNews& news, const Screen& screen);

// The objects of --output json; codes as the model's words, times as RFC 3339.
nlohmann::json JsonOf(const InboxView& view);
nlohmann::json JsonOf(const InboxRow& row);
nlohmann::json JsonOf(const DeadlineNews& news);
nlohmann::json JsonOf(const CaseView& view);
nlohmann::json JsonOf(const StatusView& view);
nlohmann::json JsonOf(const MachineView& view);
nlohmann::json JsonOf(const SendOutcome& outcome, texts::Language language);
nlohmann::json JsonOf(const ActionOutcome& outcome);
nlohmann::json AttachmentsJson(const CaseView& view);
nlohmann::json JsonOf(const alerts::Violations& violations, texts::Language language);

}  // namespace enlace::client
