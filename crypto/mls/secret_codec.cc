#include "crypto/mls/secret_codec.h"

#include <algorithm>
#include <cstring>

#include "crypto/codec/writer.h"

namespace enlace::mls {

void SecretWriter::U8(uint8_t value) { Raw({&value, 1}); }

void SecretWriter::U16(uint16_t value) {
  U8(static_cast<uint8_t>(value >> 8));
  U8(static_cast<uint8_t>(value));
}

void SecretWriter::U32(uint32_t value) {
  U16(static_cast<uint16_t>(value >> 16));
  U16(static_cast<uint16_t>(value));
}

void SecretWriter::U64(uint64_t value) {
  U32(static_cast<uint32_t>(value >> 32));
  U32(static_cast<uint32_t>(value));
}

void SecretWriter::Raw(BytesView bytes) {
  if (bytes.empty()) return;
  if (size_ + bytes.size() > buffer_.size()) {
    SecretBytes larger(std::max(2 * buffer_.size(), size_ + bytes.size()));
    if (size_ > 0) std::memcpy(larger.mutable_view().data(), buffer_.view().data(), size_);
    buffer_ = std::move(larger);
  }
  std::memcpy(buffer_.mutable_view().data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void SecretWriter::Vector(BytesView content) {
  Raw(codec::VectorPrefix(content.size()).view());
  Raw(content);
}

SecretBytes SecretWriter::Take() {
  SecretBytes out = std::move(buffer_);
  out.Truncate(size_);
  size_ = 0;
  return out;
}

}  // namespace enlace::mls
