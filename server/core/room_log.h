// A room's log: the one place where an accepted message gets its header and its place in both
// chains.
//
// Promises that an entry, the room's record and the server's chain move together, that the time in
// a room's headers never goes back, and that an entry's content is stored once, whoever it is
// delivered to.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"
#include "enlace/v1/room.pb.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_core.h"
#include "server/core/live_room.h"
#include "server/core/prepared_request.h"
#include "server/core/server_log.h"

namespace enlace::server {

// What is to be appended.
struct LogContent {
  PreparedMessage message;
  room::LogKind kind = room::LogKind::kMessage;
  std::string_view sender_uri;
  int64_t now_ms = 0;
};

struct LoggedEntry {
  v1::Acceptance acceptance;
  InboxEntry inbox;
};

// An entry's header, its encoding and its hash.
struct HeaderParts {
  const room::LogHeader& header;
  BytesView encoded;
  const merkle::Hash& head;
};
// What a sender is told of an entry; `generation` are the random bytes of the start that accepted
// it.
v1::Acceptance AcceptanceOf(const HeaderParts& parts, const std::string& generation);

class RoomLog {
 public:
  RoomLog(GroupOverlay& store, ServerLog& server_log) : store_(store), server_log_(server_log) {}

  // Appends to the room, which the caller has declared as changing. `room.record.epoch` is the
  // epoch in which it is accepted.
  absl::StatusOr<LoggedEntry> Append(LiveRoom& room, LogContent content);

 private:
  room::LogHeader NextHeader(const LiveRoom& room, const LogContent& content);
  // SenderHash, remembered for the newest kInboxesCachedMax devices.
  const merkle::Hash& SenderOf(std::string_view device_uri);

  GroupOverlay& store_;
  ServerLog& server_log_;
  absl::flat_hash_map<std::string, merkle::Hash> senders_;
};

}  // namespace enlace::server
