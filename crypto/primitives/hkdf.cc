#include "crypto/primitives/hkdf.h"

#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace enlace::crypto {
namespace {

using State = crypto_auth_hmacsha256_state;

// A copy of the kept key state that is wiped when the computation ends.
class Computation {
 public:
  explicit Computation(const SecretBytes& kept) {
    std::memcpy(&state_, kept.view().data(), sizeof(state_));
  }
  ~Computation() { sodium_memzero(&state_, sizeof(state_)); }
  Computation(const Computation&) = delete;
  Computation& operator=(const Computation&) = delete;

  void Add(BytesView part) { crypto_auth_hmacsha256_update(&state_, part.data(), part.size()); }
  void Finish(uint8_t* out) { crypto_auth_hmacsha256_final(&state_, out); }

 private:
  State state_;
};

}  // namespace

HmacKey::HmacKey(BytesView key) : state_(sizeof(State)) {
  // libsodium declares the key to be no null pointer, which an empty view is.
  static constexpr uint8_t kNoKey = 0;
  crypto_auth_hmacsha256_init(reinterpret_cast<State*>(state_.mutable_view().data()),
                              key.empty() ? &kNoKey : key.data(), key.size());
}

Digest HmacKey::Tag(std::initializer_list<BytesView> parts) const {
  Digest out;
  Derive(parts, out);
  return out;
}

void HmacKey::Derive(std::initializer_list<BytesView> parts, std::span<uint8_t> out) const {
  if (out.size() != kHashBytes) std::abort();
  Computation computation(state_);
  for (BytesView part : parts) computation.Add(part);
  computation.Finish(out.data());
}

bool HmacKey::Verify(std::initializer_list<BytesView> parts, BytesView tag) const {
  const Digest expected = Tag(parts);
  return tag.size() == expected.size() &&
         sodium_memcmp(expected.data(), tag.data(), expected.size()) == 0;
}

SecretBytes HkdfExtract(BytesView salt, BytesView ikm) {
  SecretBytes out(kHashBytes);
  HmacKey(salt).Derive({ikm}, out.mutable_view());
  return out;
}

SecretBytes HkdfExpand(const HmacKey& prk, BytesView info, size_t size_bytes) {
  if (size_bytes > 255 * kHashBytes) std::abort();
  SecretBytes out(size_bytes);
  SecretBytes block(kHashBytes);
  BytesView previous;
  uint8_t counter = 1;
  for (size_t done = 0; done < size_bytes; ++counter) {
    prk.Derive({previous, info, BytesView(&counter, 1)}, block.mutable_view());
    previous = block.view();
    const size_t take = std::min(kHashBytes, size_bytes - done);
    std::memcpy(out.mutable_view().data() + done, block.view().data(), take);
    done += take;
  }
  return out;
}

SecretBytes HkdfExpand(BytesView prk, BytesView info, size_t size_bytes) {
  return HkdfExpand(HmacKey(prk), info, size_bytes);
}

}  // namespace enlace::crypto
