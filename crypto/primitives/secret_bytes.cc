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

// Small secrets come from slabs, since a guarded allocation of its own costs several system calls
// and pages each, and a process may hold only some ten thousand of them. A slab is one
// sodium_malloc: locked, kept out of core dumps, with guard pages at both ends. A block is wiped
// when it is given back and before a slab hands it out the first time.
class SlabPool {
 public:
  static constexpr size_t kBlockBytesMin = 16;
  static constexpr size_t kBlockBytesMax = 4096;

  static SlabPool& Instance() {
    // Never destroyed: secrets of static lifetime may outlive any order of destruction.
    static SlabPool* const pool = new SlabPool;
    return *pool;
  }

  uint8_t* Take(size_t size_bytes) {
    const size_t index = ClassOf(size_bytes);
    const std::lock_guard lock(mutex_);
    if (free_[index] == nullptr) AddSlab(index);
    Block* const block = free_[index];
    free_[index] = block->next;
    block->next = nullptr;
    return reinterpret_cast<uint8_t*>(block);
  }

  void Return(uint8_t* data, size_t size_bytes) {
    const size_t index = ClassOf(size_bytes);
    sodium_memzero(data, BlockBytes(index));
    Block* const block = reinterpret_cast<Block*>(data);
    const std::lock_guard lock(mutex_);
    block->next = free_[index];
    free_[index] = block;
  }

 private:
  struct Block {
    Block* next;
  };
  static constexpr size_t kSlabBytes = 16384;
  static constexpr size_t kClasses = 9;  // 16, 32 ... 4096

  SlabPool() {
    if (sodium_init() < 0) std::abort();
  }

  static size_t BlockBytes(size_t index) { return kBlockBytesMin << index; }

  static size_t ClassOf(size_t size_bytes) {
    const size_t rounded = std::bit_ceil(size_bytes < kBlockBytesMin ? kBlockBytesMin : size_bytes);
    return static_cast<size_t>(std::countr_zero(rounded) - std::countr_zero(kBlockBytesMin));
  }

  void AddSlab(size_t index) {
    uint8_t* const slab = static_cast<uint8_t*>(sodium_malloc(kSlabBytes));
    if (slab == nullptr) std::abort();
    std::memset(slab, 0, kSlabBytes);
    for (size_t at = 0; at + BlockBytes(index) <= kSlabBytes; at += BlockBytes(index)) {
      Block* const block = reinterpret_cast<Block*>(slab + at);
      block->next = free_[index];
      free_[index] = block;
    }
  }

  std::mutex mutex_;
  std::array<Block*, kClasses> free_{};
};

}  // namespace

SecretBytes::SecretBytes(size_t size_bytes) : size_(size_bytes) {
  if (size_bytes == 0) return;
  if (size_bytes <= SlabPool::kBlockBytesMax) {
    data_ = SlabPool::Instance().Take(size_bytes);
    return;
  }
  // sodium_init is idempotent and thread safe; without it sodium_malloc has no canary.
  if (sodium_init() < 0) std::abort();
  data_ = static_cast<uint8_t*>(sodium_malloc(size_bytes));
  if (data_ == nullptr) std::abort();
  std::memset(data_, 0, size_bytes);
}

SecretBytes SecretBytes::CopyOf(BytesView source) {
  SecretBytes copy(source.size());
  if (!source.empty()) std::memcpy(copy.data_, source.data(), source.size());
  return copy;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { Wipe(); }

bool SecretBytes::ConstantTimeEquals(BytesView other) const {
  if (other.size() != size_) return false;
  return size_ == 0 || sodium_memcmp(data_, other.data(), size_) == 0;
}

void SecretBytes::Wipe() {
  if (data_ != nullptr && size_ <= SlabPool::kBlockBytesMax) {
    SlabPool::Instance().Return(data_, size_);
  } else if (data_ != nullptr) {
    sodium_free(data_);
  }
  data_ = nullptr;
  size_ = 0;
}

WipedBytes::~WipedBytes() { sodium_memzero(bytes_.data(), bytes_.size()); }

}  // namespace enlace
