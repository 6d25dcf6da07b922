#include "crypto/mls/psk_id.h"

#include "crypto/primitives/status.h"

namespace enlace::mls {

PreSharedKeyId PreSharedKeyId::External(BytesView id, BytesView nonce) {
  PreSharedKeyId out;
  out.psk_id = ToBytes(id);
  out.psk_nonce = ToBytes(nonce);
  return out;
}

PreSharedKeyId PreSharedKeyId::Resumption(ResumptionPskUsage usage, BytesView group_id,
                                          uint64_t epoch, BytesView nonce) {
  PreSharedKeyId out;
  out.psk_type = PskType::kResumption;
  out.usage = usage;
  out.psk_group_id = ToBytes(group_id);
  out.psk_epoch = epoch;
  out.psk_nonce = ToBytes(nonce);
  return out;
}

absl::Status PreSharedKeyId::Read(codec::Reader& in, PreSharedKeyId& out) {
  uint8_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(type));
  out.psk_type = static_cast<PskType>(type);
  if (out.psk_type == PskType::kExternal) {
    ENLACE_RETURN_IF_ERROR(in.ReadVector(out.psk_id));
  } else if (out.psk_type == PskType::kResumption) {
    uint8_t usage = 0;
    ENLACE_RETURN_IF_ERROR(in.ReadU8(usage));
    if (usage < 1 || usage > 3) return InvalidArgument("resumption PSK has an unknown usage");
    out.usage = static_cast<ResumptionPskUsage>(usage);
    ENLACE_RETURN_IF_ERROR(in.ReadVector(out.psk_group_id));
    ENLACE_RETURN_IF_ERROR(in.ReadU64(out.psk_epoch));
  } else {
    return InvalidArgument("PSK is of an unknown type");
  }
  return in.ReadVector(out.psk_nonce);
}

void PreSharedKeyId::Write(codec::Writer& out) const {
  out.U8(static_cast<uint8_t>(psk_type));
  if (psk_type == PskType::kExternal) {
    out.Vector(psk_id);
  } else {
    out.U8(static_cast<uint8_t>(usage));
    out.Vector(psk_group_id);
    out.U64(psk_epoch);
  }
  out.Vector(psk_nonce);
}

}  // namespace enlace::mls
