#include "crypto/primitives/aead.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::crypto {
namespace {

// A broken precondition of ours: lengths of keys, nonces and buffers never come from a peer.
void Check(bool holds) {
  if (!holds) std::abort();
}

struct CipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter>;

// OpenSSL counts in int; our limits on messages are far below, but AES-GCM input may come from a
// peer.
int IntLength(BytesView bytes) {
  Check(bytes.size() < (size_t{1} << 30));
  return static_cast<int>(bytes.size());
}

CipherContext StartGcm(const Aead::Key& key, bool encrypt) {
  CipherContext context(EVP_CIPHER_CTX_new());
  Check(context != nullptr);
  Check(EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.key.data(),
                          key.nonce.data(), encrypt ? 1 : 0) == 1);
  return context;
}

void GcmUpdate(EVP_CIPHER_CTX* context, uint8_t* out, BytesView in) {
  int written = 0;
  if (!in.empty()) Check(EVP_CipherUpdate(context, out, &written, in.data(), IntLength(in)) == 1);
}

void GcmSeal(const Aead::Key& key, BytesView aad, std::span<uint8_t> buffer) {
  const CipherContext context = StartGcm(key, true);
  const std::span<uint8_t> text = buffer.first(buffer.size() - kAeadTagBytes);
  GcmUpdate(context.get(), nullptr, aad);
  GcmUpdate(context.get(), text.data(), text);
  int written = 0;
  uint8_t none[16];
  Check(EVP_CipherFinal_ex(context.get(), none, &written) == 1);
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                            text.data() + text.size()) == 1);
}

bool GcmOpen(const Aead::Key& key, BytesView aad, BytesView ciphertext, std::span<uint8_t> out) {
  const CipherContext context = StartGcm(key, false);
  Bytes tag = ToBytes(ciphertext.last(kAeadTagBytes));
  GcmUpdate(context.get(), nullptr, aad);
  GcmUpdate(context.get(), out.data(), ciphertext.first(out.size()));
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1);
  int written = 0;
  uint8_t none[16];
  return EVP_CipherFinal_ex(context.get(), none, &written) == 1;
}

}  // namespace

Bytes Aead::Seal(const Key& key, BytesView aad, BytesView plaintext) const {
  Bytes out(plaintext.size() + kAeadTagBytes);
  if (!plaintext.empty()) std::memcpy(out.data(), plaintext.data(), plaintext.size());
  SealInPlace(key, aad, out);
  return out;
}

void Aead::SealInPlace(const Key& key, BytesView aad, std::span<uint8_t> plaintext_then_tag) const {
  Check(key.key.size() == key_bytes() && key.nonce.size() == kAeadNonceBytes);
  Check(plaintext_then_tag.size() >= kAeadTagBytes);
  if (id_ == AeadId::kAes128Gcm) return GcmSeal(key, aad, plaintext_then_tag);
  uint8_t* const text = plaintext_then_tag.data();
  const size_t text_bytes = plaintext_then_tag.size() - kAeadTagBytes;
  Check(crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            text, text + text_bytes, nullptr, text, text_bytes, aad.data(), aad.size(), nullptr,
            key.nonce.data(), key.key.data()) == 0);
}

absl::StatusOr<SecretBytes> Aead::Open(const Key& key, BytesView aad, BytesView ciphertext) const {
  if (ciphertext.size() < kAeadTagBytes)
    return InvalidArgument("ciphertext is shorter than its tag");
  SecretBytes out(ciphertext.size() - kAeadTagBytes);
  ENLACE_RETURN_IF_ERROR(OpenInto(key, aad, ciphertext, out.mutable_view()));
  return out;
}

absl::Status Aead::OpenInto(const Key& key, BytesView aad, BytesView ciphertext,
                            std::span<uint8_t> out) const {
  Check(key.key.size() == key_bytes() && key.nonce.size() == kAeadNonceBytes);
  Check(ciphertext.size() == out.size() + kAeadTagBytes);
  bool opened = false;
  if (id_ == AeadId::kAes128Gcm) {
    opened = GcmOpen(key, aad, ciphertext, out);
  } else {
    opened = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                 out.data(), nullptr, ciphertext.data(), out.size(), ciphertext.data() + out.size(),
                 aad.data(), aad.size(), key.nonce.data(), key.key.data()) == 0;
  }
  if (opened) return absl::OkStatus();
  // AES-GCM has decrypted before it knows the tag to be wrong.
  if (!out.empty()) sodium_memzero(out.data(), out.size());
  return InvalidArgument("ciphertext does not open");
}

}  // namespace enlace::crypto
