// Days of the calendar and instants.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "client/texts/time_format.h"

namespace enlace::texts {

// Midnight UTC of "2026-11-18" in milliseconds since 1970; nothing for another form or a day that
// does not exist.
std::optional<int64_t> ParseDay(std::string_view iso_day);
// The UTC day of an instant.
DateParts UtcDate(int64_t at_ms);

}  // namespace enlace::texts
