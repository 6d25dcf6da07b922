// A certificate cut into the few parts that are needed often: without OpenSSL, which takes a
// hundred times as long.
//
// Internal to this folder. Promises that nothing is read outside the input and that lengths are in
// their shortest form; does not judge a profile. It is asked only about certificates that
// Certificate::FromDer has accepted, now or before they were logged.
//
// Thread safety: free functions without state. Ownership: views of the input.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

// Each view is a whole DER element but `signature`, which is the content of the bit string.
struct CertificateParts {
  BytesView tbs;  // What is signed (RFC 5280 section 4.1.1.1).
  BytesView issuer;
  BytesView subject;
  BytesView public_key_info;
  BytesView signature;
  int64_t not_before_ms = 0;
  int64_t not_after_ms = 0;
};

// INVALID_ARGUMENT for anything but a version 3 certificate of RFC 5280's structure.
absl::StatusOr<CertificateParts> SplitCertificate(BytesView der);

// The 32 raw bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410 section 4); empty for any other.
BytesView Ed25519KeyIn(BytesView public_key_info);

}  // namespace enlace::identity
