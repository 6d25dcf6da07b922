// constant_time_check [--leak]: computes with secrets that valgrind's memcheck takes for undefined
// memory, so that it reports every branch and every address that depends on one.
//
// Run under valgrind --error-exitcode; the program by itself shows nothing. With --leak it compares
// a tag byte by byte first, which must be reported: it shows that the check can fail.

#include <valgrind/memcheck.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>

#include "crypto/primitives/aead.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::crypto {
namespace {

void Conceal(BytesView bytes) { (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size()); }

// What a computation gives to the public on purpose.
template <typename T>
T Reveal(T value) {
  (void)VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
  return value;
}

void Expect(bool condition, std::string_view what) {
  if (condition) return;
  std::cerr << what << "\n";
  std::exit(1);
}

Bytes SecretOf(size_t size_bytes) {
  Bytes out(size_bytes, 0x42);
  Conceal(out);
  return out;
}

void Tags() {
  const Digest right = HmacKey(Bytes(32, 0x42)).Tag({AsBytes("message")});
  const HmacKey key(SecretOf(32));
  for (size_t wrong_at : {size_t{0}, size_t{31}, size_t{32}}) {
    Digest tag = right;
    if (wrong_at < tag.size()) tag[wrong_at] ^= 1;
    const bool verified = Reveal(key.Verify({AsBytes("message")}, tag));
    Expect(verified == (wrong_at == tag.size()), "a tag is judged wrongly");
  }
}

void Comparisons() {
  const SecretBytes secret = SecretBytes::CopyOf(SecretOf(32));
  Expect(Reveal(secret.ConstantTimeEquals(Bytes(32, 0x42))), "equal secrets differ");
  Expect(!Reveal(secret.ConstantTimeEquals(Bytes(32, 0x43))), "different secrets are equal");
}

void Derivations() {
  SecretBytes out =
      HkdfExpand(HkdfExtract(AsBytes("salt"), SecretOf(32)).view(), AsBytes("info"), 100);
  (void)VALGRIND_MAKE_MEM_DEFINED(out.view().data(), out.size());
  const SecretBytes again =
      HkdfExpand(HkdfExtract(AsBytes("salt"), Bytes(32, 0x42)).view(), AsBytes("info"), 100);
  Expect(EqualBytes(out.view(), again.view()), "derived secrets differ");
}

void Signatures() {
  const SigningKey key = SigningKey::FromSeed(Bytes(kSignatureSeedBytes, 0x42)).value();
  const SigningKey concealed = key.Clone();
  Conceal(concealed.seed());
  const Bytes signature = concealed.Sign(AsBytes("message"));
  (void)VALGRIND_MAKE_MEM_DEFINED(signature.data(), signature.size());
  Expect(VerifySignature(key.public_key(), AsBytes("message"), signature).ok(),
         "a signature does not verify");
}

void Sealing() {
  const Aead aead(AeadId::kChaCha20Poly1305);
  const Bytes nonce(kAeadNonceBytes, 1);
  const Bytes sealed = aead.Seal({SecretOf(32), nonce}, AsBytes("aad"), SecretOf(100));
  (void)VALGRIND_MAKE_MEM_DEFINED(sealed.data(), sealed.size());
  Expect(aead.Open({Bytes(32, 0x42), nonce}, AsBytes("aad"), sealed).ok(),
         "what was sealed does not open");
}

// The mistake that the check is for.
void Leak() {
  const Bytes secret = SecretOf(32);
  const Bytes guess(32, 0x42);
  for (size_t i = 0; i < secret.size(); ++i) {
    if (secret[i] != guess[i]) std::exit(1);
  }
}

}  // namespace
}  // namespace enlace::crypto

int main(int argc, char** argv) {
  using namespace enlace::crypto;
  if (argc == 2 && std::string_view(argv[1]) == "--leak") Leak();
  Tags();
  Comparisons();
  Derivations();
  Signatures();
  Sealing();
  return 0;
}
