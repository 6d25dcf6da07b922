#include "client/texts/time_format.h"

#include <unicode/locid.h>
#include <unicode/timezone.h>
#include <unicode/tznames.h>
#include <unicode/unistr.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "client/texts/durations.h"

namespace enlace::texts {
namespace {

// Below this a span shows hours and minutes, from it on days.
constexpr int64_t kDaysFromMs = 2 * kDayMs;

constexpr std::array<std::string_view, 7> kWeekdays = {
    ENLACE_TEXT_IN("weekday", "Sun"), ENLACE_TEXT_IN("weekday", "Mon"),
    ENLACE_TEXT_IN("weekday", "Tue"), ENLACE_TEXT_IN("weekday", "Wed"),
    ENLACE_TEXT_IN("weekday", "Thu"), ENLACE_TEXT_IN("weekday", "Fri"),
    ENLACE_TEXT_IN("weekday", "Sat")};
constexpr std::array<std::string_view, 12> kMonths = {
    ENLACE_TEXT_IN("month", "Jan"), ENLACE_TEXT_IN("month", "Feb"), ENLACE_TEXT_IN("month", "Mar"),
    ENLACE_TEXT_IN("month", "Apr"), ENLACE_TEXT_IN("month", "May"), ENLACE_TEXT_IN("month", "Jun"),
    ENLACE_TEXT_IN("month", "Jul"), ENLACE_TEXT_IN("month", "Aug"), ENLACE_TEXT_IN("month", "Sep"),
    ENLACE_TEXT_IN("month", "Oct"), ENLACE_TEXT_IN("month", "Nov"), ENLACE_TEXT_IN("month", "Dec")};
constexpr std::array<std::string_view, 12> kLongMonths = {
    ENLACE_TEXT_IN("whole month", "January"),   ENLACE_TEXT_IN("whole month", "February"),
    ENLACE_TEXT_IN("whole month", "March"),     ENLACE_TEXT_IN("whole month", "April"),
    ENLACE_TEXT_IN("whole month", "May"),       ENLACE_TEXT_IN("whole month", "June"),
    ENLACE_TEXT_IN("whole month", "July"),      ENLACE_TEXT_IN("whole month", "August"),
    ENLACE_TEXT_IN("whole month", "September"), ENLACE_TEXT_IN("whole month", "October"),
    ENLACE_TEXT_IN("whole month", "November"),  ENLACE_TEXT_IN("whole month", "December")};

// An instant on the calendar of some offset.
struct Calendar {
  int year;
  unsigned month;
  unsigned day;
  unsigned weekday;
  int hour;
  int minute;
  int second;
};

// Rounds towards the past, also before 1970.
int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

Calendar CalendarOf(int64_t at_ms, int offset_minutes) {
  using std::chrono::days;
  const int64_t local_ms = at_ms + offset_minutes * kMinuteMs;
  const int64_t day_count = FloorDivide(local_ms, kDayMs);
  const int64_t in_day_s = (local_ms - day_count * kDayMs) / kSecondMs;
  const std::chrono::sys_days day{days{static_cast<int>(day_count)}};
  const std::chrono::year_month_day date{day};
  const std::chrono::weekday weekday{day};
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), weekday.c_encoding(),
          static_cast<int>(in_day_s / 3600), static_cast<int>(in_day_s / 60 % 60),
          static_cast<int>(in_day_s % 60)};
}

Calendar LocalCalendar(const Zone& zone, int64_t at_ms) {
  return CalendarOf(at_ms, zone.OffsetMinutes(at_ms));
}

template <typename... Values>
std::string Print(const char* format, Values... values) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

std::unique_ptr<icu::TimeZone> IcuZone(std::string_view name) {
  return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<int32_t>(name.size())))));
}

std::string_view MonthName(unsigned month) { return kMonths[(month - 1) % kMonths.size()]; }

// "Mexico City" / "Ciudad de México": ICU's name of the zone's example city.
std::string CityOf(Language language, const Zone& zone) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale locale(language == Language::kSpanish ? "es" : "en");
  const std::unique_ptr<icu::TimeZoneNames> names(
      icu::TimeZoneNames::createInstance(locale, error));
  std::string out;
  if (U_SUCCESS(error)) {
    icu::UnicodeString city;
    names->getExemplarLocationName(icu::UnicodeString::fromUTF8(std::string(zone.name())), city);
    city.toUTF8String(out);
  }
  return out.empty() ? std::string(zone.name()) : out;
}

std::string ClockOf(const Calendar& at) { return Print("%02d:%02d", at.hour, at.minute); }

}  // namespace

bool IsIanaZone(std::string_view name) {
  if (name == "UTC") return true;
  if (name.find('/') == std::string_view::npos || name.starts_with("SystemV/")) return false;
  const auto zone = IcuZone(name);
  icu::UnicodeString id;
  std::string known;
  zone->getID(id).toUTF8String(known);
  return known == name && known != "Etc/Unknown";
}

Zone Zone::Utc() { return Zone("UTC"); }

std::optional<Zone> Zone::FromName(std::string_view iana_name) {
  if (!IsIanaZone(iana_name)) return std::nullopt;
  return Zone(std::string(iana_name));
}

Zone Zone::OfHost(const Environment& environment) {
  const auto wish = environment("TZ");
  if (wish && !wish->empty()) {
    // POSIX allows a colon before the name.
    const std::string_view name = std::string_view(*wish).substr(wish->front() == ':' ? 1 : 0);
    return FromName(name).value_or(Utc());
  }
  const std::unique_ptr<icu::TimeZone> host(icu::TimeZone::detectHostTimeZone());
  icu::UnicodeString id;
  std::string name;
  host->getID(id).toUTF8String(name);
  return FromName(name).value_or(Utc());
}

int Zone::OffsetMinutes(int64_t at_ms) const {
  if (name_ == "UTC") return 0;
  UErrorCode error = U_ZERO_ERROR;
  int32_t raw_ms = 0;
  int32_t saving_ms = 0;
  IcuZone(name_)->getOffset(static_cast<UDate>(at_ms), false, raw_ms, saving_ms, error);
  return U_SUCCESS(error) ? (raw_ms + saving_ms) / static_cast<int32_t>(kMinuteMs) : 0;
}

std::string OffsetName(const Zone& zone, int64_t at_ms) {
  const int minutes = zone.OffsetMinutes(at_ms);
  if (minutes == 0) return "UTC";
  const int whole = std::abs(minutes);
  const char sign = minutes < 0 ? '-' : '+';
  return whole % 60 == 0 ? Print("UTC%c%d", sign, whole / 60)
                         : Print("UTC%c%d:%02d", sign, whole / 60, whole % 60);
}

std::string ClockTime(const Zone& zone, int64_t at_ms) {
  return ClockOf(LocalCalendar(zone, at_ms));
}

std::string ClockTimeSeconds(const Zone& zone, int64_t at_ms) {
  const Calendar at = LocalCalendar(zone, at_ms);
  return Print("%02d:%02d:%02d", at.hour, at.minute, at.second);
}

std::string ShortDay(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms) {
  const Calendar at = LocalCalendar(zone, at_ms);
  std::string day = Text(language, kWeekdays[at.weekday]) + " " + std::to_string(at.day) + " " +
                    Text(language, MonthName(at.month));
  if (at.year != LocalCalendar(zone, now_ms).year) day += " " + std::to_string(at.year);
  return day;
}

std::string DayMonthYear(Language language, const Zone& zone, int64_t at_ms) {
  const Calendar at = LocalCalendar(zone, at_ms);
  return PartialDateText(language, {static_cast<uint32_t>(at.year), at.month, at.day, false});
}

std::string IsoDay(int64_t at_ms) {
  const Calendar at = CalendarOf(at_ms, 0);
  return Print("%04d-%02u-%02u", at.year, at.month, at.day);
}

std::string IsoMinute(int64_t at_ms) {
  return IsoDay(at_ms) + " " + ClockOf(CalendarOf(at_ms, 0)) + "Z";
}

std::string Rfc3339(int64_t at_ms) {
  const Calendar at = CalendarOf(at_ms, 0);
  return IsoDay(at_ms) + Print("T%02d:%02d:%02dZ", at.hour, at.minute, at.second);
}

std::string LocalThenUtc(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms) {
  const Calendar local = LocalCalendar(zone, at_ms);
  const Calendar utc = CalendarOf(at_ms, 0);
  if (local.day == utc.day) return LocalThenUtcClock(language, zone, at_ms, now_ms);
  return ShortDay(language, zone, at_ms, now_ms) + " " + ClockOf(local) + " (" +
         OffsetName(zone, at_ms) + ") · " + IsoMinute(at_ms);
}

std::string LocalThenUtcClock(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms) {
  return ShortDay(language, zone, at_ms, now_ms) + " " + ClockTime(zone, at_ms) + " (" +
         OffsetName(zone, at_ms) + ") · " + ClockOf(CalendarOf(at_ms, 0)) + "Z";
}

std::string EventTime(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms) {
  const std::string local = ShortDay(language, zone, at_ms, now_ms) + " " + ClockTime(zone, at_ms);
  return Text(language, "{local}, {city} time · {utc}",
              {{"local", local}, {"city", CityOf(language, zone)}, {"utc", IsoMinute(at_ms)}});
}

std::string PartialDateText(Language language, const DateParts& date) {
  std::string out;
  if (date.day != 0) out = std::to_string(date.day) + " ";
  if (date.month >= 1 && date.month <= kMonths.size()) {
    out += Text(language, MonthName(date.month)) + " ";
  }
  if (date.year != 0) out += std::to_string(date.year);
  if (!out.empty() && out.back() == ' ') out.pop_back();
  if (out.empty() || !date.approximate) return out;
  return Text(language, "approx. {date}", {{"date", out}});
}

std::string LongDateText(Language language, const DateParts& date) {
  std::string month = std::to_string(date.month);
  if (date.month >= 1 && date.month <= kLongMonths.size()) {
    month = Text(language, kLongMonths[date.month - 1]);
  }
  const std::string day = std::to_string(date.day);
  if (date.year == 0) return Text(language, "{day} {month}", {{"day", day}, {"month", month}});
  return Text(language, "{day} {month} {year}",
              {{"day", day}, {"month", month}, {"year", std::to_string(date.year)}});
}

std::string Span(Language language, int64_t span_ms) {
  const int64_t whole_ms = span_ms < 0 ? -span_ms : span_ms;
  if (whole_ms < kMinuteMs) return std::to_string(whole_ms / kSecondMs) + " s";
  if (whole_ms < kHourMs) return std::to_string(whole_ms / kMinuteMs) + " min";
  if (whole_ms < kDaysFromMs) {
    return Print("%d h %02d", static_cast<int>(whole_ms / kHourMs),
                 static_cast<int>(whole_ms / kMinuteMs % 60));
  }
  return Plural(language, "{count} day", "{count} days", static_cast<uint64_t>(whole_ms / kDayMs));
}

std::string Relative(Language language, int64_t at_ms, int64_t now_ms) {
  const std::string span = Span(language, at_ms - now_ms);
  if (at_ms > now_ms) return Text(language, "in {span}", {{"span", span}});
  return Text(language, "{span} ago", {{"span", span}});
}

std::string ByteSize(Language language, uint64_t size_bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  constexpr double kStep = 1024;
  auto value = static_cast<double>(size_bytes);
  size_t unit = 0;
  while (value >= kStep && unit + 1 < kUnits.size()) {
    value /= kStep;
    ++unit;
  }
  // A tenth tells nothing of hundreds.
  const bool whole = unit < 2 || value >= 100;
  std::string number = whole ? Print("%.0f", value) : Print("%.1f", value);
  const size_t point = number.find('.');
  if (language == Language::kSpanish && point != std::string::npos) number[point] = ',';
  return number.append(" ").append(kUnits[unit]);
}

std::string Count(Language language, uint64_t count) {
  std::string digits = std::to_string(count);
  const char separator = language == Language::kSpanish ? ' ' : ',';
  for (size_t from_end = 3; from_end < digits.size(); from_end += 4) {
    digits.insert(digits.size() - from_end, 1, separator);
  }
  return digits;
}

}  // namespace enlace::texts
