// The officer's card: what people want to see of an officer and what no log may hold.
//
// The log has only SHA-256(salt ‖ card), so that a card that somebody shows can be checked and a
// log that somebody copies tells no name.
//
// Thread safety: values. Ownership: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/identity/limits.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

struct OfficerCard {
  std::string display_name;
  std::vector<std::string> phones;     // E.164.
  std::vector<std::string> languages;  // BCP 47.

  friend bool operator==(const OfficerCard&, const OfficerCard&) = default;
};

// INVALID_ARGUMENT for text, phones or languages that ids.h refuses.
absl::StatusOr<Bytes> EncodeOfficerCard(const OfficerCard& card);
absl::StatusOr<OfficerCard> DecodeOfficerCard(BytesView bytes);

// SHA-256(salt ‖ card); `salt` is kCardSaltBytes long, else INVALID_ARGUMENT.
absl::StatusOr<merkle::Hash> CommitToCard(BytesView salt, const OfficerCard& card);

}  // namespace enlace::identity
