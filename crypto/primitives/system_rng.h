// The operating system's random numbers, through libsodium.
//
// Thread safety: any number of threads may share one.
#pragma once

#include "crypto/primitives/rng.h"

namespace enlace::crypto {

class SystemRng final : public Rng {
 public:
  // Starts libsodium; aborts when the system has no random source, since nothing safe can follow.
  SystemRng();

  void Fill(std::span<uint8_t> out) override;
};

}  // namespace enlace::crypto
