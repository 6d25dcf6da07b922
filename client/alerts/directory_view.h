// What validation needs to know of the registry and the charter.
//
// The client implements it over its verified copy of the registry; tests over a list.
//
// Thread safety: as the implementation says; the functions here only read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enlace::alerts {

enum class Standing { kMember, kObserver, kOrganisation };

// An office, with what its authority's standing allows (charter).
struct OfficeEntry {
  std::string office_id;
  // "gt", "iom".
  std::string authority;
  // ISO 3166-1 alpha-3; empty for an organisation.
  std::string country;
  Standing standing = Standing::kMember;
  std::vector<std::string> networks;
  // A closed office receives nothing; its successor does.
  bool closed = false;
  std::string successor_office_id;
  bool may_open_cases = true;
  bool may_be_action = true;
  bool may_be_info = true;
  // Highest enlace.alert.v1.Tlp that it may receive; 0 = no limit.
  int tlp_max = 0;
};

class DirectoryView {
 public:
  virtual ~DirectoryView() = default;
  virtual std::optional<OfficeEntry> FindOffice(std::string_view office_id) const = 0;
  // All offices that are not closed, for "did you mean".
  virtual std::vector<std::string> OfficeIds() const = 0;
};

}  // namespace enlace::alerts
