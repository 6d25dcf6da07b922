#include "crypto/mls/transcript.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

absl::StatusOr<Outcome> CheckTranscriptHashes(const nlohmann::json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, HexField(one, "authenticated_content"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes interim_before,
                          HexField(one, "interim_transcript_hash_before"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes confirmed_after,
                          HexField(one, "confirmed_transcript_hash_after"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes interim_after,
                          HexField(one, "interim_transcript_hash_after"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes confirmation_key, HexField(one, "confirmation_key"));
  codec::Reader in(encoded);
  mls::AuthenticatedContent content;
  ENLACE_RETURN_IF_ERROR(mls::AuthenticatedContent::Read(in, content));
  ENLACE_RETURN_IF_ERROR(in.Done());
  const crypto::Digest confirmed = mls::ConfirmedTranscriptHash(interim_before, content);
  ENLACE_RETURN_IF_ERROR(
      ExpectEqual("confirmed_transcript_hash_after", confirmed, confirmed_after));
  ENLACE_RETURN_IF_ERROR(ExpectEqual(
      "interim_transcript_hash_after",
      mls::InterimTranscriptHash(confirmed, content.auth.confirmation_tag), interim_after));
  ENLACE_RETURN_IF_ERROR(ExpectTrue(
      "confirmation_tag",
      crypto::HmacKey(confirmation_key).Verify({confirmed}, content.auth.confirmation_tag)));
  return Outcome::kPassed;
}

}  // namespace

void RegisterTranscriptHashes(VectorTypes& types) {
  types.push_back({"transcript-hashes", CheckTranscriptHashes});
}

}  // namespace enlace::vectors
