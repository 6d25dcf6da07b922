// From a status to the exit code of a program.
//
// Thread safety: free functions.
#pragma once

#include "absl/status/status.h"

namespace enlace::client {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNetwork = 3,        // Network or server.
  kNotAuthorised = 4,  // Not authorised, revoked, wrong passphrase or word, spent invitation.
  kUnverified = 5,     // Identity or log does not verify.
  kQuota = 6,
  kPartial = 7,
  kRefused = 8,  // Alert or action refused by a rule: validation, guard, state.
  kInterrupted = 130,
};

// kDone for OK. By the reason where there is one, else by the code.
ExitCode ExitCodeOf(const absl::Status& status);
inline int ExitNumberOf(const absl::Status& status) { return static_cast<int>(ExitCodeOf(status)); }

}  // namespace enlace::client
