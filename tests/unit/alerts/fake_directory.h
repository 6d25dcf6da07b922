// A directory with the offices of the given cases.
//
// Thread safety: immutable after construction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/alerts/directory_view.h"
#include "client/texts/countries.h"

namespace enlace::alerts {

class FakeDirectory : public DirectoryView {
 public:
  FakeDirectory() {
    for (const char* authority :
         {"bz", "ca", "cr", "sv", "us", "gt", "hn", "mx", "ni", "pa", "do", "co"}) {
      for (const char* name : {"consular", "trafficking", "child"}) Add(authority, name);
    }
    Add("iom", "sanjose");
    Add("unhcr", "regional");
    Add("ts", "secretariat");
  }

  std::optional<OfficeEntry> FindOffice(std::string_view office_id) const override {
    const auto found = offices_.find(std::string(office_id));
    if (found == offices_.end()) return std::nullopt;
    return found->second;
  }

  std::vector<std::string> OfficeIds() const override {
    std::vector<std::string> ids;
    for (const auto& [id, entry] : offices_) {
      if (!entry.closed) ids.push_back(id);
    }
    return ids;
  }

  OfficeEntry& At(const std::string& office_id) { return offices_.at(office_id); }

 private:
  void Add(const std::string& authority, const std::string& name) {
    OfficeEntry entry;
    entry.office_id = authority + "." + name;
    entry.authority = authority;
    std::string alpha2;
    for (const char c : authority) alpha2 += static_cast<char>(c - 'a' + 'A');
    const texts::Country* country = alpha2.size() == 2 ? texts::FindCountry(alpha2) : nullptr;
    if (country != nullptr) entry.country = country->alpha3;
    entry.standing = country == nullptr ? Standing::kOrganisation : Standing::kMember;
    offices_[entry.office_id] = entry;
  }

  std::map<std::string, OfficeEntry> offices_;
};

}  // namespace enlace::alerts
