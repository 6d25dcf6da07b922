// One shared copy of each immutable value of a kind in the whole process.
//
// The same credential and the same capabilities stand in every room that a device is in; a pool
// lets all leaves point at one copy. Promises that equal values (by the hash of their encoding)
// share one object while anybody holds it, and that the object and its entry go with the last
// holder.
//
// Thread safety: all methods may be called by any thread. Ownership: the holders own the value
// together (shared_ptr), the pool only knows it; a pool outlives its values.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "crypto/primitives/sha256.h"

namespace enlace::mls {

template <typename T>
class InternPool {
 public:
  // The object with this hash, made by `make` when there is none yet. `make` returns a T and runs
  // without any lock.
  template <typename Make>
  std::shared_ptr<const T> Get(const crypto::Digest& hash, const Make& make) {
    if (auto known = Find(hash)) return known;
    auto* fresh = new T(make());
    std::shared_ptr<const T> owned(fresh, [this, hash](const T* value) {
      Forget(hash);
      delete value;
    });
    const std::lock_guard<std::mutex> lock(mutex_);
    std::weak_ptr<const T>& entry = entries_[hash];
    if (auto raced = entry.lock()) return raced;
    entry = owned;
    return owned;
  }

  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return entries_.size();
  }

 private:
  struct FirstBytes {
    size_t operator()(const crypto::Digest& digest) const {
      size_t out;
      std::memcpy(&out, digest.data(), sizeof(out));
      return out;
    }
  };

  std::shared_ptr<const T> Find(const crypto::Digest& hash) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(hash);
    return found == entries_.end() ? nullptr : found->second.lock();
  }

  void Forget(const crypto::Digest& hash) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(hash);
    // The entry may already stand for a successor that was made while this one went.
    if (found != entries_.end() && found->second.expired()) entries_.erase(found);
  }

  mutable std::mutex mutex_;
  std::unordered_map<crypto::Digest, std::weak_ptr<const T>, FirstBytes> entries_;
};

}  // namespace enlace::mls
