#include "client/texts/countries.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace enlace::texts {
namespace {

#define ENLACE_COUNTRY(alpha2, alpha3, dial) {alpha2, alpha3, dial},
constexpr Country kCountries[] = {
#include "client/texts/countries_table.inc"
};
#undef ENLACE_COUNTRY

constexpr std::array<std::string_view, 4> kPersonCodes = {"XXA", "XXB", "XXC", "XXX"};
// ICAO Doc 9303 part 3, section 5: issuers that are no State of ISO 3166-1.
constexpr std::array<std::string_view, 12> kIssuerCodes = {
    "D", "EUE", "UNA", "UNK", "UNO", "XBA", "XCC", "XCE", "XCO", "XOM", "XPO", "XMP"};

// Length of the longest prefix in the comma-separated `prefixes` with which `number` begins.
size_t LongestPrefix(std::string_view number, std::string_view prefixes) {
  size_t longest = 0;
  while (!prefixes.empty()) {
    const std::string_view prefix = prefixes.substr(0, prefixes.find(','));
    if (number.starts_with(prefix)) longest = std::max(longest, prefix.size());
    prefixes.remove_prefix(std::min(prefixes.size(), prefix.size() + 1));
  }
  return longest;
}

}  // namespace

std::span<const Country> Countries() { return kCountries; }

const Country* FindCountry(std::string_view code) {
  const auto* found = std::ranges::find_if(
      kCountries, [&](const Country& row) { return row.alpha2 == code || row.alpha3 == code; });
  return found == std::end(kCountries) ? nullptr : found;
}

bool IsIcaoPersonCode(std::string_view code) {
  return std::ranges::find(kPersonCodes, code) != kPersonCodes.end();
}

bool IsIcaoIssuerCode(std::string_view code) {
  return IsIcaoPersonCode(code) || std::ranges::find(kIssuerCodes, code) != kIssuerCodes.end();
}

const Country* CountryOfPhone(std::string_view e164) {
  const Country* best = nullptr;
  size_t longest = 0;
  for (const Country& row : kCountries) {
    const size_t length = LongestPrefix(e164, row.dial);
    if (length <= longest) continue;
    best = &row;
    longest = length;
  }
  return best;
}

}  // namespace enlace::texts
