// Times as people write them.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "client/texts/time_format.h"

namespace enlace::alerts {

// Milliseconds since 1970 of an RFC 3339 time, or of a local one without offset in `zone`
// ("2026-11-18T06:00", "2026-11-18 06:00", with seconds or without); nothing for anything else. A
// local time that summer time skips is read with the offset that holds after it.
std::optional<int64_t> ParseTimeIn(std::string_view text, const texts::Zone& zone);

}  // namespace enlace::alerts
