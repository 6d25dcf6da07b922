// Commits: what ends an epoch, and what founds a room.
//
// The server judges what is public: RFC 9420's rules through PublicGroup, the room rules at the
// head that the commit names (crypto/room/room_rules.h), and, beyond what makes a commit valid for
// everybody, that nobody enters who is not active now, that the named head is not older than a day,
// and that the caller is the committer. Promises that commit, GroupInfo, Welcome and first messages
// are accepted together or not at all, and that one commit wins an epoch.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/signature_cache.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "server/core/fan_out.h"
#include "server/core/live_room.h"
#include "server/core/message_core.h"
#include "server/core/retention.h"
#include "server/core/room_directory.h"
#include "server/core/room_log.h"
#include "server/core/roster.h"

namespace enlace::server {

class CommitCore {
 public:
  struct Sources {
    GroupOverlay& store;
    RoomCache& rooms;
    Roster& roster;
    RoomDirectory& directory;
    RoomLog& log;
    FanOut& fan_out;
    Retention& retention;
    MessageCore& messages;
    const SharedRegistry& registry;
  };
  explicit CommitCore(const Sources& sources) : s_(sources) {}

  // ROOM_EXISTS, COMMIT_INVALID, POLICY_FORBIDS, NOT_PERMITTED_BY_STANDING, REGISTRY_BEHIND,
  // LIMIT_EXCEEDED, BODY_TOO_LARGE, and those of MessageCore::Send for the first messages.
  absl::Status CreateRoom(const Caller& caller, const v1::CreateRoomRequest& request,
                          int64_t now_ms, v1::CreateRoomResponse& answer);
  // The same, and ROOM_UNKNOWN, ROOM_READ_ONLY, EPOCH_STALE, NOT_A_MEMBER for one who may not enter
  // either.
  absl::Status Commit(const Caller& caller, const v1::CommitRequest& request, int64_t now_ms,
                      v1::CommitResponse& answer);

 private:
  // One commit on its way.
  struct Pending {
    LiveRoom& room;
    mls::PublicGroup& group;
    const Caller& caller;
    const v1::CommitBundle& bundle;
    int64_t now_ms = 0;
    bool founding = false;
  };
  struct Accepted {
    v1::Acceptance commit;
    std::vector<v1::Acceptance> messages;
  };

  absl::StatusOr<std::unique_ptr<LiveRoom>> Found(const Caller& caller,
                                                  const v1::CreateRoomRequest& request,
                                                  int64_t now_ms);
  absl::Status CheckPredecessor(const Caller& caller, const room::RoomPolicy& policy,
                                int64_t now_ms);
  absl::Status LogFounding(LiveRoom& room, const Caller& caller, std::string_view group_info,
                           int64_t now_ms);
  absl::StatusOr<Accepted> Accept(const Pending& pending);
  absl::StatusOr<mls::CommitSummary> Judge(const Pending& pending);
  absl::Status JudgeByRules(const Pending& pending, const mls::CommitSummary& commit,
                            const mls::PublicGroup& before) const;
  absl::Status CheckNow(const Pending& pending, const mls::CommitSummary& commit) const;
  absl::Status TakeEpoch(const Pending& pending, const mls::CommitSummary& commit);
  absl::Status TakeMembers(const Pending& pending, const mls::CommitSummary& commit);
  absl::Status PutMember(LiveRoom& room, const mls::Member& member, uint64_t new_epoch);
  absl::Status RemoveMember(LiveRoom& room, const mls::Member& member);
  absl::Status DeliverWelcome(const Pending& pending, const mls::CommitSummary& commit,
                              const v1::Acceptance& accepted);

  Sources s_;
  mls::MemorySignatureCache verified_;
};

}  // namespace enlace::server
