#include "crypto/primitives/cipher_suite.h"

#include <array>
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
  const codec::VectorPrefix label_prefix(whole_label.size());
  const codec::VectorPrefix value_prefix(value.size());
  return Sha256Stream()
      .Add(label_prefix.view())
      .Add(AsBytes(whole_label))
      .Add(value_prefix.view())
      .Add(value)
      .Finish();
}

SecretBytes ExpandWithLabel(const HmacKey& secret, std::string_view label, BytesView context,
                            size_t size_bytes) {
  // KDFLabel, section 8, in parts: length, label, context.
  const std::array<uint8_t, 2> length = {static_cast<uint8_t>(size_bytes >> 8),
                                         static_cast<uint8_t>(size_bytes)};
  const codec::VectorPrefix label_prefix(kLabelPrefix.size() + label.size());
  const codec::VectorPrefix context_prefix(context.size());
  SecretBytes out(size_bytes);
  secret.Expand({length, label_prefix.view(), AsBytes(kLabelPrefix), AsBytes(label),
                 context_prefix.view(), context},
                out.mutable_view());
  return out;
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
  const std::array<uint8_t, 4> context = {
      static_cast<uint8_t>(generation >> 24), static_cast<uint8_t>(generation >> 16),
      static_cast<uint8_t>(generation >> 8), static_cast<uint8_t>(generation)};
  return ExpandWithLabel(secret, label, context, size_bytes);
}

namespace {

// SignContent, for contents that are not secret beyond the call.
Bytes EncodeSignContent(std::string_view label, BytesView content) {
  const Bytes head = SignContentHead(label, content.size());
  // The whole size is reserved, so that no half-grown copy of the content stays in freed memory.
  Bytes out;
  out.reserve(head.size() + content.size());
  Append(out, head);
  Append(out, content);
  return out;
}

}  // namespace

Bytes SignContentHead(std::string_view label, size_t content_bytes) {
  codec::Writer out(label.size() + 16);
  WriteLabel(out, label);
  out.Raw(codec::VectorPrefix(content_bytes).view());
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
                                                       HpkeKeyPair ephemeral) const {
  ENLACE_ASSIGN_OR_RETURN(Hpke::Sender sender,
                          Hpke::SetupSender(info_, public_key, std::move(ephemeral)));
  return HpkeCiphertext{std::move(sender.kem_output), sender.context.Seal(0, {}, plaintext)};
}

absl::StatusOr<HpkeCiphertext> EncryptWithLabel(const EncryptionScope& scope, BytesView public_key,
                                                BytesView plaintext, Rng& rng) {
  return LabelEncryptor(scope).Encrypt(public_key, plaintext, HpkeKeyPair::Generate(rng));
}

absl::StatusOr<SecretBytes> DecryptWithLabel(const EncryptionScope& scope, const HpkeKeyPair& own,
                                             const HpkeCiphertext& sealed) {
  const HpkeInfo info(scope.suite.aead(), EncodeEncryptContext(scope));
  ENLACE_ASSIGN_OR_RETURN(const HpkeContext context,
                          Hpke::SetupReceiver(info, own, sealed.kem_output));
  return context.Open(0, {}, sealed.ciphertext);
}

}  // namespace enlace::crypto
