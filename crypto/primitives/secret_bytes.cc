#include "crypto/primitives/secret_bytes.h"

#include <sodium.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

namespace enlace {
namespace {

// A guarded allocation costs several system calls and pages, and a process may hold only some ten
// thousand of them. So blocks come in sizes of powers of two: small ones are cut from slabs, each
// of which is one sodium_malloc (locked, kept out of core dumps, with guard pages at both ends);
// larger ones are a sodium_malloc each, and some are kept when they are given back.
//
// Invariant: a free block is all zero but for its link.
class BlockPool {
 public:
  static BlockPool& Instance() {
    // Never destroyed: secrets of static lifetime may outlive any order of destruction.
    static BlockPool* const pool = new BlockPool;
    return *pool;
  }

  // At least `size_bytes` zero bytes.
  uint8_t* Take(size_t size_bytes) {
    const size_t index = ClassOf(size_bytes);
    const std::lock_guard lock(mutex_);
    held_bytes_ += BlockBytes(index);
    if (index >= kClasses) return Fresh(BlockBytes(index));
    Class& blocks = classes_[index];
    if (blocks.free == nullptr) {
      if (BlockBytes(index) > kSlabBlockBytesMax) return Fresh(BlockBytes(index));
      AddSlab(index);
    }
    Block* const block = blocks.free;
    blocks.free = block->next;
    --blocks.free_count;
    block->next = nullptr;
    return reinterpret_cast<uint8_t*>(block);
  }

  // Gives back what Take(size_bytes) gave; nothing past `size_bytes` was written.
  void Return(uint8_t* data, size_t size_bytes) {
    const size_t index = ClassOf(size_bytes);
    sodium_memzero(data, size_bytes);
    std::unique_lock lock(mutex_);
    held_bytes_ -= BlockBytes(index);
    const bool keep = BlockBytes(index) <= kSlabBlockBytesMax ||
                      (index < kClasses && classes_[index].free_count < kLargeBlocksKept);
    if (keep) return Push(classes_[index], data);
    lock.unlock();
    sodium_free(data);
  }

  size_t held_bytes() const {
    const std::lock_guard lock(mutex_);
    return held_bytes_;
  }

 private:
  struct Block {
    Block* next;
  };
  struct Class {
    Block* free = nullptr;
    size_t free_count = 0;
  };
  static constexpr size_t kBlockBytesMin = 16;
  static constexpr size_t kSlabBytes = 16384;
  static constexpr size_t kSlabBlockBytesMax = 4096;
  static constexpr size_t kClasses = 15;  // 16, 32 ... 256 KiB
  static constexpr size_t kLargeBlocksKept = 2;

  BlockPool() {
    if (sodium_init() < 0) std::abort();
  }

  static size_t BlockBytes(size_t index) { return kBlockBytesMin << index; }

  static size_t ClassOf(size_t size_bytes) {
    const size_t rounded = std::bit_ceil(size_bytes < kBlockBytesMin ? kBlockBytesMin : size_bytes);
    return static_cast<size_t>(std::countr_zero(rounded) - std::countr_zero(kBlockBytesMin));
  }

  // An allocation of its own, all zero.
  static uint8_t* Fresh(size_t size_bytes) {
    uint8_t* const data = static_cast<uint8_t*>(sodium_malloc(size_bytes));
    if (data == nullptr) std::abort();
    std::memset(data, 0, size_bytes);
    return data;
  }

  static void Push(Class& blocks, uint8_t* data) {
    Block* const block = reinterpret_cast<Block*>(data);
    block->next = blocks.free;
    blocks.free = block;
    ++blocks.free_count;
  }

  void AddSlab(size_t index) {
    uint8_t* const slab = Fresh(kSlabBytes);
    for (size_t at = 0; at + BlockBytes(index) <= kSlabBytes; at += BlockBytes(index)) {
      Push(classes_[index], slab + at);
    }
  }

  mutable std::mutex mutex_;
  std::array<Class, kClasses> classes_{};
  size_t held_bytes_ = 0;
};

}  // namespace

SecretBytes::SecretBytes(size_t size_bytes) : size_(size_bytes), reach_(size_bytes) {
  if (size_bytes > 0) data_ = BlockPool::Instance().Take(size_bytes);
}

SecretBytes SecretBytes::CopyOf(BytesView source) {
  SecretBytes copy(source.size());
  // Null for no bytes only: a pool that has none left ends the process.
  if (copy.data_ != nullptr) std::memcpy(copy.data_, source.data(), source.size());
  return copy;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      reach_(std::exchange(other.reach_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    reach_ = std::exchange(other.reach_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { Wipe(); }

void SecretBytes::Truncate(size_t size_bytes) {
  if (size_bytes > size_) std::abort();
  size_ = size_bytes;
}

size_t SecretBytes::HeldBytes() { return BlockPool::Instance().held_bytes(); }

bool SecretBytes::ConstantTimeEquals(BytesView other) const {
  if (other.size() != size_) return false;
  return size_ == 0 || sodium_memcmp(data_, other.data(), size_) == 0;
}

void SecretBytes::Wipe() {
  if (data_ != nullptr) BlockPool::Instance().Return(data_, reach_);
  data_ = nullptr;
  size_ = 0;
  reach_ = 0;
}

WipedBytes::~WipedBytes() { sodium_memzero(bytes_.data(), bytes_.size()); }

}  // namespace enlace
