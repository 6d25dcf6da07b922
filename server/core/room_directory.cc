#include "server/core/room_directory.h"

#include <algorithm>
#include <iterator>

#include "server/core/keys.h"

namespace enlace::server {
namespace {

std::vector<std::string> Minus(const std::vector<std::string>& a,
                               const std::vector<std::string>& b) {
  std::vector<std::string> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

std::vector<std::string> NetworksOf(const room::RoomPolicy* policy) {
  if (policy == nullptr || policy->kind != room::RoomKind::kBulletin) return {};
  return policy->networks;
}

// All open offices that belong to one of the networks.
std::vector<std::string> OfficesIn(const identity::Registry& registry,
                                   const std::vector<std::string>& networks) {
  std::vector<std::string> out;
  for (const identity::OfficeRecord* office : registry.Offices()) {
    if (!office->open()) continue;
    const std::vector<std::string>& own = office->stated().networks;
    if (std::find_first_of(own.begin(), own.end(), networks.begin(), networks.end()) != own.end()) {
      out.push_back(office->id);
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> OfficesOf(const room::RoomPolicy& policy) {
  std::vector<std::string> out = {policy.origin_office};
  for (const room::Participant& participant : policy.participants)
    out.push_back(participant.office_id);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> RoomDirectory::DevicesToTell(const LiveRoom& room,
                                                      const std::vector<std::string>& offices,
                                                      int64_t now_ms) const {
  std::vector<std::string> out;
  for (const std::string& office : offices) {
    for (const identity::DeviceRecord* device :
         registry_.latest().ActiveDevicesOf(office, now_ms)) {
      if (!room.IsMember(device->uri.text())) out.push_back(device->uri.text());
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

absl::Status RoomDirectory::PolicyChanged(const LiveRoom& room, const room::RoomPolicy* before,
                                          int64_t now_ms) {
  const std::vector<std::string> old_offices =
      before == nullptr ? std::vector<std::string>() : OfficesOf(*before);
  const std::vector<std::string> new_offices = OfficesOf(room.policy);
  const std::vector<std::string> old_networks = NetworksOf(before);
  const std::vector<std::string> new_networks = NetworksOf(&room.policy);
  for (const std::string& office : Minus(old_offices, new_offices))
    store_.Delete(keys::RoomOfOffice(office, room.id));
  for (const std::string& office : Minus(new_offices, old_offices)) {
    store_.Put(keys::RoomOfOffice(office, room.id), BytesView());
  }
  for (const std::string& network : Minus(old_networks, new_networks)) {
    store_.Delete(keys::RoomOfNetwork(network, room.id));
  }
  for (const std::string& network : Minus(new_networks, old_networks)) {
    store_.Put(keys::RoomOfNetwork(network, room.id), BytesView());
  }
  std::vector<std::string> told = Minus(new_offices, old_offices);
  const auto added = OfficesIn(registry_.latest(), Minus(new_networks, old_networks));
  told.insert(told.end(), added.begin(), added.end());
  return fan_out_.Send(room.id, MakeRoomOpenedEntry(room.id), DevicesToTell(room, told, now_ms));
}

}  // namespace enlace::server
