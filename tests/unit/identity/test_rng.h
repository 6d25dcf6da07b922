// Deterministic random bytes for the tests of identities and rooms: SHA-256 of a seed and a
// counter.
#pragma once

#include <cstdint>

#include "crypto/merkle/hash.h"
#include "crypto/primitives/rng.h"

namespace enlace::testing {

class TestRng final : public crypto::Rng {
 public:
  explicit TestRng(uint8_t seed) : seed_(seed) {}

  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = Next();
  }

 private:
  uint8_t Next() {
    if (used_ == block_.size()) {
      ++counter_;
      const uint8_t input[] = {seed_, static_cast<uint8_t>(counter_ >> 8),
                               static_cast<uint8_t>(counter_)};
      block_ = merkle::Sha256(BytesView(input));
      used_ = 0;
    }
    return block_[used_++];
  }

  uint8_t seed_;
  uint16_t counter_ = 0;
  merkle::Hash block_{};
  size_t used_ = merkle::kHashBytes;
};

}  // namespace enlace::testing
