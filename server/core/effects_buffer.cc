#include "server/core/effects_buffer.h"

#include <iterator>

namespace enlace::server {
namespace {

template <typename Item>
void MoveInto(std::vector<Item>& to, std::vector<Item>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  // Keeps its room for the next operation.
  from.clear();
}

}  // namespace

void EffectsBuffer::KeepOperation() {
  MoveInto(group_.deliveries, operation_.deliveries);
  MoveInto(group_.devices_to_check, operation_.devices_to_check);
  group_.check_all_devices |= operation_.check_all_devices;
  group_.registry_grew |= operation_.registry_grew;
  group_.fan_out_waits |= operation_.fan_out_waits;
  operation_.check_all_devices = false;
  operation_.registry_grew = false;
  operation_.fan_out_waits = false;
}

void EffectsBuffer::Clear() {
  group_ = {};
  operation_ = {};
}

}  // namespace enlace::server
