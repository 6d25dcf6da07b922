#include "client/alerts/case_ref.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace enlace::alerts {
namespace {

constexpr uint32_t kNumberMax = 999'999;
constexpr size_t kAuthorityBytesMax = 16;
constexpr size_t kUuidBytes = 36;

bool IsDecimal(char c) { return c >= '0' && c <= '9'; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<uint32_t> ParseNumber(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, IsDecimal)) return std::nullopt;
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value == 0 || value > kNumberMax) return std::nullopt;
  return value;
}

bool IsUuidText(std::string_view text) {
  if (text.size() != kUuidBytes) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = Lower(text[i]);
    if (dash ? c != '-' : !IsDecimal(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

}  // namespace

std::string CaseRef::ToText() const {
  char tail[32];
  std::snprintf(tail, sizeof tail, "-%04d-%06u", year, number);
  return authority + tail;
}

std::optional<CaseRef> ParseCaseRef(std::string_view text) {
  text = Trimmed(text);
  const size_t first = text.find('-');
  const size_t second = first == std::string_view::npos ? first : text.find('-', first + 1);
  if (second == std::string_view::npos || first < 2 || first > kAuthorityBytesMax)
    return std::nullopt;
  CaseRef ref;
  for (const char c : text.substr(0, first)) ref.authority += Upper(c);
  const bool plain = std::ranges::all_of(
      ref.authority, [](char c) { return IsDecimal(c) || (c >= 'A' && c <= 'Z'); });
  const std::string_view year = text.substr(first + 1, second - first - 1);
  const auto year_number = ParseNumber(year);
  const auto number = ParseNumber(text.substr(second + 1));
  if (!plain || year.size() != 4 || !year_number || !number) return std::nullopt;
  ref.year = static_cast<int>(*year_number);
  ref.number = *number;
  return ref;
}

bool IsCanonicalCaseRef(std::string_view text) {
  const auto ref = ParseCaseRef(text);
  return ref && ref->ToText() == text;
}

std::optional<CaseQuery> ParseCaseQuery(std::string_view text) {
  text = Trimmed(text);
  CaseQuery query;
  if (IsUuidText(text)) {
    for (const char c : text) query.alert_id += Lower(c);
    return query;
  }
  query.number = ParseNumber(text);
  if (!query.number) query.reference = ParseCaseRef(text);
  if (!query.number && !query.reference) return std::nullopt;
  return query;
}

std::vector<CaseRef> MatchCases(const CaseQuery& query, const std::vector<CaseRef>& known,
                                int this_year) {
  std::vector<CaseRef> matches;
  for (const CaseRef& ref : known) {
    const bool same = query.reference && *query.reference == ref;
    const bool number = query.number && *query.number == ref.number && ref.year == this_year;
    if (same || number) matches.push_back(ref);
  }
  std::ranges::sort(matches);
  matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
  return matches;
}

}  // namespace enlace::alerts
