// What the registry remembers of offices, officers and devices, with the log index of each change,
// so that any moment of the log can be judged later.
//
// Thread safety: values; read-only outside the registry. Ownership: the registry owns all records;
// they stay where they are as long as the registry lives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/identity/ids.h"
#include "crypto/identity/statement.h"
#include "crypto/merkle/hash.h"

namespace enlace::identity {

// A moment of the log: the entries before `size`, and the time at which validity and suspensions
// are judged (that of the signed head, never a local clock's).
struct LogMoment {
  uint64_t size = 0;
  int64_t time_ms = 0;
};

// The pair of certificates of one enrolment or renewal.
struct DeviceCertificates {
  merkle::Hash tls_fingerprint{};
  merkle::Hash mls_fingerprint{};
  merkle::Hash ca_fingerprint{};
  PublicKey mls_key{};
  int64_t not_before_ms = 0;
  int64_t not_after_ms = 0;
  uint64_t logged_at = 0;  // Log index, as everywhere in this file.
};

struct OfficerRecord;

struct DeviceRecord {
  DeviceUri uri;
  const OfficerRecord* officer = nullptr;
  std::vector<DeviceCertificates> certificates;  // Oldest first.
  std::optional<uint64_t> revoked_at;
  RevocationReason revocation_reason = RevocationReason::kOther;
};

struct Assignment {
  uint64_t logged_at = 0;
  RoleSet roles = 0;
  std::vector<std::string> offices;
};

// Suspension from an index on, until a time (0: until the next entry), or its end (`lifted`).
struct SuspensionChange {
  uint64_t logged_at = 0;
  bool lifted = false;
  int64_t until_ms = 0;
};

struct OfficerRecord {
  std::string id;
  std::vector<Assignment> assignments;        // Oldest first; the last is in force.
  std::vector<SuspensionChange> suspensions;  // Oldest first.
  std::vector<DeviceRecord*> devices;
  merkle::Hash card_commitment{};  // Of the newest enrolment.

  // Offices and roles in force in a log of `size` entries; null before the first.
  const Assignment* AssignmentAt(uint64_t size) const;
  bool SuspendedAt(const LogMoment& moment) const;
};

struct OfficeVersion {
  uint64_t logged_at = 0;
  OfficeStated stated;
};

struct OfficeRecord {
  std::string id;
  std::vector<OfficeVersion> versions;  // Oldest first.
  std::string moved_to;  // New id after a rename, successor after a closing; empty while open.
  uint64_t moved_at = 0;
  bool renamed = false;  // True when moved_to is a new name, false when a successor.
  std::vector<OfficerRecord*> officers;     // Assigned now, under this very id.
  std::vector<OfficeRecord*> predecessors;  // Offices whose moved_to this is.

  // The roster stated last; empty when none was stated. May name officers who have left since.
  std::vector<DutyShift> duty;

  bool open() const { return moved_to.empty(); }
  // Shifts of the roster that run at `now_ms`, in its order, of officers who are still in the
  // office.
  std::vector<const DutyShift*> OnDutyAt(int64_t now_ms) const;
  // Attributes in force now.
  const OfficeStated& stated() const { return versions.back().stated; }
  // Attributes in a log of `size` entries; null before the first.
  const OfficeStated* StatedAt(uint64_t size) const;
};

// Why a device or certificate is or is not active at a moment.
enum class DeviceState : uint8_t {
  kActive,
  kNotLogged,  // Not, or not yet, in the log.
  kRevoked,
  kSuspended,
  kUnassigned,  // Its officer belongs to no office.
  kNotYetValid,
  kExpired,
  kCaNotNamed,  // The charter no longer names the authority or the CA.
};

// "revoked", "suspended" …: for logs and errors, not for people.
std::string_view DeviceStateName(DeviceState state);

}  // namespace enlace::identity
