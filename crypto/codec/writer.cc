#include "crypto/codec/writer.h"

#include <cstdlib>

namespace enlace::codec {

VectorPrefix::VectorPrefix(size_t length) {
  // A longer vector is a mistake of ours: every structure has a limit far below 2^30.
  if (length >= (1u << 30)) std::abort();
  size_ = length < 0x40 ? 1 : length < 0x4000 ? 2 : 4;
  for (size_t i = size_; i-- > 0; length >>= 8) bytes_[i] = static_cast<uint8_t>(length);
  // The two topmost bits are the logarithm of the size.
  bytes_[0] = static_cast<uint8_t>(bytes_[0] | (size_ == 1 ? 0x00 : size_ == 2 ? 0x40 : 0x80));
}

void Writer::Integer(uint64_t value, int size_bytes) {
  for (int shift = 8 * (size_bytes - 1); shift >= 0; shift -= 8) {
    out_.push_back(static_cast<uint8_t>(value >> shift));
  }
}

void Writer::Vector(BytesView content) {
  Raw(VectorPrefix(content.size()).view());
  Raw(content);
}

void Writer::EndVector(size_t mark) {
  const VectorPrefix prefix(out_.size() - mark);
  const BytesView bytes = prefix.view();
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(mark), bytes.begin(), bytes.end());
}

}  // namespace enlace::codec
