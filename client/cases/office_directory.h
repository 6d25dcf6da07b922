// The directory of offices, from the verified copy of the registry: whom to call, in which
// language, and what time it is there.
//
// Works offline and without the vault. Promises to list only offices that are open and take part in
// cases, each with what its authority certified, and to say how old the registry is that it was
// read from. An administrator's device counts where it has another role besides.
//
// Thread safety: free functions; values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cases/registry_facts.h"

namespace enlace::client {

// Somebody who answers for an office now.
struct OnDuty {
  std::string officer_id;
  // E.164: of the shift, else the office's; may be empty.
  std::string phone;
  int64_t until_ms = 0;
};
// The running shifts of an office's roster; empty when none runs or there is no roster.
std::vector<OnDuty> OnDutyAt(const OfficeFacts& office, int64_t now_ms);

struct OfficeCard {
  std::string office_id;
  std::string name_en, name_es;
  std::string authority;
  std::string authority_name_en, authority_name_es;
  // ISO 3166-1 alpha-3; empty for an organisation.
  std::string country;
  std::vector<std::string> networks;
  std::vector<std::string> languages;
  // IANA.
  std::string time_zone;
  // E.164; empty when the office states none.
  std::string duty_phone;
  // By its roster.
  std::vector<OnDuty> on_duty;
  // Officer id; empty when vacant.
  std::string supervisor;
  // Office that steps in when this one can't.
  std::string successor;
  // Officers with a machine that can read, by id; without one nobody can read an alert.
  std::vector<std::string> officers;
  size_t machines = 0;
};

struct DirectoryView {
  std::string place;
  // When the registry was last fetched; 0 = never.
  int64_t refreshed_at_ms = 0;
  // By country or organisation, then by office.
  std::vector<OfficeCard> offices;
};

// Offices of a place: an authority ("mx"), a country by code or name in either language ("MEX",
// "México"), an office or its beginning ("mx.consular"), a network ("trafficking"); all when empty.
// `now_ms` decides which machines are active. OFFICE_SUGGESTED with the nearest id when nothing
// fits.
absl::StatusOr<DirectoryView> FindOffices(const RegistryFacts& facts, std::string_view place,
                                          int64_t now_ms);

}  // namespace enlace::client
