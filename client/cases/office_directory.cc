#include "client/cases/office_directory.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "client/alerts/codes_check.h"
#include "client/texts/code_names.h"
#include "client/texts/countries.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using texts::Language;

OfficeCard CardOf(const OfficeFacts& office, int64_t now_ms) {
  OfficeCard card;
  card.office_id = office.office_id();
  card.name_en = office.name_en();
  card.name_es = office.name_es();
  card.authority = office.authority();
  card.authority_name_en = office.authority_name_en();
  card.authority_name_es = office.authority_name_es();
  card.country = office.country();
  card.networks.assign(office.networks().begin(), office.networks().end());
  card.languages.assign(office.languages().begin(), office.languages().end());
  card.time_zone = office.time_zone();
  card.duty_phone = office.duty_phone();
  card.on_duty = OnDutyAt(office, now_ms);
  card.supervisor = office.supervisor();
  card.successor = office.stand_in();
  std::set<std::string> officers;
  for (const MachineFacts* machine : ActiveMachinesOf(office, now_ms)) {
    if (!machine->handles_cases()) continue;
    ++card.machines;
    officers.insert(machine->officer_id());
  }
  card.officers.assign(officers.begin(), officers.end());
  return card;
}

// `place` folded against everything by which an officer names an office.
bool Fits(const OfficeCard& card, std::string_view place) {
  if (place.empty()) return true;
  const auto is = [&](std::string_view name) {
    return !name.empty() && alerts::Fold(name) == place;
  };
  if (is(card.authority) || is(card.country) || is(card.authority_name_en) ||
      is(card.authority_name_es)) {
    return true;
  }
  if (!card.country.empty() && (is(texts::CountryName(Language::kEnglish, card.country)) ||
                                is(texts::CountryName(Language::kSpanish, card.country)))) {
    return true;
  }
  if (card.office_id == place || card.office_id.starts_with(std::string(place) + ".")) return true;
  return std::ranges::find(card.networks, place) != card.networks.end();
}

std::vector<std::string> Names(const std::vector<OfficeCard>& cards) {
  std::set<std::string> names;
  for (const OfficeCard& card : cards) names.insert({card.office_id, card.authority});
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<OnDuty> OnDutyAt(const OfficeFacts& office, int64_t now_ms) {
  std::vector<OnDuty> on_duty;
  for (const vault::v1::ShiftFacts& shift : office.shifts()) {
    if (now_ms < shift.from_ms() || now_ms >= shift.until_ms()) continue;
    on_duty.push_back({shift.officer_id(),
                       shift.phone().empty() ? office.duty_phone() : shift.phone(),
                       shift.until_ms()});
  }
  return on_duty;
}

absl::StatusOr<DirectoryView> FindOffices(const RegistryFacts& facts, std::string_view place,
                                          int64_t now_ms) {
  std::vector<OfficeCard> all;
  for (const OfficeFacts& office : facts.offices()) {
    if (office.open() && !office.administration()) all.push_back(CardOf(office, now_ms));
  }
  DirectoryView view;
  view.place = std::string(place);
  const std::string wanted = alerts::Fold(place);
  std::ranges::copy_if(all, std::back_inserter(view.offices),
                       [&](const OfficeCard& card) { return Fits(card, wanted); });
  if (view.offices.empty() && !place.empty()) {
    const std::string nearest = alerts::NearestOf(wanted, Names(all));
    if (nearest.empty()) return MakeError(Reason::kOfficeUnknown, {{"office", std::string(place)}});
    return MakeError(Reason::kOfficeSuggested,
                     {{"office", std::string(place)}, {"suggestion", nearest}});
  }
  // Countries before organisations, each by name of its authority.
  std::ranges::sort(view.offices, [](const OfficeCard& a, const OfficeCard& b) {
    return std::tuple(a.country.empty(), a.authority, a.office_id) <
           std::tuple(b.country.empty(), b.authority, b.office_id);
  });
  return view;
}

}  // namespace enlace::client
