// PreSharedKeyID, RFC 9420 section 8.4: which pre-shared key enters a key schedule. The key itself
// is in the secret half.
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <compare>
#include <cstdint>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/bytes.h"

namespace enlace::mls {

enum class PskType : uint8_t { kExternal = 1, kResumption = 2 };
enum class ResumptionPskUsage : uint8_t { kApplication = 1, kReinit = 2, kBranch = 3 };

struct PreSharedKeyId {
  PskType psk_type = PskType::kExternal;
  Bytes psk_id;                                                 // kExternal
  ResumptionPskUsage usage = ResumptionPskUsage::kApplication;  // kResumption
  Bytes psk_group_id;                                           // kResumption
  uint64_t psk_epoch = 0;                                       // kResumption
  Bytes psk_nonce;

  static PreSharedKeyId External(BytesView id, BytesView nonce);
  static PreSharedKeyId Resumption(ResumptionPskUsage usage, BytesView group_id, uint64_t epoch,
                                   BytesView nonce);

  // INVALID_ARGUMENT for an unknown type or usage. The nonce's length is checked by the proposal's
  // validation.
  static absl::Status Read(codec::Reader& in, PreSharedKeyId& out);
  void Write(codec::Writer& out) const;

  friend bool operator==(const PreSharedKeyId&, const PreSharedKeyId&) = default;
};

}  // namespace enlace::mls
