// The core's collaborators, wired together, and the points at which an operation or a group begins
// and ends for all of them.
//
// Thread safety: the committer, but for `callers` and `reader`. Ownership: owns the collaborators;
// borrows engine and options.
#pragma once

#include "server/core/blob_core.h"
#include "server/core/caller.h"
#include "server/core/commit_core.h"
#include "server/core/core.h"
#include "server/core/deadlines.h"
#include "server/core/effects_buffer.h"
#include "server/core/enrolment_core.h"
#include "server/core/fan_out.h"
#include "server/core/group_overlay.h"
#include "server/core/inbox_core.h"
#include "server/core/key_package_core.h"
#include "server/core/live_room.h"
#include "server/core/message_core.h"
#include "server/core/presence.h"
#include "server/core/reader.h"
#include "server/core/registry_core.h"
#include "server/core/request_log.h"
#include "server/core/retention.h"
#include "server/core/room_care.h"
#include "server/core/room_directory.h"
#include "server/core/room_log.h"
#include "server/core/roster.h"
#include "server/core/server_log.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

// The caller that was last found in good standing: when, and by how much of the registry's log.
struct Standing {
  merkle::Hash tls_fingerprint{};
  int64_t checked_at_ms = -1;
  uint64_t registry_size = 0;

  bool Covers(const Call& call, uint64_t size) const {
    return checked_at_ms == call.now_ms && registry_size == size &&
           tls_fingerprint == call.caller.tls_fingerprint;
  }
};

struct Core::Parts {
  Parts(storage::Engine& engine, const CoreOptions& options);

  absl::Status Load();
  absl::StatusOr<bool> Tick(int64_t now_ms);

  // The operation's writes, effects and changes in memory stay, or are forgotten. What can't be
  // read again makes `broken`.
  void Keep();
  void Drop();
  GroupEffects Committed();
  void Abandon();
  // Reads again what could not be read; `broken` says whether it could now.
  void Recover();

  GroupOverlay store;
  EffectsBuffer effects;
  SharedRegistry registry;
  RequestLog requests;
  ServerLog server_log;
  InboxCore inboxes;
  FanOut fan_out;
  RegistryCore registry_core;
  EnrolmentCore enrolments;
  KeyPackageCore key_packages;
  BlobCore blobs;
  RoomCache rooms;
  Roster roster;
  RoomDirectory directory;
  RoomLog room_log;
  Deadlines deadlines;
  Retention retention;
  Presence presence;
  MessageCore messages;
  CommitCore commits;
  RoomCare care;
  CallerDirectory callers;
  Reader reader;
  // Of no value once an operation was dropped, and with it, maybe, entries of the registry.
  Standing stood;
  // Why memory no longer follows the store; every operation gets it.
  absl::Status broken;

 private:
  void Note(const absl::Status& reloaded);
  absl::Status DevicesChanged(const std::vector<std::string>& uris, int64_t now_ms);
};

}  // namespace enlace::server
