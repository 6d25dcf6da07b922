// What a commit says about itself in MLS authenticated_data: the registry head and charter by which
// it is to be judged, and why it removes whom.
//
// The head is carried whole, with the server's signature, because its timestamp is the time at
// which certificates are judged: a committer can choose among heads that the server signed, and
// heads never go back in a room, but it can't invent a time.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/merkle/signed_head.h"
#include "crypto/primitives/bytes.h"
#include "crypto/room/limits.h"

namespace enlace::room {

inline constexpr uint16_t kCommitContextVersion = 1;
inline constexpr uint16_t kHeadMarkVersion = 1;

enum class RemovalReason : uint8_t {
  kInactive = 1,       // Its certificate is revoked, suspended, expired or void at the named head.
  kMoved = 2,          // Its officer belongs to no participating office at the named head.
  kReplaced = 3,       // The same device enters anew (external commit).
  kGuardExcluded = 4,  // Its authority is excluded by the guard, which only members know.
  kLapsed = 5,         // It is too far behind; it may enter again.
  kOfficeLeft = 6,     // The new policy no longer names its office.
};

struct RemovedLeaf {
  uint32_t leaf = 0;
  RemovalReason reason = RemovalReason::kInactive;

  friend bool operator==(const RemovedLeaf&, const RemovedLeaf&) = default;
};

struct CommitContext {
  merkle::SignedHead head;
  uint64_t charter_version = 0;  // The charter in force at the head.
  std::vector<RemovedLeaf>
      removed;  // Ascending by leaf; exactly the leaves that the commit removes.

  friend bool operator==(const CommitContext&, const CommitContext&) = default;
};

// uint16 version; SignedHead head; uint64 charter_version; RemovedLeaf removed<V>.
Bytes EncodeCommitContext(const CommitContext& context);
absl::StatusOr<CommitContext> DecodeCommitContext(BytesView bytes);

// The head by which an epoch began, for those who join at it and did not see its commit: GroupInfo
// extension kHeadMarkExtension. Equal to the commit's own head and charter.
struct HeadMark {
  merkle::HeadRef head;
  int64_t timestamp_ms = 0;
  uint64_t charter_version = 0;

  friend bool operator==(const HeadMark&, const HeadMark&) = default;
};

HeadMark MarkOf(const CommitContext& context);
Bytes EncodeHeadMark(const HeadMark& mark);
absl::StatusOr<HeadMark> DecodeHeadMark(BytesView bytes);

}  // namespace enlace::room
