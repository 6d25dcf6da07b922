// What the world has to be told once a group of operations is durable.
//
// Thread safety: values. Ownership: deliveries share immutable items with each other,
// and the names of devices with the inboxes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "enlace/v1/room.pb.h"
#include "server/core/entry_draft.h"

namespace enlace::server {

// A new item of an inbox. `item` has no cursor: it is shared by all devices that get it; the sender
// puts `cursor` before it. Cursors of one device come in order and without gaps; a stream that
// has sent everything before this cursor may send the item as it is, any other reads pages
// (Reader::ReadInbox).
struct Delivery {
  std::shared_ptr<const std::string> device_uri;
  uint64_t cursor = 0;
  WireItem item;
};

struct GroupEffects {
  std::vector<Delivery> deliveries;
  // Devices whose standing may have changed: cut their streams unless CallerDirectory::CheckStill
  // says OK.
  std::vector<std::string> devices_to_check;
  // The charter changed: check every stream.
  bool check_all_devices = false;
  // The registry log grew: streams tell it with their next message.
  bool registry_grew = false;
  // More of a large fan-out waits: queue Core::ContinueFanOut soon.
  bool fan_out_waits = false;
};

// What the operator's wake hook gets; nothing else of a message may reach it.
struct WakeCall {
  std::string office_id;
  v1::Urgency urgency = v1::URGENCY_UNSPECIFIED;
};

}  // namespace enlace::server
