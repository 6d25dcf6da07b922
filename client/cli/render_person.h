// The persons of a case and what changed about them. Internal to the screens.
//
// Thread safety: pure functions.
#pragma once

#include "client/cases/views.h"
#include "client/cli/sheet.h"

namespace enlace::client {

void DrawPersons(const CaseView& view, Sheet& sheet);
void DrawEvents(const CaseView& view, Sheet& sheet);
// The typed block of the alert: missing, child, detention ...
void DrawDetail(const CaseView& view, Sheet& sheet);

// " (before X, corrected by OFFICE DAY)" when the field has an older value, else empty.
std::string OldValueOf(const CaseView& view, std::string_view field, const Sheet& sheet);

}  // namespace enlace::client
