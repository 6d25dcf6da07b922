#include "crypto/merkle/hash.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace enlace::merkle {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL looks an algorithm up by name on every implicit use, which costs more than hashing a
// node; one fetched method and one context per thread avoid that.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (method == nullptr) std::abort();
  return method;
}

EVP_MD_CTX* ThreadContext() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  if (context == nullptr) std::abort();
  return context.get();
}

}  // namespace

Hash Sha256(std::initializer_list<BytesView> parts) {
  EVP_MD_CTX* context = ThreadContext();
  Hash out;
  bool ok = EVP_DigestInit_ex(context, FetchedSha256(), nullptr) == 1;
  for (BytesView part : parts) ok = ok && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  ok = ok && EVP_DigestFinal_ex(context, out.data(), nullptr) == 1;
  // Only a library without SHA-256 or without memory fails here.
  if (!ok) std::abort();
  return out;
}

Hash Sha256(BytesView data) { return Sha256({data}); }

Hash EmptyRoot() { return Sha256(BytesView()); }

Hash LeafHash(BytesView entry) {
  static constexpr uint8_t kLeafPrefix[] = {0x00};
  return Sha256({BytesView(kLeafPrefix), entry});
}

Hash NodeHash(const Hash& left, const Hash& right) {
  static constexpr uint8_t kNodePrefix[] = {0x01};
  return Sha256({BytesView(kNodePrefix), left, right});
}

size_t HashOfHash::operator()(const Hash& hash) const {
  size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof(value));
  return value;
}

}  // namespace enlace::merkle
