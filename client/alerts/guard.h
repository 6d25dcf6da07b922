// The asylum guard (DOMAIN rule 1): which authorities must never learn of an alert.
//
// With origin_country_disclosure NOT_PERMITTED the countries of nationality of the persons, of
// group.by_nationality and of the documents' issuing States are excluded, with those that the
// sender names. ICAO X-codes exclude none. A person or a group share of unknown nationality makes
// the sender name the excluded countries. The guard is a refusal, never a warning, and every
// sending device asks it: on send, on referral, on update.
//
// Thread safety: pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/violation.h"

namespace enlace::alert::v1 {
class CaseAlert;
}

namespace enlace::alerts {

struct Guard {
  // The sender forbade telling the country of origin.
  bool active = false;
  // ISO 3166-1 alpha-3.
  std::set<std::string> excluded_countries;
  // Lower-case alpha-2: the authorities of those countries.
  std::set<std::string> excluded_authorities;
  // A nationality is unknown and excluded_countries of the alert names none: the alert cannot be
  // sent.
  bool needs_named_countries = false;

  bool Excludes(std::string_view office_id) const;
  // The country because of which an office is excluded; empty when it is not.
  std::string CountryOf(std::string_view office_id) const;
};

Guard GuardOf(const alert::v1::CaseAlert& alert);

// A room's guard after an update: exclusions only grow.
Guard Tighten(const Guard& room, const Guard& update);

// GUARD_NEEDS_COUNTRIES, and GUARD_EXCLUDED for each recipient that the guard excludes, and for the
// sender, whose own authority would learn of the alert by sending it.
Violations CheckRecipients(const alert::v1::CaseAlert& alert);

// For an update: GUARD_OPEN_NEW_CASE for each excluded office that is in the room already.
Violations CheckRoom(const Guard& guard, const std::vector<std::string>& room_offices);

// For a referral or an added office: GUARD_EXCLUDED, or nothing.
Violations CheckOffice(const Guard& guard, std::string_view office_id, std::string_view field);

// "gt" for "GTM"; empty when the code is no country.
std::string AuthorityOfCountry(std::string_view alpha3);
// "gt" for "gt.consular.turno".
std::string_view AuthorityOfOffice(std::string_view office_id);

}  // namespace enlace::alerts
