#include "crypto/mls/send_ratchet.h"

#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {

void SendRatchet::Reserve(uint32_t count) {
  // The last generation is refused by every receiver, so that the counter can't wrap.
  for (uint32_t i = 0; i < count && ahead_.generation() < UINT32_MAX; ++i) {
    const uint32_t number = ahead_.generation();
    keys_.push_back({number, ahead_.Next()});
  }
}

absl::StatusOr<MessageKey> SendRatchet::Peek(uint32_t generation) const {
  for (const Generation& reserved : keys_) {
    if (reserved.number == generation) return reserved.key.Clone();
  }
  ENLACE_ASSIGN_OR_RETURN(HashRatchet::Step step, ahead_.Find(generation));
  return std::move(step.key);
}

absl::StatusOr<SendRatchet::Generation> SendRatchet::Take() {
  if (keys_.empty()) return FailedPrecondition("no reserved generation is left");
  Generation out = std::move(keys_.front());
  keys_.pop_front();
  return out;
}

}  // namespace enlace::mls
