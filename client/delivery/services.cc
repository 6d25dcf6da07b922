#include "client/delivery/services.h"

#include <algorithm>

namespace enlace::client {

std::vector<std::string> Services::Offices() const {
  const identity::Registry& registry = rooms.registry();
  const identity::DeviceRecord* record = registry.FindDevice(device().uri.text());
  return record == nullptr ? std::vector<std::string>()
                           : registry.OfficesOf(*record, registry.size());
}

bool Services::ActsFor(std::string_view office_id) const {
  const std::vector<std::string> offices = Offices();
  return std::find(offices.begin(), offices.end(), office_id) != offices.end();
}

}  // namespace enlace::client
