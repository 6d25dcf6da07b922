// Log headers of one inbox stream, put together where the server told only what changed.
//
// Thread safety: one thread. Ownership: values; one for each stream.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"

namespace enlace::client {

class HeaderReader {
 public:
  // The entries afterwards have whole headers and no change. MALFORMED_REQUEST for a change that
  // leads to no header: the stream can't be followed any further.
  absl::Status Complete(v1::SubscribeResponse& response);

 private:
  absl::Status Complete(v1::RoomEntry& entry);

  std::optional<room::LogHeader> before_;
};

}  // namespace enlace::client
