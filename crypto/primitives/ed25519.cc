#include "crypto/primitives/ed25519.h"

#include <sodium.h>

#include <cstdlib>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::crypto {

SigningKey SigningKey::Generate(Rng& rng) {
  return std::move(FromSeed(rng.Secret(kSignatureSeedBytes).view())).value();
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(BytesView seed) {
  if (seed.size() != kSignatureSeedBytes)
    return InvalidArgument("Ed25519 private key is not 32 bytes");
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
  if (crypto_sign_seed_keypair(public_key, expanded.mutable_view().data(), seed.data()) != 0)
    std::abort();
  return SigningKey(std::move(expanded));
}

Bytes SigningKey::Sign(BytesView message) const {
  Bytes signature(kSignatureBytes);
  const int rc = crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                                      expanded_.view().data());
  if (rc != 0) std::abort();
  return signature;
}

absl::Status VerifySignature(BytesView public_key, BytesView message, BytesView signature) {
  if (public_key.size() != kSignaturePublicKeyBytes)
    return InvalidArgument("Ed25519 public key is not 32 bytes");
  if (signature.size() != kSignatureBytes)
    return InvalidArgument("Ed25519 signature is not 64 bytes");
  const int rc = crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                             public_key.data());
  return rc == 0 ? absl::OkStatus() : InvalidArgument("signature does not verify");
}

}  // namespace enlace::crypto
