#include "crypto/codec/writer.h"

#include <cstdlib>

namespace enlace::codec {

Bytes VectorPrefix(size_t length) {
  if (length < 0x40) return {static_cast<uint8_t>(length)};
  if (length < 0x4000)
    return {static_cast<uint8_t>(0x40 | length >> 8), static_cast<uint8_t>(length)};
  // A longer vector is a mistake of ours: every structure has a limit far below 2^30.
  if (length >= (1u << 30)) std::abort();
  return {static_cast<uint8_t>(0x80 | length >> 24), static_cast<uint8_t>(length >> 16),
          static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
}

void Writer::Integer(uint64_t value, int size_bytes) {
  for (int shift = 8 * (size_bytes - 1); shift >= 0; shift -= 8) {
    out_.push_back(static_cast<uint8_t>(value >> shift));
  }
}

void Writer::Vector(BytesView content) {
  Raw(VectorPrefix(content.size()));
  Raw(content);
}

void Writer::EndVector(size_t mark) {
  const Bytes prefix = VectorPrefix(out_.size() - mark);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(mark), prefix.begin(), prefix.end());
}

}  // namespace enlace::codec
