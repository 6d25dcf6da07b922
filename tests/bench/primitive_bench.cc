// The primitives that MLS rests on, in the same run as what is built of them: figures of different
// machines and moments are compared as multiples of these. Those of OpenSSL show what it costs to
// keep secrets with libsodium (SECURITY.md).

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <memory>

#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/hpke.h"
#include "tests/bench/mls_fixture.h"

namespace enlace::bench {
namespace {

void X25519(benchmark::State& state) {
  const auto own = crypto::HpkeKeyPair::Generate(SharedRng());
  const auto peer = crypto::HpkeKeyPair::Generate(SharedRng());
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::X25519(own.private_key(), peer.public_key()));
  }
}
BENCHMARK(X25519)->Name("Primitive/X25519");

void X25519Base(benchmark::State& state) {
  const auto own = crypto::HpkeKeyPair::Generate(SharedRng());
  std::array<uint8_t, 32> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto_scalarmult_base(out.data(), own.private_key().data()));
  }
}
BENCHMARK(X25519Base)->Name("Primitive/X25519Base");

void Ed25519Sign(benchmark::State& state) {
  const auto key = crypto::SigningKey::Generate(SharedRng());
  const Bytes message(256, 1);
  for (auto _ : state) benchmark::DoNotOptimize(key.Sign(message));
}
BENCHMARK(Ed25519Sign)->Name("Primitive/Ed25519Sign");

void HpkeKeyPairs(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::HpkeKeyPair::GenerateMany(count, SharedRng()));
  }
}
BENCHMARK(HpkeKeyPairs)->Name("Primitive/HpkeKeyPairs")->Arg(1)->Arg(2)->Arg(20);

void Ed25519Verify(benchmark::State& state) {
  const auto key = crypto::SigningKey::Generate(SharedRng());
  const Bytes message(256, 1);
  const Bytes signature = key.Sign(message);
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto::VerifySignature(key.public_key(), message, signature));
  }
}
BENCHMARK(Ed25519Verify)->Name("Primitive/Ed25519Verify");

void Sha256OfOneKib(benchmark::State& state) {
  const Bytes message(1024, 1);
  std::array<uint8_t, 32> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto_hash_sha256(out.data(), message.data(), message.size()));
  }
}
BENCHMARK(Sha256OfOneKib)->Name("Primitive/Sha256/1024");

void Sha512(benchmark::State& state) {
  const Bytes message(static_cast<size_t>(state.range(0)), 1);
  std::array<uint8_t, 64> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto_hash_sha512(out.data(), message.data(), message.size()));
  }
}
BENCHMARK(Sha512)->Name("Primitive/Sha512")->Arg(65536);

void ChaCha20Poly1305(benchmark::State& state) {
  Bytes text(static_cast<size_t>(state.range(0)), 1);
  const std::array<uint8_t, 32> key{};
  const std::array<uint8_t, 12> nonce{};
  std::array<uint8_t, 16> tag;
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        text.data(), tag.data(), nullptr, text.data(), text.size(), nullptr, 0, nullptr,
        nonce.data(), key.data()));
  }
}
BENCHMARK(ChaCha20Poly1305)->Name("Primitive/ChaCha20Poly1305")->Arg(65536);

void OpenSslDigest(benchmark::State& state, const EVP_MD* algorithm) {
  const Bytes message(static_cast<size_t>(state.range(0)), 1);
  std::array<uint8_t, EVP_MAX_MD_SIZE> out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        EVP_Digest(message.data(), message.size(), out.data(), nullptr, algorithm, nullptr));
  }
}
void OpenSslSha256(benchmark::State& state) { OpenSslDigest(state, EVP_sha256()); }
void OpenSslSha512(benchmark::State& state) { OpenSslDigest(state, EVP_sha512()); }
BENCHMARK(OpenSslSha256)->Name("OpenSsl/Sha256")->Arg(1024);
BENCHMARK(OpenSslSha512)->Name("OpenSsl/Sha512")->Arg(65536);

void OpenSslChaCha20Poly1305(benchmark::State& state) {
  Bytes text(static_cast<size_t>(state.range(0)), 1);
  const std::array<uint8_t, 32> key{};
  const std::array<uint8_t, 12> nonce{};
  std::array<uint8_t, 16> tag;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  for (auto _ : state) {
    int written = 0;
    EVP_EncryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data());
    EVP_EncryptUpdate(context.get(), text.data(), &written, text.data(),
                      static_cast<int>(text.size()));
    EVP_EncryptFinal_ex(context.get(), text.data(), &written);
    benchmark::DoNotOptimize(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                                                 static_cast<int>(tag.size()), tag.data()));
  }
}
BENCHMARK(OpenSslChaCha20Poly1305)->Name("OpenSsl/ChaCha20Poly1305")->Arg(65536);

}  // namespace
}  // namespace enlace::bench
