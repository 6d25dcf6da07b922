// The field types that our own signed structures share: fixed arrays, times, bounded texts and
// lists of them.
//
// Promises that what is read keeps its bound before anything is copied, and that each value has one
// encoding. Charsets are the caller's to check.
//
// Thread safety: free functions without state. Ownership: values out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"

namespace enlace::codec {

// Exactly N bytes.
template <size_t N>
absl::Status ReadArray(Reader& reader, std::array<uint8_t, N>& out) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(N, raw));
  std::copy(raw.begin(), raw.end(), out.begin());
  return absl::OkStatus();
}

// Milliseconds since the epoch as uint64; never before 1970.
inline void WriteTime(int64_t time_ms, Writer& writer) {
  writer.U64(static_cast<uint64_t>(time_ms));
}

inline absl::Status ReadTime(Reader& reader, int64_t& time_ms) {
  uint64_t wide = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(wide));
  if (wide > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return InvalidArgument("time is out of range");
  }
  time_ms = static_cast<int64_t>(wide);
  return absl::OkStatus();
}

// The version that begins each of our structures: INVALID_ARGUMENT for any but `expected`.
inline absl::Status ReadVersion(Reader& reader, uint16_t expected) {
  uint16_t version = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU16(version));
  if (version != expected) return InvalidArgument("structure has an unknown version");
  return absl::OkStatus();
}

inline void WriteText(std::string_view text, Writer& writer) { writer.Vector(AsBytes(text)); }

inline absl::Status ReadText(Reader& reader, size_t bytes_max, std::string& text) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  if (raw.size() > bytes_max) return InvalidArgument("text is longer than its limit");
  text = ToText(raw);
  return absl::OkStatus();
}

// Bytes of at most `bytes_max`.
inline absl::Status ReadBounded(Reader& reader, size_t bytes_max, Bytes& out) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  if (raw.size() > bytes_max) return InvalidArgument("field is longer than its limit");
  out = ToBytes(raw);
  return absl::OkStatus();
}

// A vector of texts, each a vector.
struct TextListLimits {
  size_t count_max = 0;
  size_t bytes_max = 0;
};

inline void WriteTextList(const std::vector<std::string>& list, Writer& writer) {
  const size_t mark = writer.BeginVector();
  for (const std::string& text : list) WriteText(text, writer);
  writer.EndVector(mark);
}

inline absl::Status ReadTextList(Reader& reader, const TextListLimits& limits,
                                 std::vector<std::string>& list) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  list.clear();
  Reader items(raw);
  while (!items.empty()) {
    if (list.size() == limits.count_max) return InvalidArgument("list is longer than its limit");
    list.emplace_back();
    ENLACE_RETURN_IF_ERROR(ReadText(items, limits.bytes_max, list.back()));
  }
  return absl::OkStatus();
}

// True when `list` is strictly ascending: the canonical order of every list that is a set.
template <typename T>
bool IsStrictlyAscending(const std::vector<T>& list) {
  return std::adjacent_find(list.begin(), list.end(),
                            [](const T& a, const T& b) { return !(a < b); }) == list.end();
}

}  // namespace enlace::codec
