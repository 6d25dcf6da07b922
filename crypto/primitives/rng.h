// Source of random bytes, passed in wherever randomness is needed, so that a test can replay one
// from a seed.
//
// Promises only the interface. system_rng.h is the one for the product; a deterministic one lives
// with the tests and is never linked into a program.
//
// Thread safety: as the implementation says; callers share one between threads only when it says
// so.
#pragma once

#include <cstdint>
#include <span>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::crypto {

class Rng {
 public:
  virtual ~Rng() = default;

  // Fills `out` with bytes that nobody can predict.
  virtual void Fill(std::span<uint8_t> out) = 0;

  // `size_bytes` fresh bytes that may be public, such as a nonce or an id.
  Bytes PublicBytes(size_t size_bytes) {
    Bytes out(size_bytes);
    Fill(out);
    return out;
  }

  // `size_bytes` fresh bytes for a key.
  SecretBytes Secret(size_t size_bytes) {
    SecretBytes out(size_bytes);
    Fill(out.mutable_view());
    return out;
  }
};

}  // namespace enlace::crypto
