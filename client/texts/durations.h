// Milliseconds of a second, a minute, an hour and a day of 24 hours.
//
// Thread safety: constants.
#pragma once

#include <cstdint>

namespace enlace {

inline constexpr int64_t kSecondMs = 1000;
inline constexpr int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;

}  // namespace enlace
