// SHA-256 that can be stopped, stored and gone on with, for uploads that come in pieces over days
// and restarts.
//
// The stored form is the eight chaining words, the count of bits and the unfinished block of FIPS
// 180-4 section 6.2, in big endian; nothing of it is secret.
//
// Thread safety: one object, one thread.
#pragma once

#include <sodium.h>

#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::server {

class HashState {
 public:
  HashState();
  // INVALID_ARGUMENT when the bytes are not what Save gives.
  static absl::StatusOr<HashState> Restore(BytesView saved);

  void Add(BytesView part);
  Bytes Save() const;
  // The hash of all parts; the object goes on as if not asked.
  crypto::Digest Digest() const;

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace enlace::server
