// The own ratchet of one kind of content, with generations reserved before they are used.
//
// Reserve derives the next keys and moves the ratchet behind them; only that ratchet is ever saved.
// Whoever restores a saved state therefore begins after the reservation: no key is used twice and
// no used key can be derived from what is saved.
//
// Thread safety: as a vector's. Ownership: move-only.
#pragma once

#include <cstdint>
#include <deque>

#include "absl/status/statusor.h"
#include "crypto/mls/hash_ratchet.h"

namespace enlace::mls {

class SendRatchet {
 public:
  explicit SendRatchet(HashRatchet ahead) : ahead_(std::move(ahead)) {}

  struct Generation {
    uint32_t number = 0;
    MessageKey key;
  };

  // Makes up to `count` more generations usable; fewer at the end of the counter.
  void Reserve(uint32_t count);
  uint32_t reserved() const { return static_cast<uint32_t>(keys_.size()); }
  // FAILED_PRECONDITION when none is reserved.
  absl::StatusOr<Generation> Take();
  // The key of a generation that this state has not sent, without using it up. RESOURCE_EXHAUSTED
  // when it lies further ahead than kForwardGenerationsMax, ALREADY_EXISTS when it was sent.
  absl::StatusOr<MessageKey> Peek(uint32_t generation) const;
  // The first generation that this state has not sent.
  uint32_t next_generation() const {
    return keys_.empty() ? ahead_.generation() : keys_.front().number;
  }

  // The ratchet behind the reservation.
  const HashRatchet& ahead() const { return ahead_; }

 private:
  HashRatchet ahead_;
  std::deque<Generation> keys_;
};

}  // namespace enlace::mls
