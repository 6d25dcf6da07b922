// Request ids: UUIDv7 (RFC 9562 section 5.7), 16 bytes, as every mutation carries one.
//
// Thread safety: free functions; `rng` as its own header says.
#pragma once

#include <cstdint>
#include <string>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/rng.h"

namespace enlace::client {

inline constexpr size_t kRequestIdBytes = 16;

// A new id at `now_ms`. The server refuses ids older than 7 days or 10 minutes ahead.
std::string NewRequestId(int64_t now_ms, crypto::Rng& rng);

// "0190b6c2-...": the usual spelling of a UUID of 16 bytes.
std::string FormatUuid(BytesView uuid);

}  // namespace enlace::client
