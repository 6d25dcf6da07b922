#include "crypto/mls/key_schedule.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {

using crypto::DeriveSecret;
using crypto::ExpandWithLabel;
using crypto::HkdfExtract;
using crypto::HmacKey;
using crypto::kHashBytes;

namespace {

constexpr std::string_view kExternalInitLabel = "MLS 1.0 external init secret";

}  // namespace

JoinerSecrets JoinerSecrets::FromInit(BytesView init_secret, BytesView commit_secret,
                                      BytesView psk_secret, BytesView group_context) {
  const SecretBytes pre_joiner = HkdfExtract(init_secret, commit_secret);
  return FromJoiner(ExpandWithLabel(pre_joiner.view(), "joiner", group_context, kHashBytes),
                    psk_secret);
}

JoinerSecrets JoinerSecrets::FromJoiner(SecretBytes joiner_secret, BytesView psk_secret) {
  JoinerSecrets out;
  out.joiner_secret = std::move(joiner_secret);
  out.member_secret = HkdfExtract(out.joiner_secret.view(), psk_secret);
  out.welcome_secret = DeriveSecret(out.member_secret.view(), "welcome");
  return out;
}

SecretBytes JoinerSecrets::EpochSecret(BytesView group_context) const {
  return ExpandWithLabel(member_secret.view(), "epoch", group_context, kHashBytes);
}

WelcomeKey DeriveWelcomeKey(crypto::CipherSuite suite, BytesView welcome_secret) {
  const HmacKey secret(welcome_secret);
  return {ExpandWithLabel(secret, "key", {}, suite.aead().key_bytes()),
          ExpandWithLabel(secret, "nonce", {}, crypto::kAeadNonceBytes)};
}

struct EpochSecrets::Parts {
  SecretBytes sender_data_secret;
  SecretBytes encryption_secret;
  SecretBytes exporter_secret;
  SecretBytes external_secret;
  SecretBytes confirmation_key;
  SecretBytes membership_key;
  SecretBytes resumption_psk;
  SecretBytes epoch_authenticator;
  SecretBytes init_secret;
};

EpochSecrets::Parts EpochSecrets::FromEpochSecret(BytesView epoch_secret) {
  const HmacKey secret(epoch_secret);
  Parts out;
  out.sender_data_secret = DeriveSecret(secret, "sender data");
  out.encryption_secret = DeriveSecret(secret, "encryption");
  out.exporter_secret = DeriveSecret(secret, "exporter");
  out.external_secret = DeriveSecret(secret, "external");
  out.confirmation_key = DeriveSecret(secret, "confirm");
  out.membership_key = DeriveSecret(secret, "membership");
  out.resumption_psk = DeriveSecret(secret, "resumption");
  out.epoch_authenticator = DeriveSecret(secret, "authentication");
  out.init_secret = DeriveSecret(secret, "init");
  return out;
}

EpochSecrets::EpochSecrets(BytesView epoch_secret) : EpochSecrets(FromEpochSecret(epoch_secret)) {}

EpochSecrets::EpochSecrets(Parts parts)
    : sender_data_secret_(std::move(parts.sender_data_secret)),
      encryption_secret_(std::move(parts.encryption_secret)),
      exporter_secret_(std::move(parts.exporter_secret)),
      external_secret_(std::move(parts.external_secret)),
      confirmation_key_(std::move(parts.confirmation_key)),
      membership_key_(std::move(parts.membership_key)),
      resumption_psk_(std::move(parts.resumption_psk)),
      epoch_authenticator_(std::move(parts.epoch_authenticator)),
      init_secret_(std::move(parts.init_secret)),
      sender_data_(sender_data_secret_.view()),
      membership_(membership_key_.view()) {}

Bytes EpochSecrets::ConfirmationTag(BytesView confirmed_transcript_hash) const {
  return ToBytes(HmacKey(confirmation_key_.view()).Tag({confirmed_transcript_hash}));
}

bool EpochSecrets::VerifyConfirmationTag(BytesView confirmed_transcript_hash, BytesView tag) const {
  return HmacKey(confirmation_key_.view()).Verify({confirmed_transcript_hash}, tag);
}

crypto::HpkeKeyPair EpochSecrets::ExternalKeyPair() const {
  return crypto::HpkeKeyPair::Derive(external_secret_.view());
}

absl::StatusOr<SecretBytes> EpochSecrets::Export(std::string_view label, BytesView context,
                                                 size_t size_bytes) const {
  if (size_bytes > 255 * kHashBytes)
    return InvalidArgument("exporter length is over the limit of HKDF");
  const SecretBytes derived = DeriveSecret(exporter_secret_.view(), label);
  return ExpandWithLabel(derived.view(), "exported", crypto::Sha256(context), size_bytes);
}

SecretBytes EpochSecrets::Serialize() const {
  SecretWriter out;
  for (const SecretBytes* secret :
       {&sender_data_secret_, &exporter_secret_, &external_secret_, &confirmation_key_,
        &membership_key_, &resumption_psk_, &epoch_authenticator_, &init_secret_}) {
    out.Raw(secret->view());
  }
  return out.Take();
}

absl::StatusOr<EpochSecrets> EpochSecrets::Parse(BytesView saved) {
  codec::Reader in(saved);
  Parts parts;
  for (SecretBytes* secret :
       {&parts.sender_data_secret, &parts.exporter_secret, &parts.external_secret,
        &parts.confirmation_key, &parts.membership_key, &parts.resumption_psk,
        &parts.epoch_authenticator, &parts.init_secret}) {
    BytesView raw;
    ENLACE_RETURN_IF_ERROR(in.ReadFixed(kHashBytes, raw));
    *secret = SecretBytes::CopyOf(raw);
  }
  ENLACE_RETURN_IF_ERROR(in.Done());
  return EpochSecrets(std::move(parts));
}

absl::StatusOr<ExternalInitSecret> EncapsulateExternalInit(crypto::CipherSuite suite,
                                                           BytesView external_pub,
                                                           crypto::Rng& rng) {
  ENLACE_ASSIGN_OR_RETURN(
      crypto::Hpke::Sender sender,
      crypto::Hpke::SetupSender(crypto::HpkeInfo(suite.aead(), {}), external_pub, rng));
  return ExternalInitSecret{std::move(sender.kem_output),
                            sender.context.Export(AsBytes(kExternalInitLabel), kHashBytes)};
}

absl::StatusOr<SecretBytes> DecapsulateExternalInit(crypto::CipherSuite suite,
                                                    const crypto::HpkeKeyPair& external,
                                                    BytesView kem_output) {
  ENLACE_ASSIGN_OR_RETURN(
      const crypto::HpkeContext context,
      crypto::Hpke::SetupReceiver(crypto::HpkeInfo(suite.aead(), {}), external, kem_output));
  return context.Export(AsBytes(kExternalInitLabel), kHashBytes);
}

}  // namespace enlace::mls
