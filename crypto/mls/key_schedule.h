// The key schedule, RFC 9420 section 8: from one epoch's init_secret to the next epoch's secrets.
//
// Promises that keys which are used often (confirmation, membership, sender data) keep their HMAC
// state, and that the external key pair, which costs a base multiplication, is derived only when
// asked for.
//
// Thread safety: as a vector's. Ownership: move-only.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// The secrets between the joiner_secret and the epoch_secret.
struct JoinerSecrets {
  SecretBytes joiner_secret;
  SecretBytes
      member_secret;  // The unnamed intermediate of Figure 22, from which the next two derive.
  SecretBytes welcome_secret;

  // From the init_secret of the epoch that ends.
  static JoinerSecrets FromInit(BytesView init_secret, BytesView commit_secret,
                                BytesView psk_secret, BytesView group_context);
  // From a Welcome's joiner_secret.
  static JoinerSecrets FromJoiner(SecretBytes joiner_secret, BytesView psk_secret);

  SecretBytes EpochSecret(BytesView group_context) const;
};

// The key and nonce that a Welcome's GroupInfo is sealed under, section 12.4.3.1.
struct WelcomeKey {
  SecretBytes key;
  SecretBytes nonce;
};
WelcomeKey DeriveWelcomeKey(crypto::CipherSuite suite, BytesView welcome_secret);

class EpochSecrets {
 public:
  // Everything of Table 4 from the epoch_secret, which is not kept.
  explicit EpochSecrets(BytesView epoch_secret);

  BytesView init_secret() const { return init_secret_.view(); }
  BytesView encryption_secret() const { return encryption_secret_.view(); }
  BytesView exporter_secret() const { return exporter_secret_.view(); }
  BytesView external_secret() const { return external_secret_.view(); }
  BytesView epoch_authenticator() const { return epoch_authenticator_.view(); }
  BytesView resumption_psk() const { return resumption_psk_.view(); }
  const crypto::HmacKey& sender_data_key() const { return sender_data_; }

  // MAC(confirmation_key, confirmed_transcript_hash), section 6.1, and its check in constant time.
  Bytes ConfirmationTag(BytesView confirmed_transcript_hash) const;
  bool VerifyConfirmationTag(BytesView confirmed_transcript_hash, BytesView tag) const;
  const crypto::HmacKey& membership_key() const { return membership_; }

  // The key pair of section 8.3.
  crypto::HpkeKeyPair ExternalKeyPair() const;

  // MLS-Exporter, section 8.5. INVALID_ARGUMENT for more than 255 * 32 bytes.
  absl::StatusOr<SecretBytes> Export(std::string_view label, BytesView context,
                                     size_t size_bytes) const;

  // The encryption_secret is given up once a secret tree is made of it (section 9.2).
  SecretBytes TakeEncryptionSecret() { return std::move(encryption_secret_); }

  // For saving: what is left of the epoch, the encryption_secret not among it.
  SecretBytes Serialize() const;
  static absl::StatusOr<EpochSecrets> Parse(BytesView saved);

 private:
  struct Parts;
  explicit EpochSecrets(Parts parts);
  static Parts FromEpochSecret(BytesView epoch_secret);

  SecretBytes sender_data_secret_;
  SecretBytes encryption_secret_;
  SecretBytes exporter_secret_;
  SecretBytes external_secret_;
  SecretBytes confirmation_key_;
  SecretBytes membership_key_;
  SecretBytes resumption_psk_;
  SecretBytes epoch_authenticator_;
  SecretBytes init_secret_;
  crypto::HmacKey sender_data_;
  crypto::HmacKey membership_;
};

// External initialisation, section 8.3: the joiner's side gives the kem_output for its ExternalInit
// proposal.
struct ExternalInitSecret {
  Bytes kem_output;
  SecretBytes init_secret;
};
absl::StatusOr<ExternalInitSecret> EncapsulateExternalInit(crypto::CipherSuite suite,
                                                           BytesView external_pub,
                                                           crypto::Rng& rng);
absl::StatusOr<SecretBytes> DecapsulateExternalInit(crypto::CipherSuite suite,
                                                    const crypto::HpkeKeyPair& external,
                                                    BytesView kem_output);

}  // namespace enlace::mls
