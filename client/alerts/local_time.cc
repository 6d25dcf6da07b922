#include "client/alerts/local_time.h"

#include <string>

#include "client/alerts/alert_json.h"
#include "client/texts/durations.h"

namespace enlace::alerts {
namespace {

constexpr size_t kMinuteFormBytes = 16;  // 2026-11-18T06:00
constexpr size_t kDayBytes = 10;

}  // namespace

std::optional<int64_t> ParseTimeIn(std::string_view text, const texts::Zone& zone) {
  if (const auto exact = ParseRfc3339(text)) return exact;
  std::string local(text);
  if (local.size() > kDayBytes && local[kDayBytes] == ' ') local[kDayBytes] = 'T';
  if (local.size() == kMinuteFormBytes) local += ":00";
  const auto as_utc_ms = ParseRfc3339(local + "Z");
  if (!as_utc_ms) return std::nullopt;
  // The offset that holds then, not the one some hours off, where summer time begins or ends.
  const int64_t near_ms = *as_utc_ms - zone.OffsetMinutes(*as_utc_ms) * kMinuteMs;
  return *as_utc_ms - zone.OffsetMinutes(near_ms) * kMinuteMs;
}

}  // namespace enlace::alerts
