#include "crypto/primitives/hkdf.h"

#include <sodium.h>

#include <algorithm>
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

Digest HmacKey::Tag(Parts parts) const {
  Digest out;
  Derive(parts, out);
  return out;
}

void HmacKey::Derive(Parts parts, std::span<uint8_t> out) const {
  if (out.size() != kHashBytes) std::abort();
  Computation computation(state_);
  for (BytesView part : parts) computation.Add(part);
  computation.Finish(out.data());
}

void HmacKey::Expand(Parts info, std::span<uint8_t> out) const {
  if (out.size() > 255 * kHashBytes) std::abort();
  Digest block;
  BytesView previous;
  uint8_t counter = 1;
  for (size_t done = 0; done < out.size(); ++counter) {
    Computation computation(state_);
    computation.Add(previous);
    for (BytesView part : info) computation.Add(part);
    computation.Add({&counter, 1});
    computation.Finish(block.data());
    previous = block;
    const size_t take = std::min(kHashBytes, out.size() - done);
    std::memcpy(out.data() + done, block.data(), take);
    done += take;
  }
  sodium_memzero(block.data(), block.size());
}

bool HmacKey::Verify(Parts parts, BytesView tag) const {
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
  SecretBytes out(size_bytes);
  prk.Expand({info}, out.mutable_view());
  return out;
}

SecretBytes HkdfExpand(BytesView prk, BytesView info, size_t size_bytes) {
  return HkdfExpand(HmacKey(prk), info, size_bytes);
}

}  // namespace enlace::crypto
