#include "crypto/mls/group_context.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

absl::Status ExpectField(const json& epoch, const std::string& name, BytesView actual) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes expected, HexField(epoch, name));
  return ExpectEqual(name, actual, expected);
}

absl::Status CheckExporter(const mls::EpochSecrets& secrets, const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes context, HexField(one, "context"));
  const auto label = one.at("label").get<std::string>();
  ENLACE_ASSIGN_OR_RETURN(const uint64_t length, NumberField(one, "length", UINT32_MAX));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes exported, secrets.Export(label, context, length));
  return ExpectField(one, "secret", exported.view());
}

absl::Status CheckSecrets(const mls::EpochSecrets& secrets, const json& epoch) {
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "init_secret", secrets.init_secret()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "encryption_secret", secrets.encryption_secret()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "exporter_secret", secrets.exporter_secret()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "epoch_authenticator", secrets.epoch_authenticator()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "external_secret", secrets.external_secret()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "resumption_psk", secrets.resumption_psk()));
  ENLACE_RETURN_IF_ERROR(
      ExpectField(epoch, "external_pub", secrets.ExternalKeyPair().public_key()));
  // These are kept as HMAC states: the same tag over some bytes shows the same key.
  ENLACE_ASSIGN_OR_RETURN(const Bytes membership, HexField(epoch, "membership_key"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes confirmation, HexField(epoch, "confirmation_key"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes sender_data, HexField(epoch, "sender_data_secret"));
  const BytesView probe = AsBytes("probe");
  ENLACE_RETURN_IF_ERROR(ExpectEqual("membership_key", secrets.membership_key().Tag({probe}),
                                     crypto::HmacKey(membership).Tag({probe})));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("sender_data_secret", secrets.sender_data_key().Tag({probe}),
                                     crypto::HmacKey(sender_data).Tag({probe})));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("confirmation_key", secrets.ConfirmationTag(probe),
                                     crypto::HmacKey(confirmation).Tag({probe})));
  return CheckExporter(secrets, epoch.at("exporter"));
}

absl::StatusOr<SecretBytes> CheckEpoch(const json& epoch, mls::GroupContext& context,
                                       BytesView init_secret) {
  ENLACE_ASSIGN_OR_RETURN(context.tree_hash, HexField(epoch, "tree_hash"));
  ENLACE_ASSIGN_OR_RETURN(context.confirmed_transcript_hash,
                          HexField(epoch, "confirmed_transcript_hash"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes commit_secret, HexField(epoch, "commit_secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes psk_secret, HexField(epoch, "psk_secret"));
  const Bytes encoded = context.Serialize();
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "group_context", encoded));
  const mls::JoinerSecrets joiner =
      mls::JoinerSecrets::FromInit(init_secret, commit_secret, psk_secret, encoded);
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "joiner_secret", joiner.joiner_secret.view()));
  ENLACE_RETURN_IF_ERROR(ExpectField(epoch, "welcome_secret", joiner.welcome_secret.view()));
  const mls::EpochSecrets secrets(joiner.EpochSecret(encoded).view());
  ENLACE_RETURN_IF_ERROR(CheckSecrets(secrets, epoch));
  return SecretBytes::CopyOf(secrets.init_secret());
}

absl::StatusOr<Outcome> CheckKeySchedule(const json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  mls::GroupContext context;
  ENLACE_ASSIGN_OR_RETURN(context.cipher_suite, SuiteField(one));
  ENLACE_ASSIGN_OR_RETURN(context.group_id, HexField(one, "group_id"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes initial, HexField(one, "initial_init_secret"));
  SecretBytes init_secret = SecretBytes::CopyOf(initial);
  for (const json& epoch : one.at("epochs")) {
    ENLACE_ASSIGN_OR_RETURN(init_secret, CheckEpoch(epoch, context, init_secret.view()));
    ++context.epoch;
  }
  return Outcome::kPassed;
}

}  // namespace

void RegisterKeySchedule(VectorTypes& types) {
  types.push_back({"key-schedule", CheckKeySchedule});
}

}  // namespace enlace::vectors
