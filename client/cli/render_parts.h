// What several screens say in the same words: connection, exercise mark, states of cases.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/merge.h"
#include "client/alerts/workflow.h"
#include "client/cases/views.h"
#include "client/cli/sheet.h"

namespace enlace::client {

// "Online · up to date 3 s ago", or since when there is no connection and what is queued.
std::string ConnectionText(const Freshness& fresh, const Sheet& sheet);
// The first line of a list: for which office it is, and the time here and in UTC.
void DrawOfficeAndTime(const std::vector<std::string>& office_ids, Sheet& sheet);
// The text of a reason with the instant that it names as people here read the clock: "Sat 28 Nov
// 12:14 (UTC-6)". Texts of reasons that name no instant stay as they are.
std::string LocalMessage(std::string_view reason, std::string_view message, const Screen& screen);
// "EXERCISE" or "TEST"; empty for a real case.
std::string MarkWord(int status, const Sheet& sheet);
// "URGENT", "HIGH", "ROUTINE".
std::string PriorityWord(int priority, const Sheet& sheet);
// "20 nov": for remarks beside a value.
std::string DayOf(const Sheet& sheet, int64_t at_ms);
// The old and the new value of a change in the screen's language.
std::string OldText(const alerts::FieldChange& change, const Sheet& sheet);
std::string NewText(const alerts::FieldChange& change, const Sheet& sheet);
// "OPEN", "CLOSED", "WITHDRAWN".
std::string CaseStateWord(alerts::CaseState state, const Sheet& sheet);
// The first lines of a screen about a case that is not real (rule 8); nothing for a real one.
void DrawMark(int status, Sheet& sheet);

}  // namespace enlace::client
