#include "crypto/primitives/sha256.h"

// The interface that OpenSSL 3 recommends allocates for each hash, which costs more than a short
// hash itself.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <cstdlib>

namespace enlace::crypto {

Digest Sha256(BytesView message) {
  Digest out;
  crypto_hash_sha256(out.data(), message.data(), message.size());
  return out;
}

Digest PublicSha256(std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  Digest out;
  int ok = SHA256_Init(&context);
  for (BytesView part : parts) ok &= SHA256_Update(&context, part.data(), part.size());
  ok &= SHA256_Final(out.data(), &context);
  // These fail only when called wrongly.
  if (ok != 1) std::abort();
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
