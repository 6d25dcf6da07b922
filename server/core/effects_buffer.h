// Collects what a group's operations want told, so that a dropped operation tells nothing.
//
// Thread safety: one thread. Ownership: owns what is collected.
#pragma once

#include <string>
#include <utility>

#include "server/core/group_effects.h"

namespace enlace::server {

class EffectsBuffer {
 public:
  void Deliver(Delivery delivery) { operation_.deliveries.push_back(std::move(delivery)); }
  void CheckDevice(std::string_view uri) { operation_.devices_to_check.emplace_back(uri); }
  void CheckAllDevices() { operation_.check_all_devices = true; }
  void RegistryGrew() { operation_.registry_grew = true; }
  void FanOutWaits() { operation_.fan_out_waits = true; }

  void KeepOperation();
  void DropOperation() { operation_ = {}; }
  GroupEffects Take() { return std::exchange(group_, {}); }
  void Clear();

 private:
  GroupEffects group_;
  GroupEffects operation_;
};

}  // namespace enlace::server
