// What the operator reads: two languages side by side, chosen by the locale.
//
// Thread safety: main thread.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace enlace::server {

// True when the locale (LC_ALL, LC_MESSAGES, LANG) is Spanish.
bool SpanishWanted();

// The text in the operator's language.
std::string_view Text(std::string_view english, std::string_view spanish);

// A line to standard error.
void Say(std::string_view line);

// The error with its hint, to standard error; gives kExitFailed or, for data that is damaged,
// kExitNotVerified.
int Complain(const absl::Status& status);

}  // namespace enlace::server
