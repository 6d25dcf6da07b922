#include "crypto/mls/transcript.h"

#include "crypto/codec/writer.h"

namespace enlace::mls {

crypto::Digest ConfirmedTranscriptHash(BytesView interim_before,
                                       const AuthenticatedContent& commit) {
  codec::Writer input(1024);  // ConfirmedTranscriptHashInput
  input.U16(static_cast<uint16_t>(commit.wire_format));
  commit.content.Write(input);
  input.Vector(commit.auth.signature);
  return crypto::Sha256Stream().Add(interim_before).Add(input.view()).Finish();
}

crypto::Digest InterimTranscriptHash(BytesView confirmed, BytesView confirmation_tag) {
  codec::Writer input(64);  // InterimTranscriptHashInput
  input.Vector(confirmation_tag);
  return crypto::Sha256Stream().Add(confirmed).Add(input.view()).Finish();
}

}  // namespace enlace::mls
