// ISO 3166-1, the ICAO codes beside it, and telephone prefixes.
//
// The list is embedded, so that validation gives the same answer on every machine. Authorities are
// lower-case alpha-2
// (`gt`), nationalities and issuing States alpha-3.
//
// Thread safety: pure functions on constant tables.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace enlace::texts {

struct Country {
  std::string_view alpha2;
  std::string_view alpha3;
  // E.164 prefixes, separated by commas ("+1809,+1829,+1849"); empty where the list has none.
  std::string_view dial;
};

// Every assigned code of ISO 3166-1, by alpha-3.
std::span<const Country> Countries();
// By alpha-2 or alpha-3, upper case; nullptr when there is none.
const Country* FindCountry(std::string_view code);

// XXA stateless, XXB and XXC refugee, XXX unspecified: these name no country and exclude none.
bool IsIcaoPersonCode(std::string_view code);
// ICAO issuers that are no State of ISO 3166-1 (UNO, UNA, UNK, XPO, XOM, EUE, D) and the four
// above.
bool IsIcaoIssuerCode(std::string_view code);

// The country of an E.164 number by its longest prefix; nullptr when none fits.
const Country* CountryOfPhone(std::string_view e164);

}  // namespace enlace::texts
