#include "crypto/mls/padding.h"

#include <algorithm>
#include <bit>

namespace enlace::mls {

size_t PadmeSize(size_t size_bytes, size_t size_bytes_min) {
  const size_t size = std::max(size_bytes, size_bytes_min);
  if (size < 2) return size;
  // Of the exponent's bits only as many low bits of the length stay significant as the exponent has
  // itself.
  const unsigned exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
  const unsigned significant = static_cast<unsigned>(std::bit_width(exponent));
  const size_t mask = (size_t{1} << (exponent - significant)) - 1;
  return (size + mask) & ~mask;
}

}  // namespace enlace::mls
