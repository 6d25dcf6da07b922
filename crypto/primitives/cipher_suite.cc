#include "crypto/primitives/cipher_suite.h"

#include <string>
#include <utility>

#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"

namespace enlace::crypto {
namespace {

constexpr std::string_view kLabelPrefix = "MLS 1.0 ";

// A vector of "MLS 1.0 " followed by `label`.
void WriteLabel(codec::Writer& out, std::string_view label) {
  const size_t mark = out.BeginVector();
  out.Raw(AsBytes(kLabelPrefix));
  out.Raw(AsBytes(label));
  out.EndVector(mark);
}

// EncryptContext of RFC 9420 section 5.1.3.
Bytes EncodeEncryptContext(const EncryptionScope& scope) {
  codec::Writer out(scope.label.size() + scope.context.size() + 16);
  WriteLabel(out, scope.label);
  out.Vector(scope.context);
  return out.Take();
}

}  // namespace

absl::StatusOr<CipherSuite> CipherSuite::FromId(uint16_t id) {
  switch (id) {
    case kX25519Aes128GcmSha256Ed25519:
      return CipherSuite(kX25519Aes128GcmSha256Ed25519);
    case kX25519ChaCha20Poly1305Sha256Ed25519:
      return CipherSuite(kX25519ChaCha20Poly1305Sha256Ed25519);
    default:
      return MakeStatus(absl::StatusCode::kUnimplemented, "cipher suite is not supported");
  }
}

Digest RefHash(std::string_view whole_label, BytesView value) {
  codec::Writer input(whole_label.size() + value.size() + 8);
  input.Vector(AsBytes(whole_label));
  input.Vector(value);
  return Sha256(input.view());
}

SecretBytes ExpandWithLabel(const HmacKey& secret, std::string_view label, BytesView context,
                            size_t size_bytes) {
  codec::Writer info(label.size() + context.size() + 16);
  info.U16(static_cast<uint16_t>(size_bytes));
  WriteLabel(info, label);
  info.Vector(context);
  return HkdfExpand(secret, info.view(), size_bytes);
}

SecretBytes ExpandWithLabel(BytesView secret, std::string_view label, BytesView context,
                            size_t size_bytes) {
  return ExpandWithLabel(HmacKey(secret), label, context, size_bytes);
}

SecretBytes DeriveSecret(const HmacKey& secret, std::string_view label) {
  return ExpandWithLabel(secret, label, {}, kHashBytes);
}

SecretBytes DeriveSecret(BytesView secret, std::string_view label) {
  return DeriveSecret(HmacKey(secret), label);
}

SecretBytes DeriveTreeSecret(const HmacKey& secret, std::string_view label, uint32_t generation,
                             size_t size_bytes) {
  codec::Writer context(4);
  context.U32(generation);
  return ExpandWithLabel(secret, label, context.view(), size_bytes);
}

Bytes EncodeSignContent(std::string_view label, BytesView content) {
  // The whole size is reserved, so that no half-grown copy of the content stays in freed memory.
  codec::Writer out(label.size() + content.size() + 16);
  WriteLabel(out, label);
  out.Vector(content);
  return out.Take();
}

Bytes SignWithLabel(const SigningKey& key, std::string_view label, BytesView content) {
  const WipedBytes signed_bytes(EncodeSignContent(label, content));
  return key.Sign(signed_bytes.view());
}

absl::Status VerifyWithLabel(BytesView public_key, std::string_view label, BytesView content,
                             BytesView signature) {
  const WipedBytes signed_bytes(EncodeSignContent(label, content));
  return VerifySignature(public_key, signed_bytes.view(), signature);
}

LabelEncryptor::LabelEncryptor(const EncryptionScope& scope)
    : info_(scope.suite.aead(), EncodeEncryptContext(scope)) {}

absl::StatusOr<HpkeCiphertext> LabelEncryptor::Encrypt(BytesView public_key, BytesView plaintext,
                                                       Rng& rng) const {
  ENLACE_ASSIGN_OR_RETURN(Hpke::Sender sender, Hpke::SetupSender(info_, public_key, rng));
  return HpkeCiphertext{std::move(sender.kem_output), sender.context.Seal(0, {}, plaintext)};
}

absl::StatusOr<HpkeCiphertext> EncryptWithLabel(const EncryptionScope& scope, BytesView public_key,
                                                BytesView plaintext, Rng& rng) {
  return LabelEncryptor(scope).Encrypt(public_key, plaintext, rng);
}

absl::StatusOr<SecretBytes> DecryptWithLabel(const EncryptionScope& scope, const HpkeKeyPair& own,
                                             const HpkeCiphertext& sealed) {
  const HpkeInfo info(scope.suite.aead(), EncodeEncryptContext(scope));
  ENLACE_ASSIGN_OR_RETURN(const HpkeContext context,
                          Hpke::SetupReceiver(info, own, sealed.kem_output));
  return context.Open(0, {}, sealed.ciphertext);
}

}  // namespace enlace::crypto
