#include "crypto/primitives/secret_bytes.h"

#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace enlace {

SecretBytes::SecretBytes(size_t size_bytes) : size_(size_bytes) {
  if (size_bytes == 0) return;
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
  if (data_ != nullptr) sodium_free(data_);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace enlace
