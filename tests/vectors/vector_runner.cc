#include "tests/vectors/vector_runner.h"

#include "crypto/primitives/status.h"

namespace enlace::vectors {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<Bytes> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return InvalidArgument("hexadecimal text of an odd length");
  Bytes out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return InvalidArgument("text is not hexadecimal");
    out.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return out;
}

absl::StatusOr<Bytes> HexField(const nlohmann::json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    return InvalidArgument("vector has no text field " + name);
  }
  return FromHex(found->get<std::string>());
}

absl::StatusOr<Bytes> OptionalHexField(const nlohmann::json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return Bytes();
  return HexField(object, name);
}

nlohmann::json ListField(const nlohmann::json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nlohmann::json::array() : *found;
}

absl::StatusOr<uint64_t> NumberField(const nlohmann::json& object, const std::string& name,
                                     uint64_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) {
    return InvalidArgument("vector has no number field " + name);
  }
  const auto value = found->get<uint64_t>();
  if (value > max) return InvalidArgument("number in " + name + " is too large");
  return value;
}

absl::StatusOr<crypto::SigningKey> SigningKeyField(const nlohmann::json& object,
                                                   const std::string& name) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, HexField(object, name));
  if (bytes.size() != crypto::kSignatureSeedBytes + crypto::kSignaturePublicKeyBytes) {
    return crypto::SigningKey::FromSeed(bytes);
  }
  ENLACE_ASSIGN_OR_RETURN(
      crypto::SigningKey key,
      crypto::SigningKey::FromSeed(BytesView(bytes).first(crypto::kSignatureSeedBytes)));
  ENLACE_RETURN_IF_ERROR(
      ExpectEqual(name, key.public_key(), BytesView(bytes).subspan(crypto::kSignatureSeedBytes)));
  return key;
}

absl::StatusOr<crypto::CipherSuite> SuiteField(const nlohmann::json& object) {
  ENLACE_ASSIGN_OR_RETURN(const uint64_t id, NumberField(object, "cipher_suite", UINT16_MAX));
  return crypto::CipherSuite::FromId(static_cast<uint16_t>(id));
}

absl::Status ExpectEqual(std::string_view field, BytesView actual, BytesView expected) {
  if (EqualBytes(actual, expected)) return absl::OkStatus();
  return InvalidArgument(std::string(field) + " is " + ToHex(actual) + ", expected " +
                         ToHex(expected));
}

absl::Status ExpectTrue(std::string_view field, bool condition) {
  return condition ? absl::OkStatus() : InvalidArgument(std::string(field) + " does not match");
}

bool SuiteKnown(const nlohmann::json& object) {
  const auto found = object.find("cipher_suite");
  if (found == object.end() || !found->is_number()) return true;
  return SuiteField(object).ok();
}

}  // namespace enlace::vectors
