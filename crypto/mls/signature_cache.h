// Memory of leaf signatures that were verified before, so that they are not verified again.
//
// An entry is the hash of a leaf, its index and its group (LeafNode::VerificationId); what stands
// in the cache was verified with exactly those bytes. Promises nothing about completeness:
// forgetting costs time, never safety. Only verified signatures may be inserted.
//
// Thread safety: MemorySignatureCache may be used by any thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "crypto/mls/limits.h"
#include "crypto/primitives/sha256.h"

namespace enlace::mls {

class SignatureCache {
 public:
  virtual ~SignatureCache() = default;
  virtual bool Contains(const crypto::Digest& verified) const = 0;
  virtual void Insert(const crypto::Digest& verified) = 0;
};

// Keeps the newest entries in memory: at least half of `entries_max`, at most all of it.
class MemorySignatureCache final : public SignatureCache {
 public:
  explicit MemorySignatureCache(size_t entries_max = kSignatureCacheEntries)
      : generation_max_(entries_max / 2 + 1) {}

  bool Contains(const crypto::Digest& verified) const override;
  void Insert(const crypto::Digest& verified) override;
  size_t size() const;

 private:
  struct FirstBytes {
    size_t operator()(const crypto::Digest& digest) const {
      size_t out;
      std::memcpy(&out, digest.data(), sizeof(out));
      return out;
    }
  };
  using Generation = std::unordered_set<crypto::Digest, FirstBytes>;

  const size_t generation_max_;
  mutable std::mutex mutex_;
  // When the young generation is full it becomes the old one, whose entries go.
  Generation young_;
  Generation old_;
};

}  // namespace enlace::mls
