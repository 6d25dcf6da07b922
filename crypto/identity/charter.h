// The charter: the signed list of authorities with their CAs and standing, the networks, what each
// standing may do, and the server's identity.
//
// m of n charter keys sign it. Its root is the hash of the founding keys and threshold: clients pin
// the root at enrolment and never again take a key on anybody's word, because keys change only by a
// charter that m of n of the keys before it signed. Versions only go up; a charter is valid 400
// days at most. Promises that a Charter that was decoded is well-formed and in canonical order;
// says nothing about signatures until Verify has been asked (charter_chain.h for a chain from the
// root).
//
// Signed bytes: "enlace charter 1" ‖ body, where body is EncodeCharter's result.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/limits.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/ed25519.h"

namespace enlace::identity {

inline constexpr uint16_t kCharterFormatVersion = 1;

// An Ed25519 public key.
using PublicKey = std::array<uint8_t, crypto::kSignaturePublicKeyBytes>;

enum class AuthorityKind : uint8_t { kCountry = 1, kOrganisation = 2 };
enum class Standing : uint8_t { kMember = 1, kObserver = 2, kOrganisation = 3 };
inline constexpr size_t kStandings = 3;

// TLP 2.0 in order of strictness; the numbers are those of enlace.alert.v1.Tlp. kUnset stands for
// "not stated".
enum class Tlp : uint8_t {
  kUnset = 0,
  kClear = 1,
  kGreen = 2,
  kAmber = 3,
  kAmberStrict = 4,
  kRed = 5
};

// What authorities of one standing may do.
struct StandingPermissions {
  bool open_cases = false;
  bool be_action = false;
  bool be_info = false;
  bool bulletins = false;
  Tlp highest_tlp = Tlp::kClear;  // Strictest label that may be shared with them.

  friend bool operator==(const StandingPermissions&, const StandingPermissions&) = default;
};

// A name in the two working languages; both are required.
struct BilingualName {
  std::string es;
  std::string en;

  friend bool operator==(const BilingualName&, const BilingualName&) = default;
};

struct Network {
  std::string id;
  BilingualName name;

  friend bool operator==(const Network&, const Network&) = default;
};

struct Authority {
  std::string id;
  AuthorityKind kind = AuthorityKind::kCountry;
  Standing standing = Standing::kMember;
  BilingualName name;
  std::string alpha3;            // ISO 3166-1 of a country; empty for an organisation.
  std::vector<Certificate> cas;  // One or two.

  // Compares the certificates by their bytes.
  friend bool operator==(const Authority& a, const Authority& b);
};

struct ServerIdentity {
  std::string name;     // For people: enlace.rcm.example.
  Bytes certificate;    // DER of its TLS certificate; clients accept exactly this one.
  PublicKey log_key{};  // Signs heads and receipts.

  friend bool operator==(const ServerIdentity&, const ServerIdentity&) = default;
};

struct Charter {
  uint64_t version = 0;                // From 1.
  merkle::Hash root{};                 // KeySetRoot of the founding keys; the same in all versions.
  std::vector<PublicKey> keys;         // n keys, ascending, that sign the *next* version.
  uint8_t threshold = 0;               // m of them.
  std::vector<Network> networks;       // Ascending by id.
  std::vector<Authority> authorities;  // Ascending by id.
  std::array<StandingPermissions, kStandings> permissions;  // Indexed by Standing - 1.
  std::string presidency;  // Authority that presides; empty when vacant.
  ServerIdentity server;
  int64_t issued_at_ms = 0;
  int64_t expires_at_ms = 0;

  const Authority* FindAuthority(std::string_view id) const;
  const Network* FindNetwork(std::string_view id) const;
  const StandingPermissions& PermissionsOf(Standing standing) const;
  // The CA of `authority` with this fingerprint; null when the charter names none such.
  const Certificate* FindCa(std::string_view authority, const merkle::Hash& fingerprint) const;

  friend bool operator==(const Charter&, const Charter&) = default;
};

struct CharterSignature {
  PublicKey key{};
  Bytes signature;

  friend bool operator==(const CharterSignature&, const CharterSignature&) = default;
};

// A charter's exact bytes with signatures over them. A draft has too few signatures.
struct SignedCharter {
  Bytes body;
  std::vector<CharterSignature> signatures;  // Ascending by key, no key twice.

  friend bool operator==(const SignedCharter&, const SignedCharter&) = default;
};

// Hash of the canonical encoding of a set of keys and its threshold: of the founding set, the
// charter root.
merkle::Hash KeySetRoot(std::vector<PublicKey> keys, uint8_t threshold);

// Brings lists into canonical order; to be called before encoding what a person wrote.
void SortCharter(Charter& charter);

// INVALID_ARGUMENT with the first rule that `charter` breaks: sizes, ids, order, names, CAs that
// are not CAs of their authority, validity, threshold 1 to n, standing that does not fit the kind.
absl::Status CheckCharter(const Charter& charter);

// The one encoding of a charter that passes CheckCharter; INVALID_ARGUMENT otherwise.
absl::StatusOr<Bytes> EncodeCharter(const Charter& charter);
absl::StatusOr<Charter> DecodeCharter(BytesView body);

// Hash by which enrolment and room commits name a charter: SHA-256 of the body.
merkle::Hash CharterHash(BytesView body);

// Adds the signature of `key`, replacing an older one of the same key.
void SignCharter(SignedCharter& charter, const crypto::SigningKey& key);

Bytes EncodeSignedCharter(const SignedCharter& charter);
absl::StatusOr<SignedCharter> DecodeSignedCharter(BytesView bytes);

// OK when at least `threshold` of `keys` signed the body. A signature by a stranger or one that
// does not verify makes the whole charter PERMISSION_DENIED.
absl::Status VerifyCharterSignatures(const SignedCharter& charter,
                                     const std::vector<PublicKey>& keys, uint8_t threshold);

}  // namespace enlace::identity
