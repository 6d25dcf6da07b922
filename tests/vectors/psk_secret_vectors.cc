#include "crypto/mls/psk.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

absl::StatusOr<Outcome> CheckPskSecret(const nlohmann::json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  std::vector<mls::PskInput> psks;
  for (const nlohmann::json& item : one.at("psks")) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes id, HexField(item, "psk_id"));
    ENLACE_ASSIGN_OR_RETURN(const Bytes psk, HexField(item, "psk"));
    ENLACE_ASSIGN_OR_RETURN(const Bytes nonce, HexField(item, "psk_nonce"));
    psks.push_back({mls::PreSharedKeyId::External(id, nonce), SecretBytes::CopyOf(psk)});
  }
  ENLACE_ASSIGN_OR_RETURN(const Bytes expected, HexField(one, "psk_secret"));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes actual, mls::DerivePskSecret(psks));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("psk_secret", actual.view(), expected));
  return Outcome::kPassed;
}

}  // namespace

void RegisterPskSecret(VectorTypes& types) { types.push_back({"psk_secret", CheckPskSecret}); }

}  // namespace enlace::vectors
