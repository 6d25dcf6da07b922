#include "crypto/mls/signature_cache.h"

#include <utility>

namespace enlace::mls {

bool MemorySignatureCache::Contains(const crypto::Digest& verified) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return young_.contains(verified) || old_.contains(verified);
}

void MemorySignatureCache::Insert(const crypto::Digest& verified) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert(verified);
}

size_t MemorySignatureCache::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace enlace::mls
