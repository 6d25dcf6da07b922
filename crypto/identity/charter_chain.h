// Following the charter from its pinned root through its changes of keys.
//
// Promises that a charter that `CharterChain` has accepted is signed by keys that descend, each
// change signed by m of n of the keys before it, from the founding set that the pinned root names,
// and that versions strictly rise. A chain may leave out versions that did not change the keys.
//
// Thread safety: as a vector's. Ownership: owns copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "crypto/identity/charter.h"

namespace enlace::identity {

// What a client pins at enrolment.
struct CharterPin {
  merkle::Hash root{};
  uint64_t lowest_version = 1;

  friend bool operator==(const CharterPin&, const CharterPin&) = default;
};

class CharterChain {
 public:
  explicit CharterChain(const merkle::Hash& root) : root_(root) {}

  // Takes the next version. The first must carry the founding keys (their KeySetRoot is the root)
  // and be signed by them. PERMISSION_DENIED for signatures or a root that do not fit,
  // FAILED_PRECONDITION for a version that does not rise, INVALID_ARGUMENT for a malformed charter;
  // the chain is then as before. Times are not asked.
  absl::Status Accept(const SignedCharter& next);
  // The same without verifying signatures, for a charter that was verified before.
  absl::Status AcceptVerified(const SignedCharter& next);

  bool empty() const { return !current_.has_value(); }
  // The newest charter; there must be one.
  const Charter& current() const { return *current_; }
  const merkle::Hash& current_hash() const { return current_hash_; }

 private:
  absl::Status Take(const SignedCharter& next, bool verify);

  merkle::Hash root_;
  std::optional<Charter> current_;
  merkle::Hash current_hash_{};
};

// OK when `charter` satisfies the pin and is valid at `now_ms`: FAILED_PRECONDITION for a version
// below the pin or a time outside issued_at (with kBackdateMs of tolerance) to expires_at,
// PERMISSION_DENIED for another root.
absl::Status CheckCharterInForce(const Charter& charter, const CharterPin& pin, int64_t now_ms);

// One difference between two charters: `subject` names the thing (authority hn, network consular,
// standing observer, key 4F1C…, server, presidency, validity), `field` the attribute, empty for a
// thing that came or went.
struct CharterChange {
  enum class Kind { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::string subject;
  std::string field;
  std::string before;
  std::string after;

  friend bool operator==(const CharterChange&, const CharterChange&) = default;
};

// What `after` changes, in a fixed order: keys, server, networks, standings, authorities,
// presidency, validity.
std::vector<CharterChange> DiffCharters(const Charter& before, const Charter& after);

}  // namespace enlace::identity
