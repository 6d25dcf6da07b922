#include "crypto/codec/reader.h"

#include "crypto/primitives/status.h"

namespace enlace::codec {

absl::Status Reader::ReadInteger(size_t size_bytes, uint64_t& out) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(ReadFixed(size_bytes, raw));
  out = 0;
  for (uint8_t byte : raw) out = out << 8 | byte;
  return absl::OkStatus();
}

absl::Status Reader::ReadU8(uint8_t& out) {
  uint64_t wide = 0;
  ENLACE_RETURN_IF_ERROR(ReadInteger(1, wide));
  out = static_cast<uint8_t>(wide);
  return absl::OkStatus();
}

absl::Status Reader::ReadU16(uint16_t& out) {
  uint64_t wide = 0;
  ENLACE_RETURN_IF_ERROR(ReadInteger(2, wide));
  out = static_cast<uint16_t>(wide);
  return absl::OkStatus();
}

absl::Status Reader::ReadU32(uint32_t& out) {
  uint64_t wide = 0;
  ENLACE_RETURN_IF_ERROR(ReadInteger(4, wide));
  out = static_cast<uint32_t>(wide);
  return absl::OkStatus();
}

absl::Status Reader::ReadU64(uint64_t& out) { return ReadInteger(8, out); }

absl::Status Reader::ReadFixed(size_t size_bytes, BytesView& out) {
  if (size_bytes > rest_.size()) {
    rest_ = {};
    return InvalidArgument("truncated structure");
  }
  out = rest_.first(size_bytes);
  rest_ = rest_.subspan(size_bytes);
  return absl::OkStatus();
}

absl::Status Reader::ReadVectorLength(uint32_t& out) {
  uint8_t first = 0;
  ENLACE_RETURN_IF_ERROR(ReadU8(first));
  const unsigned prefix = first >> 6;
  if (prefix == 3) return InvalidArgument("vector length has the reserved prefix");
  out = first & 0x3f;
  for (unsigned more = (1u << prefix) - 1; more > 0; --more) {
    uint8_t next = 0;
    ENLACE_RETURN_IF_ERROR(ReadU8(next));
    out = out << 8 | next;
  }
  const bool minimal =
      prefix == 0 || (prefix == 1 && out >= 0x40) || (prefix == 2 && out >= 0x4000);
  return minimal ? absl::OkStatus() : InvalidArgument("vector length is not in its shortest form");
}

absl::Status Reader::ReadVector(BytesView& out) {
  uint32_t length = 0;
  ENLACE_RETURN_IF_ERROR(ReadVectorLength(length));
  if (length > kVectorBytesMax) return InvalidArgument("vector is longer than the limit");
  return ReadFixed(length, out);
}

absl::Status Reader::ReadVector(Bytes& out) {
  BytesView view;
  ENLACE_RETURN_IF_ERROR(ReadVector(view));
  out = ToBytes(view);
  return absl::OkStatus();
}

absl::Status Reader::ReadPresence(bool& present) {
  uint8_t flag = 0;
  ENLACE_RETURN_IF_ERROR(ReadU8(flag));
  if (flag > 1) return InvalidArgument("presence octet is neither 0 nor 1");
  present = flag == 1;
  return absl::OkStatus();
}

absl::Status Reader::Done() const {
  return rest_.empty() ? absl::OkStatus() : InvalidArgument("bytes left over after the structure");
}

}  // namespace enlace::codec
