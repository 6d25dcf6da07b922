#include "storage/key.h"

namespace enlace::storage {
namespace {

constexpr uint8_t kBytesTag = 1;
constexpr uint8_t kTextTag = 2;
constexpr uint8_t kIntegerTag = 3;
// After a zero byte of an element: the zero stands for itself, or the element ends. The end sorts
// first, so that "ab" comes before "ab\0".
constexpr uint8_t kZeroEscaped = 1;
constexpr uint8_t kElementEnd = 0;

}  // namespace

KeyBuilder& KeyBuilder::U64(uint64_t value) {
  out_.push_back(kIntegerTag);
  for (int shift = 56; shift >= 0; shift -= 8) {
    out_.push_back(static_cast<uint8_t>(value >> shift));
  }
  return *this;
}

KeyBuilder& KeyBuilder::Text(std::string_view text) {
  Escaped(kTextTag, AsBytes(text));
  return *this;
}

KeyBuilder& KeyBuilder::Blob(BytesView bytes) {
  Escaped(kBytesTag, bytes);
  return *this;
}

void KeyBuilder::Escaped(uint8_t tag, BytesView bytes) {
  out_.reserve(out_.size() + bytes.size() + 3);
  out_.push_back(tag);
  for (const uint8_t byte : bytes) {
    out_.push_back(byte);
    if (byte == 0) out_.push_back(kZeroEscaped);
  }
  out_.push_back(0);
  out_.push_back(kElementEnd);
}

absl::Status KeyReader::Fail(std::string_view what) {
  failed_ = true;
  rest_ = {};
  return InvalidArgument(what);
}

absl::StatusOr<KeySpace> KeyReader::Space() {
  if (rest_.empty()) return Fail("key: ends before its key space");
  const KeySpace space = rest_[0];
  rest_ = rest_.subspan(1);
  return space;
}

absl::Status KeyReader::Tag(uint8_t expected) {
  if (failed_) return Fail("key: an element before was not readable");
  if (rest_.empty()) return Fail("key: ends before the element");
  if (rest_[0] != expected) return Fail("key: the element is of another kind");
  rest_ = rest_.subspan(1);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> KeyReader::U64() {
  ENLACE_RETURN_IF_ERROR(Tag(kIntegerTag));
  if (rest_.size() < 8) return Fail("key: ends inside an integer");
  uint64_t value = 0;
  for (const uint8_t byte : rest_.first(8)) value = value << 8 | byte;
  rest_ = rest_.subspan(8);
  return value;
}

absl::StatusOr<std::string> KeyReader::Text() {
  ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, Escaped(kTextTag));
  return ToText(bytes);
}

absl::StatusOr<Bytes> KeyReader::Blob() { return Escaped(kBytesTag); }

absl::StatusOr<Bytes> KeyReader::Escaped(uint8_t tag) {
  ENLACE_RETURN_IF_ERROR(Tag(tag));
  Bytes out;
  for (size_t i = 0; i < rest_.size(); ++i) {
    if (rest_[i] != 0) {
      out.push_back(rest_[i]);
      continue;
    }
    if (i + 1 == rest_.size()) break;
    const uint8_t mark = rest_[++i];
    if (mark == kElementEnd) {
      rest_ = rest_.subspan(i + 1);
      return out;
    }
    if (mark != kZeroEscaped) return Fail("key: a zero byte is not escaped");
    out.push_back(0);
  }
  return Fail("key: ends inside a string");
}

absl::Status KeyReader::Done() const {
  if (failed_) return InvalidArgument("key: an element before was not readable");
  if (!rest_.empty()) return InvalidArgument("key: more elements than expected");
  return absl::OkStatus();
}

KeyRange PrefixRange(BytesView prefix) {
  KeyRange range{ToBytes(prefix), ToBytes(prefix)};
  // The end is the prefix with its last byte one higher; bytes that can't grow are dropped first.
  while (!range.end.empty() && range.end.back() == 0xff) range.end.pop_back();
  if (!range.end.empty()) ++range.end.back();
  return range;
}

KeyRange PrefixRangeFrom(BytesView prefix, BytesView first) {
  KeyRange range = PrefixRange(prefix);
  if (AsText(first) > AsText(range.begin)) range.begin = ToBytes(first);
  return range;
}

Bytes KeyAfter(BytesView key) {
  Bytes after = ToBytes(key);
  after.push_back(0);
  return after;
}

}  // namespace enlace::storage
