// Making and changing charters in memory, without files or questions.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"

namespace enlace::client::admin {

// The two networks of the RCM, and what each standing may do.
identity::Charter NewCharter();

// Sets the keys, in order and without doubles, and the threshold (0: more than half).
absl::Status SetKeys(identity::Charter& charter, std::vector<identity::PublicKey> keys,
                     uint32_t threshold);

struct AuthorityFields {
  std::string id;
  std::string standing;
  std::string name_es;
  std::string name_en;
  std::vector<identity::Certificate> cas;
};
// The authority of these fields; names and code of a country where they are empty. ID_INVALID,
// USAGE for a standing that does not exist or an organisation without names.
absl::StatusOr<identity::Authority> MakeAuthority(const AuthorityFields& fields);

// Adds `authority`, or replaces the one with its id.
void PutAuthority(identity::Charter& charter, identity::Authority authority);

std::string_view StandingName(identity::Standing standing);

}  // namespace enlace::client::admin
