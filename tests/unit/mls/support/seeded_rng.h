// Random bytes from a seed, for tests that replay.
#pragma once

#include <cstdint>
#include <random>

#include "crypto/primitives/rng.h"

namespace enlace::mls {

class SeededRng final : public crypto::Rng {
 public:
  explicit SeededRng(uint64_t seed) : engine_(seed) {}

  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(engine_());
  }
  // A number below `bound`.
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace enlace::mls
