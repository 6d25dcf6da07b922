// Headers of one inbox stream, told by what changed since the one before: for devices that asked
// for it, while they read what waited.
//
// Thread safety: the stream's lock. Ownership: values; one for each stream.
#pragma once

#include <optional>

#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"

namespace enlace::server {

class HeaderShortener {
 public:
  // The next entry of the stream: its header becomes a change where the device can put it together
  // again, else it stays whole.
  void Shorten(v1::RoomEntry& entry);
  // An entry went out that this did not see: the next one stays whole.
  void Forget() { before_.reset(); }

 private:
  std::optional<room::LogHeader> before_;
};

}  // namespace enlace::server
