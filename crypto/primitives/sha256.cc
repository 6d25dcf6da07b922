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

namespace {

Digest PublicHash(BytesView first, std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  Digest out;
  int ok = SHA256_Init(&context);
  ok &= SHA256_Update(&context, first.data(), first.size());
  for (BytesView part : parts) ok &= SHA256_Update(&context, part.data(), part.size());
  ok &= SHA256_Final(out.data(), &context);
  // These fail only when called wrongly.
  if (ok != 1) std::abort();
  return out;
}

// One block of the hash, as HMAC pads a key that is empty.
std::array<uint8_t, SHA256_CBLOCK> Pad(uint8_t value) {
  std::array<uint8_t, SHA256_CBLOCK> block;
  block.fill(value);
  return block;
}

}  // namespace

Digest PublicSha256(std::initializer_list<BytesView> parts) { return PublicHash({}, parts); }

Digest PublicHmacSha256(std::initializer_list<BytesView> parts) {
  return PublicHash(Pad(0x5c), {PublicHash(Pad(0x36), parts)});
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
