#include "crypto/primitives/system_rng.h"

#include <sodium.h>

#include <cstdlib>

namespace enlace::crypto {

SystemRng::SystemRng() {
  if (sodium_init() < 0) std::abort();
}

void SystemRng::Fill(std::span<uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace enlace::crypto
