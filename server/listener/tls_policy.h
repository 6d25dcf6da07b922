// TLS 1.3 only, for the whole process.
//
// gRPC 1.51 has no setting for it and allows TLS 1.2. Two independent means stand in for one:
// OpenSSL's system default forbids every older protocol for each context made later, and gRPC's
// list of TLS 1.2 suites holds only one that a P-256 certificate can't serve. TLS 1.3 suites are
// not subject to that list.
//
// Thread safety: to be called once, before the first use of OpenSSL or gRPC and before other
// threads start.
#pragma once

#include "absl/status/status.h"

namespace enlace::server {

// FAILED_PRECONDITION when OpenSSL does not take the setting: the program must not go on then.
absl::Status RequireTls13();

}  // namespace enlace::server
