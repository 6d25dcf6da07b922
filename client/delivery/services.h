// What the parts of the delivery engine share.
//
// Thread safety: the engine's thread. Ownership: borrows everything; the engine owns it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/profile/profile.h"
#include "client/rooms/room_context.h"
#include "client/session/session_interface.h"

namespace enlace::client {

// Milliseconds since 1970.
using Clock = std::function<int64_t()>;

struct Services {
  const Profile& profile;
  RoomContext& rooms;
  SessionInterface& session;
  Clock now_ms;

  Vault& vault() const { return rooms.vault; }
  RegistryReplica& replica() const { return rooms.replica; }
  const OwnDevice& device() const { return rooms.device; }
  // Offices of this device by the newest registry.
  std::vector<std::string> Offices() const;
  bool ActsFor(std::string_view office_id) const;
};

// Commits and releases: the vault has one transaction at a time.
inline absl::Status Finish(std::unique_ptr<VaultTransaction> tx) { return tx->Commit(); }

}  // namespace enlace::client
