// Padding of application messages (RFC 9420 section 15.1) by Padmé, which leaks O(log log n) bits
// of a length and adds at most 12 %.
//
// Thread safety: functions without state.
#pragma once

#include <cstddef>

namespace enlace::mls {

// The padded size of a content of `size_bytes`: at least `size_bytes_min`, else the Padmé bucket.
size_t PadmeSize(size_t size_bytes, size_t size_bytes_min);

// How many bytes of padding bring a content of `size_bytes` to its padded size.
inline size_t PadmePadding(size_t size_bytes, size_t size_bytes_min) {
  return PadmeSize(size_bytes, size_bytes_min) - size_bytes;
}

}  // namespace enlace::mls
