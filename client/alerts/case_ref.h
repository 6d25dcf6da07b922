// Case references as officers write and say them: HN-2026-000412 = hn-2026-412 = 412.
//
// Thread safety: pure functions and values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enlace::alerts {

// A complete reference. Authority in upper case, 2 to 16 letters or digits; number 1 to 999,999.
struct CaseRef {
  std::string authority;
  int year = 0;
  uint32_t number = 0;

  // "HN-2026-000412".
  std::string ToText() const;
  auto operator<=>(const CaseRef&) const = default;
};

// Any case, with or without leading zeros; nothing for anything else.
std::optional<CaseRef> ParseCaseRef(std::string_view text);
// True only for the canonical form that stands in alerts.
bool IsCanonicalCaseRef(std::string_view text);

// What an officer typed to name a case: a reference, a number, or an alert's UUID.
struct CaseQuery {
  std::optional<CaseRef> reference;
  // A bare number: a case of this year.
  std::optional<uint32_t> number;
  // Lower case.
  std::string alert_id;
};
// Nothing when the text is none of the three.
std::optional<CaseQuery> ParseCaseQuery(std::string_view text);

// The references of `known` that `query` can mean; more than one is ambiguous. `this_year` bounds a
// bare number.
std::vector<CaseRef> MatchCases(const CaseQuery& query, const std::vector<CaseRef>& known,
                                int this_year);

}  // namespace enlace::alerts
