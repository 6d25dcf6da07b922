// Transcript hashes, RFC 9420 section 8.2.
//
// Thread safety: functions without state.
#pragma once

#include "crypto/mls/framing.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::mls {

// Hash(interim_transcript_hash_before || ConfirmedTranscriptHashInput): wire format, content and
// signature of the Commit.
crypto::Digest ConfirmedTranscriptHash(BytesView interim_before,
                                       const AuthenticatedContent& commit);

// Hash(confirmed_transcript_hash || InterimTranscriptHashInput).
crypto::Digest InterimTranscriptHash(BytesView confirmed, BytesView confirmation_tag);

}  // namespace enlace::mls
