// RoomPolicy: what everybody, the server included, may know about a room; and RoomGuard: what only
// its members may know.
//
// The policy stands in the MLS GroupContext, so all members agree on it by the key schedule. Of the
// guard the GroupContext holds only SHA-256(salt ‖ guard): guard and salt travel encrypted, in a
// GroupInfo extension of each Welcome or by a member's message. A device without a matching guard
// reads, but neither sends nor commits. Only the origin changes either (room_rules.h).
//
// Promises one canonical encoding for each, checked when decoded. Extension ids are private use
// (RFC 9420 section 17.3).
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/rng.h"
#include "crypto/room/limits.h"

namespace enlace::room {

// MLS extension types. The first two stand in GroupContext and required_capabilities, the others in
// GroupInfo.
inline constexpr uint16_t kRoomPolicyExtension = 0xF0E1;
inline constexpr uint16_t kGuardCommitmentExtension = 0xF0E2;
inline constexpr uint16_t kRoomGuardExtension = 0xF0E3;
inline constexpr uint16_t kHeadMarkExtension = 0xF0E4;

inline constexpr uint16_t kRoomPolicyVersion = 1;
inline constexpr uint16_t kRoomGuardVersion = 1;

enum class RoomKind : uint8_t { kCase = 1, kIdentity = 2, kBulletin = 3 };

// The numbers of enlace.alert.v1.Role.
enum class OfficeRole : uint8_t { kAction = 1, kInfo = 2 };

// Who besides the origin may bring another office in.
enum class ReferralRule : uint8_t { kNobody = 1, kActionOffices = 2 };

struct Participant {
  std::string office_id;
  OfficeRole role = OfficeRole::kAction;

  friend bool operator==(const Participant&, const Participant&) = default;
};

// The room that this one continues, and what it ended with.
struct Predecessor {
  Bytes room_id;  // Empty when there is none; else kRoomIdBytes.
  merkle::Hash
      last_head{};  // Head of its log (log_chain.h) that the successor builds on; zero when none.

  friend bool operator==(const Predecessor&, const Predecessor&) = default;
};

struct RoomPolicy {
  RoomKind kind = RoomKind::kCase;
  std::vector<std::string> networks;  // Ascending; at least one; exactly one for a bulletin room.
  std::string origin_office;
  std::vector<Participant>
      participants;  // Ascending by office, without the origin. Empty for a bulletin room: every
                     // office of its network takes part there.
  ReferralRule referral = ReferralRule::kNobody;
  Bytes main_room;  // For an identity room the case room that it belongs to; else empty.
  Predecessor predecessor;

  // The entry of an office; null when it is not named, as the origin never is.
  const Participant* FindParticipant(std::string_view office_id) const;

  friend bool operator==(const RoomPolicy&, const RoomPolicy&) = default;
};

// INVALID_ARGUMENT with the first rule that is broken: ids, order, counts, an INFO office in an
// identity room.
absl::Status CheckRoomPolicy(const RoomPolicy& policy);
// Content of extension kRoomPolicyExtension.
absl::StatusOr<Bytes> EncodeRoomPolicy(const RoomPolicy& policy);
absl::StatusOr<RoomPolicy> DecodeRoomPolicy(BytesView bytes);

// Handling codes H0 to H3 as bits 0 to 3.
using HandlingSet = uint8_t;

struct RoomGuard {
  std::vector<std::string> excluded_authorities;  // Ascending.
  identity::Tlp tlp = identity::Tlp::kRed;        // Never kUnset: a missing label is RED.
  HandlingSet handling = 0;
  std::string restriction;  // The originator's note; may be empty, may have line breaks.

  bool Excludes(std::string_view authority) const;

  friend bool operator==(const RoomGuard&, const RoomGuard&) = default;
};

// True when `after` is at least as strict as `before` in every respect: the only way in which a
// guard may change.
bool IsTightened(const RoomGuard& before, const RoomGuard& after);

// A guard with its salt: content of the encrypted extension kRoomGuardExtension and of the members'
// message.
struct SaltedGuard {
  Bytes salt;  // kGuardSaltBytes.
  RoomGuard guard;

  friend bool operator==(const SaltedGuard&, const SaltedGuard&) = default;
};

SaltedGuard SaltGuard(RoomGuard guard, crypto::Rng& rng);
absl::Status CheckRoomGuard(const RoomGuard& guard);
absl::StatusOr<Bytes> EncodeSaltedGuard(const SaltedGuard& guard);
absl::StatusOr<SaltedGuard> DecodeSaltedGuard(BytesView bytes);

// SHA-256(salt ‖ guard).
absl::StatusOr<merkle::Hash> CommitToGuard(const SaltedGuard& guard);

// Content of extension kGuardCommitmentExtension: uint16 version; opaque commitment[32].
Bytes EncodeGuardCommitment(const merkle::Hash& commitment);
absl::StatusOr<merkle::Hash> DecodeGuardCommitment(BytesView bytes);

}  // namespace enlace::room
