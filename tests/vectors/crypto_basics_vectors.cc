#include "crypto/mls/tree_math.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

// What HKDF can expand to (RFC 5869 section 2.3).
constexpr uint64_t kLengthMax = 255 * crypto::kHashBytes;

absl::Status CheckRefHash(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes value, HexField(one, "value"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes out, HexField(one, "out"));
  return ExpectEqual("ref_hash", crypto::RefHash(one.at("label").get<std::string>(), value), out);
}

absl::Status CheckExpand(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(one, "secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes context, HexField(one, "context"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes out, HexField(one, "out"));
  const auto label = one.at("label").get<std::string>();
  ENLACE_ASSIGN_OR_RETURN(const uint64_t length, NumberField(one, "length", kLengthMax));
  const SecretBytes actual = crypto::ExpandWithLabel(secret, label, context, length);
  return ExpectEqual("expand_with_label", actual.view(), out);
}

absl::Status CheckDerive(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(one, "secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes out, HexField(one, "out"));
  const SecretBytes actual = crypto::DeriveSecret(secret, one.at("label").get<std::string>());
  return ExpectEqual("derive_secret", actual.view(), out);
}

absl::Status CheckDeriveTree(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(one, "secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes out, HexField(one, "out"));
  ENLACE_ASSIGN_OR_RETURN(const uint64_t generation, NumberField(one, "generation", UINT32_MAX));
  ENLACE_ASSIGN_OR_RETURN(const uint64_t length, NumberField(one, "length", kLengthMax));
  const SecretBytes actual =
      crypto::DeriveTreeSecret(crypto::HmacKey(secret), one.at("label").get<std::string>(),
                               static_cast<uint32_t>(generation), length);
  return ExpectEqual("derive_tree_secret", actual.view(), out);
}

absl::Status CheckSign(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey key, SigningKeyField(one, "priv"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes public_key, HexField(one, "pub"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes content, HexField(one, "content"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes signature, HexField(one, "signature"));
  const auto label = one.at("label").get<std::string>();
  ENLACE_RETURN_IF_ERROR(ExpectEqual("sign_with_label pub", key.public_key(), public_key));
  ENLACE_RETURN_IF_ERROR(crypto::VerifyWithLabel(public_key, label, content, signature));
  return crypto::VerifyWithLabel(public_key, label, content,
                                 crypto::SignWithLabel(key, label, content));
}

absl::Status CheckEncrypt(crypto::CipherSuite suite, const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes private_key, HexField(one, "priv"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes public_key, HexField(one, "pub"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes context, HexField(one, "context"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes plaintext, HexField(one, "plaintext"));
  crypto::HpkeCiphertext sealed;
  ENLACE_ASSIGN_OR_RETURN(sealed.kem_output, HexField(one, "kem_output"));
  ENLACE_ASSIGN_OR_RETURN(sealed.ciphertext, HexField(one, "ciphertext"));
  const auto label = one.at("label").get<std::string>();
  const crypto::EncryptionScope scope{suite, label, context};
  ENLACE_ASSIGN_OR_RETURN(const crypto::HpkeKeyPair pair,
                          crypto::HpkeKeyPair::FromPrivate(private_key));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("encrypt_with_label pub", pair.public_key(), public_key));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes given, crypto::DecryptWithLabel(scope, pair, sealed));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("plaintext", given.view(), plaintext));
  crypto::SystemRng rng;
  ENLACE_ASSIGN_OR_RETURN(const crypto::HpkeCiphertext fresh,
                          crypto::EncryptWithLabel(scope, public_key, plaintext, rng));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes own, crypto::DecryptWithLabel(scope, pair, fresh));
  return ExpectEqual("own plaintext", own.view(), plaintext);
}

absl::StatusOr<Outcome> CheckCryptoBasics(const json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const auto suite, SuiteField(one));
  ENLACE_RETURN_IF_ERROR(CheckRefHash(one.at("ref_hash")));
  ENLACE_RETURN_IF_ERROR(CheckExpand(one.at("expand_with_label")));
  ENLACE_RETURN_IF_ERROR(CheckDerive(one.at("derive_secret")));
  ENLACE_RETURN_IF_ERROR(CheckDeriveTree(one.at("derive_tree_secret")));
  ENLACE_RETURN_IF_ERROR(CheckSign(one.at("sign_with_label")));
  ENLACE_RETURN_IF_ERROR(CheckEncrypt(suite, one.at("encrypt_with_label")));
  return Outcome::kPassed;
}

}  // namespace

void RegisterCryptoBasics(VectorTypes& types) {
  types.push_back({"crypto-basics", CheckCryptoBasics});
}

}  // namespace enlace::vectors
