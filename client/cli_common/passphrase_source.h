// Where a passphrase comes from: a file, a descriptor, or the person at the terminal. Never argv,
// never the environment.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cli_common/console.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

// Of --passphrase-file and --passphrase-fd; the first line of either is the passphrase.
struct PassphraseSource {
  std::string file;
  int fd = -1;
};

// An existing passphrase. FILE_NOT_FOUND, FILE_UNREADABLE, PROMPT_IMPOSSIBLE, INTERRUPTED.
absl::StatusOr<SecretBytes> ReadPassphrase(const PassphraseSource& source, const Console& console);
// A new one, asked twice at a terminal until both are equal and it is strong enough.
// PASSPHRASE_WEAK for one from a file.
absl::StatusOr<SecretBytes> ReadNewPassphrase(const PassphraseSource& source,
                                              const Console& console);

}  // namespace enlace::client
