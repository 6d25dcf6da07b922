// Row keys of cases and alerts in the vault: hashes, so that no reference or id stands in the
// clear.
//
// Thread safety: free functions.
#pragma once

#include <string_view>

#include "crypto/primitives/bytes.h"

namespace enlace::client {

inline constexpr size_t kCaseKeyBytes = 16;

// The first 16 bytes of SHA-256("enlace case 1" ‖ reference), of SHA-256("enlace alert 1" ‖ id) and
// of SHA-256("enlace attachment 1" ‖ id).
Bytes CaseKey(std::string_view case_ref);
Bytes AlertKey(std::string_view alert_id);
Bytes AttachmentKey(std::string_view attachment_id);
// Row of a message: room id, then the sequence in big endian, so that rows sort in the server's
// order.
Bytes MessageRow(BytesView room_id, uint64_t sequence);

}  // namespace enlace::client
