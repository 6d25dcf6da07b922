// Secret bytes: keys, passphrases, plaintext of content.
//
// Promises that the memory lies between guard pages, is locked and left out of core dumps, is wiped
// when released (small ones share guarded slabs, large ones have guard pages of their own; the
// process keeps some wiped blocks of either kind for the next secret), that no copy is made but by
// Clone(), that there is no way to print one, and that comparison takes constant time. Does not
// promise anything about copies that a caller makes through view(): every use of view() and
// mutable_view() can be searched for.
//
// Invariants: 1. data_ is null exactly when reach_ is 0. 2. size_ <= reach_. 3. A moved-from object
// is empty.
// Thread safety: as a vector's. Ownership: one owner, move-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "crypto/primitives/bytes.h"

namespace enlace {

class SecretBytes {
 public:
  SecretBytes() = default;
  // `size_bytes` zero bytes.
  explicit SecretBytes(size_t size_bytes);
  // A copy of `source`; the caller still has to wipe its own.
  static SecretBytes CopyOf(BytesView source);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  SecretBytes Clone() const { return CopyOf(view()); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The bytes themselves. Borrowed: gone with this object.
  BytesView view() const { return {data_, size_}; }
  std::span<uint8_t> mutable_view() { return {data_, size_}; }

  // Keeps the first `size_bytes` bytes, which are no more than there are (CHECKed); the rest is
  // wiped when the object is.
  void Truncate(size_t size_bytes);

  // Bytes of memory that all secrets of the process hold now, each rounded up to its block. Kept
  // blocks are not among them.
  static size_t HeldBytes();

  // Compares in time that depends on the lengths only.
  bool ConstantTimeEquals(BytesView other) const;

  // Wipes and releases now; the object is then empty.
  void Wipe();

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t reach_ = 0;  // Bytes that may have been written: the size at the beginning.
};

// A working copy in ordinary memory, wiped when it goes out of scope: for large buffers that live
// for one call, where guard pages would cost more than the work.
class WipedBytes {
 public:
  explicit WipedBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  ~WipedBytes();
  WipedBytes(const WipedBytes&) = delete;
  WipedBytes& operator=(const WipedBytes&) = delete;

  BytesView view() const { return bytes_; }
  std::span<uint8_t> mutable_view() { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace enlace
