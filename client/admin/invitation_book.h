// Invitations that this administrator has given out and that are not settled: table "invitation" of
// the vault, by invitation id.
//
// The place of the hidden word and the number of wrong answers are kept, so that starting the
// program again neither shows another word nor gives new tries.
//
// Thread safety: free functions. Ownership: move-only; codes are wiped.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/identity/invitation.h"

namespace enlace::client::admin {

struct GivenInvitation {
  identity::Invitation invitation;
  uint8_t hidden_word = 0;
  uint8_t wrong_words = 0;

  Bytes id() const { return identity::DeriveInvitationKeys(invitation.code).invitation_id; }
};

absl::Status SaveInvitation(const GivenInvitation& given, Vault& vault);
absl::Status DeleteInvitation(BytesView invitation_id, Vault& vault);
absl::StatusOr<std::vector<GivenInvitation>> LoadInvitations(const Vault& vault);

}  // namespace enlace::client::admin
