// A writer of the TLS presentation language whose buffer is secret: what it grows out of is wiped.
//
// Thread safety: one thread. Ownership: owns the output until Take().
#pragma once

#include <cstdint>
#include <utility>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

class SecretWriter {
 public:
  explicit SecretWriter(size_t reserve_bytes = 256) : buffer_(reserve_bytes) {}

  void U8(uint8_t value);
  void U16(uint16_t value);
  void U32(uint32_t value);
  void U64(uint64_t value);
  void Raw(BytesView bytes);
  void Vector(BytesView content);

  size_t size() const { return size_; }
  SecretBytes Take();

 private:
  SecretBytes buffer_;
  size_t size_ = 0;
};

}  // namespace enlace::mls
