// The invitation: what an administrator hands an officer (file or paste string) so that a new
// device can find the right server and be recognised.
//
// It holds a 128-bit code that is never sent: the server sees an id derived from it, and a second
// derived key authenticates the signing requests. Whoever holds the invitation can ask to be
// admitted as that officer until the words are compared: it is handed over in person or by a
// channel that is already in use. Valid 72 h, once (the server and the administrator enforce
// "once").
//
// Text form: "enlace-invitation-1." code "." body "." word, where code is 26 characters of the
// alphabet 0123456789ABCDEFGHJKMNPQRSTVWXYZ (I and L read as 1, O as 0; case does not matter), body
// is the rest in base64url without padding and ends in 4 octets of checksum, and word is a check
// word of the English list, so that a person sees at once whether the end is missing.
//
// Thread safety: values. Ownership: the code is secret and move-only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/limits.h"
#include "crypto/identity/officer_card.h"
#include "crypto/identity/statement.h"
#include "crypto/identity/verification_words.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::identity {

inline constexpr uint16_t kInvitationVersion = 1;
inline constexpr size_t kInvitationCodeBytes = 16;
inline constexpr size_t kInvitationCodeCharacters = 26;
inline constexpr size_t kInvitationIdBytes = 16;

struct Invitation {
  SecretBytes code;                   // kInvitationCodeBytes.
  std::string server_address;         // host:port of the service.
  std::string enrolment_address;      // host:port of the listener for enrolment.
  merkle::Hash server_certificate{};  // Fingerprint.
  CharterPin charter_pin;
  std::string authority;
  merkle::Hash ca_certificate{};     // Fingerprint of the CA that will sign.
  std::string device_uri;            // The officer's id is in it.
  std::vector<std::string> offices;  // Ascending.
  RoleSet roles = 0;
  OfficerCard card;  // Name for the greeting; the device completes phones and languages.
  std::string administrator_phone;  // To which the words are read; may be empty.
  int64_t expires_at_ms = 0;
  WordLanguage language = WordLanguage::kSpanish;

  Invitation Clone() const;
};

// Fields with a fresh code and expires_at_ms = now_ms + kInvitationValidityMs are set by this; the
// rest is the caller's. INVALID_ARGUMENT when a field breaks its rule.
absl::StatusOr<Invitation> MakeInvitation(Invitation fields, int64_t now_ms, crypto::Rng& rng);

// FAILED_PRECONDITION when `now_ms` is past expires_at_ms.
absl::Status CheckInvitationTime(const Invitation& invitation, int64_t now_ms);

// The paste string, secret as a whole.
SecretBytes EncodeInvitation(const Invitation& invitation);
// The file: the paste string in lines of 72 between a BEGIN and an END line. What stands before
// BEGIN is skipped when it is read: a place for a note to the officer.
SecretBytes EncodeInvitationFile(const Invitation& invitation);
// Reads either form; white space and line breaks are skipped. INVALID_ARGUMENT says what is wrong:
// not an invitation, mistyped code, cut off at the end, another version.
absl::StatusOr<Invitation> DecodeInvitation(std::string_view text);

// 26 characters in groups of five separated by "-": how a code is read aloud.
SecretBytes FormatInvitationCode(const SecretBytes& code);
// The reverse, lenient in case, grouping and 0/O, 1/I/L. INVALID_ARGUMENT when its two check bits
// don't fit.
absl::StatusOr<SecretBytes> ParseInvitationCode(std::string_view text);

// What is derived from a code by HKDF-SHA-256 with salt "enlace invitation 1".
struct InvitationKeys {
  Bytes invitation_id;    // kInvitationIdBytes; what the server sees.
  SecretBytes mac_key;    // Binds the signing requests, and keys the six words.
  SecretBytes card_salt;  // Of the officer's card, known to the administrator and the device only.
};
InvitationKeys DeriveInvitationKeys(const SecretBytes& code);

}  // namespace enlace::identity
