// Charters as files: what key holders pass around until there are enough signatures, and the server
// identity file that `enlace-server init` prints.
//
// A charter file is PEM with the label "ENLACE CHARTER" around EncodeSignedCharter's bytes; text
// before and after is ignored, so that it survives mail.
// Thread safety: free functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter.h"

namespace enlace::client::admin {

std::string EncodeCharterFile(const identity::SignedCharter& charter);
// CHARTER_REJECTED when there is no whole charter in `text`.
absl::StatusOr<identity::SignedCharter> DecodeCharterFile(std::string_view text);

// Reads a charter file and its body. FILE_NOT_FOUND, CHARTER_REJECTED.
struct CharterFile {
  identity::SignedCharter signed_charter;
  identity::Charter charter;
};
absl::StatusOr<CharterFile> ReadCharterFile(const std::string& path);
// Writes a draft over what was there; a changed body loses its signatures.
absl::Status WriteCharterDraft(const std::string& path, const identity::Charter& charter);

// server-identity.json of `enlace-server init`: name, certificate, log key. CHARTER_REJECTED when
// it is not one or its fingerprint is not its certificate's.
absl::StatusOr<identity::ServerIdentity> ReadServerIdentity(const std::string& path);

// 64 hexadecimal digits as 32 bytes; spaces and colons between them are skipped. USAGE otherwise.
absl::StatusOr<merkle::Hash> ParseHash(std::string_view text);

}  // namespace enlace::client::admin
