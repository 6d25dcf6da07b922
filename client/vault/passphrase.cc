#include "client/vault/passphrase.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

bool IsWithinLimits(const PassphraseCost& cost) {
  return cost.memory_bytes >= kPassphraseMemoryBytesMin &&
         cost.memory_bytes <= kPassphraseMemoryBytesMax && cost.passes >= 1 &&
         cost.passes <= kPassphrasePassesMax;
}

}  // namespace

absl::Status CheckPassphrase(const SecretBytes& passphrase) {
  // Bytes that begin a UTF-8 sequence; passphrases are not shown, so their validity is not asked.
  const auto characters = std::count_if(passphrase.view().begin(), passphrase.view().end(),
                                        [](uint8_t byte) { return (byte & 0xC0) != 0x80; });
  if (static_cast<size_t>(characters) < kPassphraseCharactersMin ||
      passphrase.size() > kPassphraseBytesMax) {
    return MakeError(Reason::kPassphraseWeak,
                     {{"limit", std::to_string(kPassphraseCharactersMin)}});
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> DeriveWrappingKey(const SecretBytes& passphrase, BytesView salt,
                                              const PassphraseCost& cost) {
  if (salt.size() != kPassphraseSaltBytes || !IsWithinLimits(cost)) {
    return InvalidArgument("argon2id: parameters outside the limits");
  }
  SecretBytes key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  if (crypto_pwhash(key.mutable_view().data(), key.size(),
                    reinterpret_cast<const char*>(passphrase.view().data()), passphrase.size(),
                    salt.data(), cost.passes, cost.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "argon2id: not enough memory");
  }
  return key;
}

}  // namespace enlace::client
