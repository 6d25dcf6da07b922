// TLS 1.3 only, for every connection of this process.
//
// gRPC 1.51 has no setting for it and would offer TLS 1.2 as well. OpenSSL applies its system
// default to each context made later, whoever makes it; ours forbids all older versions.
//
// Thread safety: any thread; the work is done once. It has to come before the first channel.
#pragma once

#include "absl/status/status.h"

namespace enlace::client {

// FAILED_PRECONDITION when OpenSSL does not take the setting: no connection may be made then.
absl::Status OfferOnlyTls13();

}  // namespace enlace::client
