// Zero-copy reader of the TLS presentation language (RFC 8446 section 3, with the variable-length
// vectors of RFC 9420 section 2.1.2).
//
// Promises that nothing is read outside the input, that a vector's length is in its shortest form,
// and that every byte of a structure is accounted for when Done() is asked. Never allocates, never
// CHECKs on input.
//
// Invariants: 1. After the first error every further read fails with that error. 2. Views point
// into the input. Thread safety: one thread. Ownership: borrows the input, which must outlive the
// reader and all views.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"

namespace enlace::codec {

// Longest vector that a reader accepts; RFC 9420 allows 2^30 - 1, no limit of ours comes near.
inline constexpr uint32_t kVectorBytesMax = 64u << 20;

class Reader {
 public:
  explicit Reader(BytesView input) : rest_(input) {}

  // Fixed-width unsigned integers, big endian. INVALID_ARGUMENT when the input ends.
  absl::Status ReadU8(uint8_t& out);
  absl::Status ReadU16(uint16_t& out);
  absl::Status ReadU32(uint32_t& out);
  absl::Status ReadU64(uint64_t& out);

  // Exactly `size_bytes` bytes, as a view of the input.
  absl::Status ReadFixed(size_t size_bytes, BytesView& out);

  // A variable-length vector: its content as a view. INVALID_ARGUMENT for a length that is not
  // minimal, has the reserved prefix 11, exceeds kVectorBytesMax or runs past the end.
  absl::Status ReadVector(BytesView& out);
  // The length prefix alone, whose limit is RFC 9420's 2^30 - 1.
  absl::Status ReadVectorLength(uint32_t& out);
  absl::Status ReadVector(Bytes& out);

  // 0 = absent, 1 = present; any other value is INVALID_ARGUMENT (RFC 9420 section 2.1.1).
  absl::Status ReadPresence(bool& present);

  size_t remaining() const { return rest_.size(); }
  bool empty() const { return rest_.empty(); }
  // What is still unread, as a view of the input.
  BytesView rest() const { return rest_; }

  // OK when every byte was read; INVALID_ARGUMENT when bytes are left over.
  absl::Status Done() const;

 private:
  absl::Status ReadInteger(size_t size_bytes, uint64_t& out);

  BytesView rest_;
};

}  // namespace enlace::codec
