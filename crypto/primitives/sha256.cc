#include "crypto/primitives/sha256.h"

namespace enlace::crypto {

Digest Sha256(BytesView message) {
  Digest out;
  crypto_hash_sha256(out.data(), message.data(), message.size());
  return out;
}

Sha256Stream::Sha256Stream() { crypto_hash_sha256_init(&state_); }

Sha256Stream& Sha256Stream::Add(BytesView part) {
  crypto_hash_sha256_update(&state_, part.data(), part.size());
  return *this;
}

Digest Sha256Stream::Finish() {
  Digest out;
  crypto_hash_sha256_final(&state_, out.data());
  return out;
}

}  // namespace enlace::crypto
