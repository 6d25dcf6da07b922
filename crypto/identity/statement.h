// Statements: what an authority says about its offices, officers and devices. Each is signed and
// logged; nothing else counts.
//
// A statement is signed by one of the authority's CAs; a suspension of at most 7 days also by a
// device of an admin or supervisor of that authority. Statements of one signer are numbered 1, 2, 3
// … without a gap: a server can neither log one twice nor leave one out and log the next. Promises
// that a decoded statement is well-formed by itself; whether it is authorised at its place in the
// log is the registry's decision (registry.h).
//
// Signed bytes: "enlace statement 1" ‖ signer kind ‖ signer ‖ body, where body is EncodeStatement's
// result.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"
#include "crypto/identity/limits.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::identity {

inline constexpr uint16_t kStatementVersion = 1;

// Roles of an officer, as a set of bits. A service stands alone: it is no officer, supervisor or
// admin.
enum class Role : uint8_t { kOfficer = 1, kSupervisor = 2, kService = 4, kAdmin = 8 };
using RoleSet = uint8_t;
constexpr RoleSet RoleBit(Role role) { return static_cast<RoleSet>(role); }
constexpr bool HasRole(RoleSet roles, Role role) { return (roles & RoleBit(role)) != 0; }
bool IsRoleSet(RoleSet roles);

enum class RevocationReason : uint8_t {
  kLost = 1,
  kStolen = 2,
  kReplaced = 3,
  kLeft = 4,
  kCompromised = 5,
  kOther = 6
};

// An office created, or all of its attributes stated anew.
struct OfficeStated {
  std::string office_id;
  BilingualName name;
  std::vector<std::string> networks;   // Ascending; at least one.
  std::string supervisor;              // Officer id; empty when vacant.
  std::string successor;               // Office that steps in when this one can't; empty when none.
  std::vector<std::string> languages;  // BCP 47, ascending; at least one.
  std::string time_zone;               // IANA.
  std::string duty_phone;              // E.164; empty when none.

  friend bool operator==(const OfficeStated&, const OfficeStated&) = default;
};

// A device admitted, or renewed with new keys when its URI is known. Offices and roles are the
// officer's: for an officer who has an active device already they are what the registry holds
// (OfficerAssigned changes them).
struct DeviceEnrolled {
  std::string device_uri;
  std::vector<std::string> offices;  // Ascending; at least one.
  RoleSet roles = 0;
  Bytes tls_certificate;  // DER.
  Bytes mls_certificate;  // DER; the same validity as the TLS one.
  merkle::Hash card_commitment{};

  friend bool operator==(const DeviceEnrolled&, const DeviceEnrolled&) = default;
};

// Another set of offices and roles for a known officer.
struct OfficerAssigned {
  std::string officer_id;
  std::vector<std::string> offices;  // Ascending; empty takes all away.
  RoleSet roles = 0;

  friend bool operator==(const OfficerAssigned&, const OfficerAssigned&) = default;
};

// A device ended for ever; its URI is not used again.
struct DeviceRevoked {
  std::string device_uri;
  RevocationReason reason = RevocationReason::kOther;

  friend bool operator==(const DeviceRevoked&, const DeviceRevoked&) = default;
};

// An officer's devices held back until a time or, with 0, until reinstated.
struct OfficerSuspended {
  std::string officer_id;
  int64_t until_ms = 0;

  friend bool operator==(const OfficerSuspended&, const OfficerSuspended&) = default;
};

struct OfficerReinstated {
  std::string officer_id;

  friend bool operator==(const OfficerReinstated&, const OfficerReinstated&) = default;
};

// The same office under another id.
struct OfficeRenamed {
  std::string old_office_id;
  std::string new_office_id;

  friend bool operator==(const OfficeRenamed&, const OfficeRenamed&) = default;
};

// An office ended; its rooms and officers pass to the successor.
struct OfficeClosed {
  std::string office_id;
  std::string successor;

  friend bool operator==(const OfficeClosed&, const OfficeClosed&) = default;
};

// An officer answers for an office during a time.
struct DutyShift {
  std::string officer_id;
  int64_t from_ms = 0;
  int64_t until_ms = 0;  // Exclusive; at most kDutyShiftMsMax after from_ms.
  std::string phone;     // E.164; empty: the office's duty phone.

  friend bool operator==(const DutyShift&, const DutyShift&) = default;
};

// The roster of an office, in place of the one before; an empty one takes it away.
struct OfficeDuty {
  std::string office_id;
  std::vector<DutyShift> shifts;  // Ascending by from_ms, then officer; at most kDutyShiftsMax.

  friend bool operator==(const OfficeDuty&, const OfficeDuty&) = default;
};

// The order gives the wire's kind, from 1.
using StatementBody =
    std::variant<OfficeStated, DeviceEnrolled, OfficerAssigned, DeviceRevoked, OfficerSuspended,
                 OfficerReinstated, OfficeRenamed, OfficeClosed, OfficeDuty>;

// "office-stated", "device-enrolled" …: for audit lists and errors.
std::string_view StatementKindName(const StatementBody& body);

struct Statement {
  std::string authority;
  uint64_t sequence = 0;  // Of this signer, from 1.
  int64_t issued_at_ms = 0;
  StatementBody body;

  friend bool operator==(const Statement&, const Statement&) = default;
};

enum class SignerKind : uint8_t { kCa = 1, kDevice = 2 };

struct SignedStatement {
  Bytes body;
  SignerKind signer_kind = SignerKind::kCa;
  merkle::Hash signer{};  // Fingerprint of the CA's or of the device's MLS certificate.
  Bytes signature;

  friend bool operator==(const SignedStatement&, const SignedStatement&) = default;
};

// INVALID_ARGUMENT with the first rule that the statement breaks by itself: ids, foreign authority,
// order, lengths, kinds.
absl::Status CheckStatement(const Statement& statement);

// The one encoding of a statement that passes CheckStatement.
absl::StatusOr<Bytes> EncodeStatement(const Statement& statement);
absl::StatusOr<Statement> DecodeStatement(BytesView body);

struct StatementSigner {
  SignerKind kind = SignerKind::kCa;
  merkle::Hash certificate{};  // Fingerprint.
  const crypto::SigningKey& key;
};
absl::StatusOr<SignedStatement> SignStatement(const Statement& statement,
                                              const StatementSigner& signer);

// OK when `public_key` (32 bytes) signed the statement; PERMISSION_DENIED otherwise.
absl::Status VerifyStatementSignature(const SignedStatement& statement, BytesView public_key);

Bytes EncodeSignedStatement(const SignedStatement& statement);
absl::StatusOr<SignedStatement> DecodeSignedStatement(BytesView bytes);

}  // namespace enlace::identity
