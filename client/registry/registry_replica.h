// This profile's copy of the registry log: fetched, verified, stored, asked.
//
// Promises that what registry() says follows from log entries that were each authorised, whose
// Merkle root the server of the charter signed, and that extend everything this installation has
// seen before: a server that forks, rewrites or shortens the log is noticed at the next Refresh,
// and nothing of what it sent is kept. The log is public to members, so the file is not sealed; it
// is stored whole and replayed at Open, where its root must be that of the newest verified head.
//
// Invariants: 1. Entries and the head that covers them are stored in one transaction. 2. The stored
// head never shrinks. 3. charter() satisfies the pin.
// Thread safety: one thread. Ownership: owns registry and file; pointers from registry() stay valid
// until a Refresh fails.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session/session_interface.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/registry.h"
#include "crypto/merkle/signed_head.h"

namespace enlace::client {

inline constexpr uint32_t kReplicaVersion = 1;
inline constexpr uint32_t kReplicaPageSize = 500;

// Failing verification freezes the replica for this process: no caller may send on it.
class RegistryReplica {
 public:
  // Opens or makes the file at `path` for a pinned charter root and replays what it holds.
  // LOG_INCONSISTENT when the file does not hold together or belongs to another root,
  // PROGRAM_TOO_OLD for a newer format. Readers beside the owner open it with `read_only`.
  struct Location {
    std::string path;
    identity::CharterPin pin;
    bool read_only = false;
  };
  static absl::StatusOr<std::unique_ptr<RegistryReplica>> Open(const Location& location);

  virtual ~RegistryReplica() = default;
  RegistryReplica(const RegistryReplica&) = delete;
  RegistryReplica& operator=(const RegistryReplica&) = delete;

  // Fetches head and missing pages, verifies, applies, stores. SERVER_BEHIND when the server's log
  // is shorter than ours, LOG_INCONSISTENT when a signature, root or entry does not verify or a
  // charter breaks the pin, CHARTER_MISSING when the log is empty, and the session's errors.
  // `timeout_ms` is for each call.
  virtual absl::Status Refresh(SessionInterface& session, int64_t now_ms, int timeout_ms) = 0;

  virtual const identity::Registry& registry() const = 0;
  // The newest verified head; a head of size 0 before the first Refresh.
  virtual const merkle::SignedHead& head() const = 0;
  // When Refresh last succeeded, by our clock; 0 when never.
  virtual int64_t refreshed_at_ms() const = 0;

  // What every sender asks first: OK when the replica verified, the head is younger than 24 h at
  // `now_ms` and the charter is in force. LOG_INCONSISTENT, SERVER_BEHIND, HEAD_TOO_OLD,
  // CHARTER_EXPIRED, CHARTER_MISSING otherwise.
  virtual absl::Status CheckMaySend(int64_t now_ms) const = 0;
  // A peer's message names a head: OK when ours had it; REGISTRY_BEHIND when it is ahead of ours
  // (Refresh, then ask again: a server that then still serves less gives SERVER_BEHIND);
  // LOG_INCONSISTENT when it contradicts ours.
  virtual absl::Status CheckPeerHead(const merkle::HeadRef& head) const = 0;
  // Freezes the replica: a verified peer has seen a head that the server does not serve us.
  virtual void MarkServerBehind() = 0;

  // The encoded entry at `index` (EncodeLogEntry's bytes). NOT_FOUND past the end.
  virtual absl::StatusOr<Bytes> EntryAt(uint64_t index) const = 0;

 protected:
  RegistryReplica() = default;
};

}  // namespace enlace::client
