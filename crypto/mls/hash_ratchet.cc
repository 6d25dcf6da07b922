#include "crypto/mls/hash_ratchet.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

struct Derived {
  MessageKey key;
  SecretBytes next_secret;
};

Derived DeriveGeneration(crypto::CipherSuite suite, BytesView ratchet_secret, uint32_t generation) {
  const crypto::HmacKey secret(ratchet_secret);
  return {{crypto::DeriveTreeSecret(secret, "key", generation, suite.aead().key_bytes()),
           crypto::DeriveTreeSecret(secret, "nonce", generation, crypto::kAeadNonceBytes)},
          crypto::DeriveTreeSecret(secret, "secret", generation, crypto::kHashBytes)};
}

}  // namespace

MessageKey HashRatchet::Next() {
  Derived derived = DeriveGeneration(suite_, secret_.view(), generation_);
  secret_ = std::move(derived.next_secret);
  ++generation_;
  return std::move(derived.key);
}

absl::StatusOr<HashRatchet::Step> HashRatchet::Find(uint32_t generation) const {
  Step step;
  step.generation = generation;
  if (generation < generation_) {
    const auto kept = skipped_.find(generation);
    if (kept == skipped_.end()) {
      return MakeStatus(absl::StatusCode::kAlreadyExists,
                        "the generation of the message was used up");
    }
    step.key = kept->second.Clone();
    return step;
  }
  // The last generation is never used, so that the counter can't wrap.
  if (generation - generation_ > kForwardGenerationsMax || generation == UINT32_MAX) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "the generation of the message is too far ahead");
  }
  HashRatchet ahead(suite_, secret_.Clone(), generation_);
  while (ahead.generation_ < generation) {
    const uint32_t skipped = ahead.generation_;
    MessageKey key = ahead.Next();
    if (generation - skipped <= kSkippedKeysMax) step.skipped.emplace(skipped, std::move(key));
  }
  step.key = ahead.Next();
  step.next_secret = std::move(ahead.secret_);
  return step;
}

void HashRatchet::Accept(Step step) {
  if (!step.next_secret) {
    skipped_.erase(step.generation);
    return;
  }
  secret_ = std::move(*step.next_secret);
  generation_ = step.generation + 1;
  skipped_.merge(step.skipped);
  while (skipped_.size() > kSkippedKeysMax) skipped_.erase(skipped_.begin());
}

void HashRatchet::Write(SecretWriter& out) const {
  out.U32(generation_);
  out.Vector(secret_.view());
  out.U32(static_cast<uint32_t>(skipped_.size()));
  for (const auto& [generation, key] : skipped_) {
    out.U32(generation);
    out.Vector(key.key.view());
    out.Vector(key.nonce.view());
  }
}

absl::StatusOr<HashRatchet> HashRatchet::Parse(crypto::CipherSuite suite, BytesView saved) {
  codec::Reader in(saved);
  uint32_t generation = 0;
  uint32_t skipped_count = 0;
  BytesView secret;
  ENLACE_RETURN_IF_ERROR(in.ReadU32(generation));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(secret));
  ENLACE_RETURN_IF_ERROR(in.ReadU32(skipped_count));
  if (secret.size() != crypto::kHashBytes || skipped_count > kSkippedKeysMax) {
    return InvalidArgument("saved ratchet is malformed");
  }
  HashRatchet out(suite, SecretBytes::CopyOf(secret), generation);
  for (uint32_t i = 0; i < skipped_count; ++i) {
    uint32_t at = 0;
    BytesView key;
    BytesView nonce;
    ENLACE_RETURN_IF_ERROR(in.ReadU32(at));
    ENLACE_RETURN_IF_ERROR(in.ReadVector(key));
    ENLACE_RETURN_IF_ERROR(in.ReadVector(nonce));
    if (key.size() != suite.aead().key_bytes() || nonce.size() != crypto::kAeadNonceBytes) {
      return InvalidArgument("saved message key is malformed");
    }
    out.skipped_.emplace(at, MessageKey{SecretBytes::CopyOf(key), SecretBytes::CopyOf(nonce)});
  }
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

}  // namespace enlace::mls
