// Times, spans and numbers as CLI.md shows them: local zone with offset first, UTC second.
//
// Instants are milliseconds since 1970 UTC. Zones come from ICU's own data, so that a machine
// without /usr/share/zoneinfo shows the same. Month and weekday abbreviations: "mar 17 nov", "Tue
// 17 Nov".
//
// Thread safety: pure functions; Zone is an immutable value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/texts/locale.h"
#include "client/texts/texts.h"

namespace enlace::texts {

// A time zone by its IANA name.
class Zone {
 public:
  static Zone Utc();
  // Nothing for a name that is not an IANA zone ("America/Tegucigalpa", "UTC").
  static std::optional<Zone> FromName(std::string_view iana_name);
  // The machine's zone: TZ when it names one, else what the system says, else UTC.
  static Zone OfHost(const Environment& environment);

  std::string_view name() const { return name_; }
  // Offset from UTC in minutes at `at_ms`, daylight saving included.
  int OffsetMinutes(int64_t at_ms) const;

 private:
  explicit Zone(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// True when ICU knows `name` as an IANA time zone; "GMT+6"-like custom ids are none.
bool IsIanaZone(std::string_view name);

// "UTC-6", "UTC+5:30", "UTC".
std::string OffsetName(const Zone& zone, int64_t at_ms);
// "22:40" and "22:40:07".
std::string ClockTime(const Zone& zone, int64_t at_ms);
std::string ClockTimeSeconds(const Zone& zone, int64_t at_ms);
// "mar 17 nov" / "Tue 17 Nov"; with the year when it differs from that of `now_ms`.
std::string ShortDay(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms);
// "17 ago 2004" / "17 Aug 2004" of the day in `zone`.
std::string DayMonthYear(Language language, const Zone& zone, int64_t at_ms);
// "2026-11-18" and "2026-11-18 04:40Z" and RFC 3339 "2026-11-18T04:40:00Z".
std::string IsoDay(int64_t at_ms);
std::string IsoMinute(int64_t at_ms);
std::string Rfc3339(int64_t at_ms);

// "mar 17 nov 22:40 (UTC-6) · 2026-11-18 04:40Z"; the UTC day only where it is another than the
// local one.
std::string LocalThenUtc(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms);
// "mar 17 nov 22:52 (UTC-6) · 04:52Z": the same, never with the UTC day (for a screen's first
// line).
std::string LocalThenUtcClock(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms);
// "mar 17 nov 19:30 hora de Ciudad de México · 2026-11-18 01:30Z": an event's own zone.
std::string EventTime(Language language, const Zone& zone, int64_t at_ms, int64_t now_ms);

// A partial date: "17 ago 2004", "ago 2004", "2004", with "aprox." when approximate; empty when
// nothing is known.
struct DateParts {
  uint32_t year = 0;
  uint32_t month = 0;
  uint32_t day = 0;
  bool approximate = false;
};
std::string PartialDateText(Language language, const DateParts& date);
// "30 February 1987" / "30 de febrero de 1987", also of a date that does not exist.
std::string LongDateText(Language language, const DateParts& date);

// "3 s", "18 min", "1 h 12", "3 h 05", "104 días" / "104 days". The sign is dropped.
std::string Span(Language language, int64_t span_ms);
// "en 18 min" / "in 18 min" when `at_ms` lies ahead, "hace 35 min" / "35 min ago" otherwise.
std::string Relative(Language language, int64_t at_ms, int64_t now_ms);

// "88 KiB", "2,1 MiB" / "2.1 MiB".
std::string ByteSize(Language language, uint64_t size_bytes);
// "18 342" / "18,342".
std::string Count(Language language, uint64_t count);

}  // namespace enlace::texts
