// Writer of the TLS presentation language (RFC 8446 section 3, vectors of RFC 9420 section 2.1.2).
//
// Promises the one canonical encoding. A nested vector of unknown length is written in place and
// its prefix inserted when it is closed, so that no structure is serialised twice.
//
// Thread safety: one thread. Ownership: owns the output until Take().
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "crypto/primitives/bytes.h"

namespace enlace::codec {

// The length prefix of a vector: 1, 2 or 4 bytes (RFC 9420 section 2.1.2).
class VectorPrefix {
 public:
  // CHECKs that `length` is below 2^30.
  explicit VectorPrefix(size_t length);
  size_t size() const { return size_; }
  BytesView view() const { return {bytes_.data(), size_}; }

 private:
  std::array<uint8_t, 4> bytes_{};
  uint8_t size_ = 0;
};

class Writer {
 public:
  Writer() = default;
  explicit Writer(size_t reserve_bytes) { out_.reserve(reserve_bytes); }

  void U8(uint8_t value) { out_.push_back(value); }
  void U16(uint16_t value) { Integer(value, 2); }
  void U32(uint32_t value) { Integer(value, 4); }
  void U64(uint64_t value) { Integer(value, 8); }
  // The bytes as they are, without a length.
  void Raw(BytesView bytes) { Append(out_, bytes); }
  // Length prefix and content; CHECKs that the content is shorter than 2^30 bytes.
  void Vector(BytesView content);
  // The presence octet of an optional value (RFC 9420 section 2.1.1).
  void Presence(bool present) { U8(present ? 1 : 0); }

  // Begins a vector whose content is what is written until EndVector(mark).
  size_t BeginVector() const { return out_.size(); }
  void EndVector(size_t mark);

  size_t size() const { return out_.size(); }
  BytesView view() const { return out_; }
  Bytes Take() { return std::move(out_); }

 private:
  void Integer(uint64_t value, int size_bytes);

  Bytes out_;
};

}  // namespace enlace::codec
