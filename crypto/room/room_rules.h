// Who may do what in a room: the validity of a commit, which is the same for everybody, and the
// local judgement that freezes.
//
// `CheckCommit` is a pure function of the room before, the commit and the registry at the head that
// the commit names. Two devices that hold the log up to that head always agree, whatever else they
// know: that is what keeps a group together. What only some can know (a later revocation, the
// guard) never invalidates a commit; it is `FreezeReasons`' business: while it names a leaf, a
// device sends nothing and commits nothing but the removal of what it names.
//
// Nothing here checks MLS itself (signature, tags, tree): crypto/mls does. room_view.h fills these
// structures from a PublicGroup.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "crypto/identity/registry.h"
#include "crypto/room/commit_context.h"
#include "crypto/room/room_policy.h"

namespace enlace::room {

// A leaf with a member, by the fingerprint of its MLS certificate.
struct RoomMember {
  uint32_t leaf = 0;
  merkle::Hash certificate{};

  friend bool operator==(const RoomMember&, const RoomMember&) = default;
};

// What the rules need of a group, before a commit.
struct RoomState {
  RoomPolicy policy;
  merkle::Hash guard_commitment{};
  HeadMark mark;  // Of the commit that began the epoch; default for a room that is being created.
  std::vector<RoomMember> members;  // Ascending by leaf.
};

// What the rules need of a commit.
struct CommitSummary {
  bool external = false;
  RoomMember committer;  // A member: its leaf and certificate before. An external joiner: the leaf
                         // and certificate it gets.
  std::optional<merkle::Hash>
      new_certificate;  // Certificate in the update path's leaf, when a member's commit has a path.
  std::vector<merkle::Hash> added;  // Certificates of the Add proposals.
  std::vector<uint32_t> removed;    // Leaves of the Remove proposals.
  std::optional<RoomPolicy>
      new_policy;  // Values after a group_context_extensions proposal, when they differ.
  std::optional<merkle::Hash> new_guard_commitment;
  bool other_changes = false;  // Any other change of the GroupContext's extensions, or a proposal
                               // that rooms don't use.
  CommitContext context;
};

// OK when the commit is valid in the room. OUT_OF_RANGE when the named head is ahead of `registry`:
// fetch the log and ask again. Otherwise the commit is invalid for everybody: DATA_LOSS for a head
// that our log never had, FAILED_PRECONDITION for a head or charter that goes back,
// PERMISSION_DENIED for a member, leaf or change that the rules don't allow, INVALID_ARGUMENT for
// a commit that contradicts its own context, RESOURCE_EXHAUSTED past kCommitAddsMax or
// kRoomDevicesMax.
absl::Status CheckCommit(const RoomState& before, const CommitSummary& commit,
                         const identity::Registry& registry);

// The room after a valid commit, except `members`' leaf numbers of added devices, which MLS assigns
// (room_view.h reads them).
HeadMark MarkAfter(const CommitSummary& commit);

// OK when `policy` may found a room at the context's head: creator in the origin office (or, for a
// successor, in an ACTION office of the room), the origin's standing may open cases (or write
// bulletins), every office exists, shares a network and has a standing that allows its role. Errors
// as CheckCommit.
absl::Status CheckNewRoom(const RoomPolicy& policy, const merkle::Hash& creator_certificate,
                          const CommitContext& context, const identity::Registry& registry);

// True when `device` may enter a room with this policy by itself at a moment: it is active and its
// office takes part.
bool MayEnter(const RoomPolicy& policy, const identity::DeviceRecord& device,
              const identity::Registry& registry, const identity::LogMoment& moment);

// Role of the device's office in the room at a moment: ACTION for the origin; in a bulletin room
// INFO for every office of its network whose standing reads bulletins. Absent for an administrator
// without another role, without a part or where its standing forbids it; activity is not asked.
std::optional<OfficeRole> RoleInRoom(const RoomPolicy& policy, const identity::DeviceRecord& device,
                                     const identity::Registry& registry,
                                     const identity::LogMoment& moment);

// Why a leaf has to go.
struct FreezeReason {
  RoomMember member;
  RemovalReason reason = RemovalReason::kInactive;

  friend bool operator==(const FreezeReason&, const FreezeReason&) = default;
};

// Leaves that must be removed before this device sends, as far as it knows: by the whole registry,
// with certificates judged at `judged_at_ms` (the time of the newest signed head, so that a removal
// that names that head is valid for all), and, when it holds the guard, by its exclusions and by
// its TLP, which must not exceed what the charter lets the member's standing see. Ascending by
// leaf; empty when the room is not frozen.
std::vector<FreezeReason> FreezeReasons(const RoomState& room, const identity::Registry& registry,
                                        int64_t judged_at_ms, const RoomGuard* guard);

}  // namespace enlace::room
