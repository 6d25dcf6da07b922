// Plain byte strings: what is public on the wire or on disk.
//
// Promises nothing but the two names and the few conversions that every folder needs. Bytes that
// must not be printed, copied or left in memory are SecretBytes (secret_bytes.h), never Bytes.
//
// Thread safety: free functions without state. Ownership: Bytes owns; BytesView borrows and is
// never stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enlace {

using Bytes = std::vector<uint8_t>;
using BytesView = std::span<const uint8_t>;

// The bytes of `text`, without a terminating zero.
inline BytesView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// `bytes` seen as characters; no check of their encoding.
inline std::string_view AsText(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes ToBytes(BytesView view) { return Bytes(view.begin(), view.end()); }
inline Bytes ToBytes(std::string_view text) { return ToBytes(AsBytes(text)); }
inline std::string ToText(BytesView view) { return std::string(AsText(view)); }

// Lower-case hexadecimal, two characters a byte.
std::string ToHex(BytesView bytes);

// The reverse, into exactly as many bytes as `out` has: the caller chooses the memory. False for
// another length or a character that is no lower-case digit.
bool DecodeHex(std::string_view hex, std::span<uint8_t> out);

// True when both have the same length and bytes. For public values; secrets compare by
// SecretBytes::ConstantTimeEquals.
inline bool EqualBytes(BytesView a, BytesView b) { return AsText(a) == AsText(b); }

// Appends `tail` to `out`.
inline void Append(Bytes& out, BytesView tail) { out.insert(out.end(), tail.begin(), tail.end()); }

}  // namespace enlace
