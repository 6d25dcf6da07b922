#include "crypto/mls/framing.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/psk.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

absl::StatusOr<Outcome> CheckWelcome(const nlohmann::json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Bytes init_priv, HexField(one, "init_priv"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes key_package_bytes, HexField(one, "key_package"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes signer_pub, HexField(one, "signer_pub"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes welcome_bytes, HexField(one, "welcome"));
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage key_package,
                          mls::MlsMessage::Parse(key_package_bytes));
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage message, mls::MlsMessage::Parse(welcome_bytes));
  const auto& welcome = std::get<mls::Welcome>(message.body);
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair init_key,
                          crypto::HpkeKeyPair::FromPrivate(init_priv));
  crypto::HpkeKeyPair leaf_key = init_key.Clone();
  const mls::KeyPackageBundle own{std::get<mls::KeyPackage>(key_package.body), std::move(init_key),
                                  std::move(leaf_key)};
  ENLACE_RETURN_IF_ERROR(
      ExpectEqual("init_priv", own.init_key.public_key(), own.key_package.init_key()));
  ENLACE_ASSIGN_OR_RETURN(mls::GroupSecrets secrets, mls::OpenGroupSecrets(welcome, own));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes psk_secret, mls::DerivePskSecret({}));
  const auto joiner =
      mls::JoinerSecrets::FromJoiner(std::move(secrets.joiner_secret), psk_secret.view());
  ENLACE_ASSIGN_OR_RETURN(const mls::GroupInfo info,
                          mls::OpenGroupInfo(welcome, joiner.welcome_secret.view()));
  ENLACE_RETURN_IF_ERROR(info.VerifySignature(signer_pub));
  const mls::EpochSecrets epoch(joiner.EpochSecret(info.group_context.Serialize()).view());
  ENLACE_RETURN_IF_ERROR(ExpectTrue(
      "confirmation_tag", epoch.VerifyConfirmationTag(info.group_context.confirmed_transcript_hash,
                                                      info.confirmation_tag)));
  return Outcome::kPassed;
}

}  // namespace

void RegisterWelcome(VectorTypes& types) { types.push_back({"welcome", CheckWelcome}); }

}  // namespace enlace::vectors
