// The body of an invitation as bytes, between its fields (invitation.cc) and its text form
// (invitation_text.cc).
//
// Internal to this folder.
//
// Thread safety: free functions without state. Ownership: values.
#pragma once

#include "absl/status/statusor.h"
#include "crypto/identity/invitation.h"

namespace enlace::identity {

// All fields but the code.
Bytes EncodeInvitationBody(const Invitation& invitation);

// The reverse; takes the code over. INVALID_ARGUMENT for another version or a field that breaks its
// rule.
absl::StatusOr<Invitation> DecodeInvitationBody(BytesView body, SecretBytes code);

}  // namespace enlace::identity
