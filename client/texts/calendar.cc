#include "client/texts/calendar.h"

#include <charconv>
#include <chrono>

namespace enlace::texts {
namespace {

// Exactly `count` digits of `text` from `from` on.
bool TakeDigits(std::string_view text, size_t from, size_t count, unsigned& number) {
  const char* begin = text.data() + from;
  const auto [end, error] = std::from_chars(begin, begin + count, number);
  return error == std::errc() && end == begin + count;
}

}  // namespace

std::optional<int64_t> ParseDay(std::string_view iso_day) {
  unsigned year = 0, month = 0, day = 0;
  if (iso_day.size() != 10 || iso_day[4] != '-' || iso_day[7] != '-') return std::nullopt;
  if (!TakeDigits(iso_day, 0, 4, year) || !TakeDigits(iso_day, 5, 2, month) ||
      !TakeDigits(iso_day, 8, 2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return std::chrono::milliseconds(days).count();
}

DateParts UtcDate(int64_t at_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(at_ms)};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return {static_cast<uint32_t>(static_cast<int>(date.year())), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), false};
}

}  // namespace enlace::texts
