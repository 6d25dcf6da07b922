#include "client/alerts/guard.h"

#include <algorithm>

#include "client/alerts/report.h"
#include "client/texts/countries.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using alert::v1::Person;

// Adds the country; false when the code says nothing of where the person is from.
bool AddNationality(const std::string& code, Guard& guard) {
  if (texts::IsIcaoPersonCode(code)) return true;
  if (texts::FindCountry(code) == nullptr) return false;
  guard.excluded_countries.insert(code);
  return true;
}

// Issuers that are no State exclude none; the German D of an MRZ is DEU.
void AddIssuer(const std::string& code, Guard& guard) {
  if (code == "D") guard.excluded_countries.insert("DEU");
  if (texts::FindCountry(code) != nullptr) guard.excluded_countries.insert(code);
}

// True when every nationality of the person is known.
bool AddPerson(const Person& person, Guard& guard) {
  bool known = person.nationalities_size() > 0;
  for (const std::string& code : person.nationalities()) known &= AddNationality(code, guard);
  for (const auto& document : person.documents()) AddIssuer(document.issuing_state(), guard);
  return known;
}

bool AddGroup(const alert::v1::Group& group, Guard& guard) {
  uint64_t named = 0;
  bool known = true;
  for (const auto& share : group.by_nationality()) {
    known &= AddNationality(share.country(), guard);
    named += share.count();
  }
  return known && named >= group.total();
}

void AddAuthorities(Guard& guard) {
  for (const std::string& country : guard.excluded_countries) {
    guard.excluded_authorities.insert(AuthorityOfCountry(country));
  }
}

Violation Excluded(const Guard& guard, std::string_view office_id, std::string_view field) {
  return MakeViolation(Reason::kGuardExcluded, Severity::kError, field,
                       {Same("office", office_id), Same("country", guard.CountryOf(office_id))});
}

}  // namespace

bool Guard::Excludes(std::string_view office_id) const {
  return active && excluded_authorities.contains(std::string(AuthorityOfOffice(office_id)));
}

std::string Guard::CountryOf(std::string_view office_id) const {
  for (const std::string& country : excluded_countries) {
    if (AuthorityOfCountry(country) == AuthorityOfOffice(office_id)) return country;
  }
  return "";
}

std::string AuthorityOfCountry(std::string_view alpha3) {
  const texts::Country* country = texts::FindCountry(alpha3);
  if (country == nullptr) return "";
  std::string authority(country->alpha2);
  std::ranges::transform(authority, authority.begin(),
                         [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return authority;
}

std::string_view AuthorityOfOffice(std::string_view office_id) {
  return office_id.substr(0, office_id.find('.'));
}

Guard GuardOf(const CaseAlert& alert) {
  Guard guard;
  guard.active =
      alert.handling().origin_country_disclosure() == alert::v1::ORIGIN_DISCLOSURE_NOT_PERMITTED;
  if (!guard.active) return guard;
  bool known = alert.persons_size() > 0 || alert.has_group();
  for (const Person& person : alert.persons()) known &= AddPerson(person, guard);
  if (alert.has_group()) known &= AddGroup(alert.group(), guard);
  for (const std::string& code : alert.handling().excluded_countries()) AddIssuer(code, guard);
  guard.needs_named_countries = !known && alert.handling().excluded_countries().empty();
  AddAuthorities(guard);
  return guard;
}

Guard Tighten(const Guard& room, const Guard& update) {
  Guard guard = room;
  guard.active = room.active || update.active;
  guard.needs_named_countries = room.needs_named_countries || update.needs_named_countries;
  guard.excluded_countries.insert(update.excluded_countries.begin(),
                                  update.excluded_countries.end());
  AddAuthorities(guard);
  return guard;
}

Violations CheckRecipients(const CaseAlert& alert) {
  const Guard guard = GuardOf(alert);
  Violations violations;
  if (guard.needs_named_countries) {
    violations.push_back(MakeViolation(Reason::kGuardNeedsCountries, Severity::kError,
                                       "handling.excluded_countries"));
  }
  if (guard.Excludes(alert.sender().office_id())) {
    violations.push_back(Excluded(guard, alert.sender().office_id(), "sender.office_id"));
  }
  for (int i = 0; i < alert.recipients_size(); ++i) {
    const std::string& office = alert.recipients(i).office_id();
    if (!guard.Excludes(office)) continue;
    violations.push_back(Excluded(guard, office, Under(Indexed("recipients", i), "office_id")));
  }
  return violations;
}

Violations CheckRoom(const Guard& guard, const std::vector<std::string>& room_offices) {
  Violations violations;
  for (const std::string& office : room_offices) {
    if (!guard.Excludes(office)) continue;
    violations.push_back(
        MakeViolation(Reason::kGuardOpenNewCase, Severity::kError, "persons",
                      {Same("office", office), Same("country", guard.CountryOf(office))}));
  }
  return violations;
}

Violations CheckOffice(const Guard& guard, std::string_view office_id, std::string_view field) {
  if (!guard.Excludes(office_id)) return {};
  return {Excluded(guard, office_id, field)};
}

}  // namespace enlace::alerts
