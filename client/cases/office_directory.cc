#include "client/cases/office_directory.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "client/alerts/codes_check.h"
#include "client/texts/code_names.h"
#include "client/texts/countries.h"
#include "crypto/identity/administration.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using texts::Language;

OfficeCard CardOf(const identity::Registry& registry, const identity::OfficeRecord& office,
                  int64_t now_ms) {
  const identity::OfficeStated& stated = office.stated();
  OfficeCard card;
  card.office_id = office.id;
  card.name_en = stated.name.en;
  card.name_es = stated.name.es;
  card.authority = std::string(identity::AuthorityOfOffice(office.id));
  card.networks = stated.networks;
  card.languages = stated.languages;
  card.time_zone = stated.time_zone;
  card.duty_phone = stated.duty_phone;
  card.on_duty = OnDutyAt(office, now_ms);
  card.supervisor = stated.supervisor;
  card.successor = stated.successor;
  if (const identity::Charter* charter = registry.charter()) {
    if (const identity::Authority* authority = charter->FindAuthority(card.authority)) {
      card.country = authority->alpha3;
      card.authority_name_en = authority->name.en;
      card.authority_name_es = authority->name.es;
    }
  }
  std::set<std::string> officers;
  for (const identity::DeviceRecord* device : registry.ActiveDevicesOf(office.id, now_ms)) {
    if (!identity::HandlesCases(registry.RolesOf(*device, registry.size()))) continue;
    ++card.machines;
    officers.insert(device->officer->id);
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

std::vector<OnDuty> OnDutyAt(const identity::OfficeRecord& office, int64_t now_ms) {
  std::vector<OnDuty> on_duty;
  for (const identity::DutyShift* shift : office.OnDutyAt(now_ms)) {
    on_duty.push_back({shift->officer_id,
                       shift->phone.empty() ? office.stated().duty_phone : shift->phone,
                       shift->until_ms});
  }
  return on_duty;
}

absl::StatusOr<DirectoryView> FindOffices(const identity::Registry& registry,
                                          std::string_view place, int64_t now_ms) {
  std::vector<OfficeCard> all;
  for (const identity::OfficeRecord* office : registry.Offices()) {
    const bool hidden = identity::IsAdministrationOffice(office->id);
    if (office->open() && !hidden) all.push_back(CardOf(registry, *office, now_ms));
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
