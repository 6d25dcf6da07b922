// The symmetric ratchet of one sender and one kind of content, RFC 9420 section 9.1.
//
// Receiving is in two steps, so that a forged message can't use up a key: Find gives the key of a
// generation and what the ratchet would become, Accept makes it so after the message proved
// genuine. Promises bounded work and memory whatever generation a message names, and that a key is
// given up once it was accepted (section 9.2).
//
// Thread safety: as a vector's. Ownership: move-only, wiped.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "absl/status/statusor.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// How far ahead of the last message a generation may lie, and how many unused keys a ratchet keeps
// (section 15.3).
inline constexpr uint32_t kForwardGenerationsMax = 1024;
inline constexpr size_t kSkippedKeysMax = 256;

struct MessageKey {
  SecretBytes key;
  SecretBytes nonce;

  MessageKey Clone() const { return {key.Clone(), nonce.Clone()}; }
};

class HashRatchet {
 public:
  HashRatchet(crypto::CipherSuite suite, SecretBytes ratchet_secret, uint32_t generation = 0)
      : suite_(suite), secret_(std::move(ratchet_secret)), generation_(generation) {}

  // The generation whose key comes next.
  uint32_t generation() const { return generation_; }

  // The key of the next generation, which is then behind the ratchet.
  MessageKey Next();

  // What accepting a message of `generation` does.
  struct Step {
    uint32_t generation = 0;
    MessageKey key;
    std::optional<SecretBytes> next_secret;  // Absent when the key was a kept one.
    std::map<uint32_t, MessageKey> skipped;  // Keys between the last message and this one.
  };

  // ALREADY_EXISTS when the key was used or dropped; RESOURCE_EXHAUSTED when it lies further ahead
  // than kForwardGenerationsMax. Changes nothing.
  absl::StatusOr<Step> Find(uint32_t generation) const;
  void Accept(Step step);

  // For saving; the suite is the group's.
  void Write(SecretWriter& out) const;
  static absl::StatusOr<HashRatchet> Parse(crypto::CipherSuite suite, BytesView saved);

 private:
  crypto::CipherSuite suite_;
  SecretBytes secret_;
  uint32_t generation_;
  std::map<uint32_t, MessageKey> skipped_;
};

}  // namespace enlace::mls
