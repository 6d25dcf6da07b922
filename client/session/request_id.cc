#include "client/session/request_id.h"

#include "crypto/primitives/bytes.h"

namespace enlace::client {

std::string NewRequestId(int64_t now_ms, crypto::Rng& rng) {
  Bytes id = rng.PublicBytes(kRequestIdBytes);
  for (size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<uint8_t>(static_cast<uint64_t>(now_ms) >> (40 - 8 * i));
  }
  id[6] = static_cast<uint8_t>(0x70 | (id[6] & 0x0F));  // Version 7.
  id[8] = static_cast<uint8_t>(0x80 | (id[8] & 0x3F));  // Variant 10.
  return ToText(id);
}

std::string FormatUuid(BytesView uuid) {
  std::string hex = ToHex(uuid);
  for (const size_t at : {8, 13, 18, 23}) {
    if (at < hex.size()) hex.insert(at, "-");
  }
  return hex;
}

}  // namespace enlace::client
