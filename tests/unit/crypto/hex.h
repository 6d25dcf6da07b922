// Bytes from hexadecimal text, for published vectors in tests.
#pragma once

#include <string_view>

#include "crypto/primitives/bytes.h"

namespace enlace {

inline Bytes Hex(std::string_view text) {
  const auto nibble = [](char c) {
    return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  Bytes out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(nibble(text[i]) << 4 | nibble(text[i + 1])));
  }
  return out;
}

}  // namespace enlace
