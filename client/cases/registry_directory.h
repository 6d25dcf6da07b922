// The directory of offices that alerts are checked against, over this profile's verified copy of
// the registry. The offices of administrators are not in it: nobody writes to them.
//
// Thread safety: as the registry's const calls. Ownership: borrows the registry.
#pragma once

#include "client/alerts/directory_view.h"
#include "crypto/identity/registry.h"

namespace enlace::client {

class RegistryDirectory final : public alerts::DirectoryView {
 public:
  explicit RegistryDirectory(const identity::Registry& registry) : registry_(registry) {}

  std::optional<alerts::OfficeEntry> FindOffice(std::string_view office_id) const override;
  std::vector<std::string> OfficeIds() const override;

 private:
  const identity::Registry& registry_;
};

}  // namespace enlace::client
