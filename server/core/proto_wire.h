// The little of Protobuf's encoding that is written by hand where a message is sent or stored many
// times: tags and lengths of fields (protobuf.dev/programming-guides/encoding).
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace enlace::server::wire {

// The one byte before a field whose number is below 16.
constexpr char VarintTag(int field) { return static_cast<char>(field << 3); }
constexpr char BytesTag(int field) { return static_cast<char>(field << 3 | 2); }

constexpr size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

inline void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Left out when it is 0, like every field of proto3.
inline void AppendVarintField(char tag, uint64_t value, std::string& out) {
  if (value == 0) return;
  out.push_back(tag);
  AppendVarint(value, out);
}

// What a field of so many bytes of content takes with its tag and length.
constexpr size_t FieldBytes(size_t content_bytes) {
  return 1 + VarintBytes(content_bytes) + content_bytes;
}

inline void AppendFieldStart(char tag, size_t content_bytes, std::string& out) {
  out.push_back(tag);
  AppendVarint(content_bytes, out);
}

inline void AppendField(char tag, std::string_view content, std::string& out) {
  AppendFieldStart(tag, content.size(), out);
  out += content;
}

}  // namespace enlace::server::wire
