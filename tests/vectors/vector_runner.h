// What one kind of test vector of the MLS working group is to the runner: a name and a check of one
// case.
//
// Each kind has a source file of its own with a Register function; main.cc lists them all. A check
// returns kPassed, kSkipped for a case of a cipher suite that the library does not have, or an
// error that says what differs or is malformed. What a case says is no more trusted than what a
// peer says: whatever the library CHECKs is compared here first.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/cipher_suite.h"

namespace enlace::vectors {

enum class Outcome { kPassed, kSkipped };

struct VectorType {
  std::string name;  // As the file's name without .json: "tree-math".
  std::function<absl::StatusOr<Outcome>(const nlohmann::json&)> check;
};

using VectorTypes = std::vector<VectorType>;

void RegisterTreeMath(VectorTypes& types);
void RegisterTreeOperations(VectorTypes& types);
void RegisterTreeValidation(VectorTypes& types);
void RegisterTreeKem(VectorTypes& types);
void RegisterCryptoBasics(VectorTypes& types);
void RegisterDeserialization(VectorTypes& types);
void RegisterKeySchedule(VectorTypes& types);
void RegisterMessageProtection(VectorTypes& types);
void RegisterMessages(VectorTypes& types);
void RegisterPassiveClient(VectorTypes& types);
void RegisterPskSecret(VectorTypes& types);
void RegisterSecretTree(VectorTypes& types);
void RegisterTranscriptHashes(VectorTypes& types);
void RegisterWelcome(VectorTypes& types);

// Bytes of a hexadecimal field. INVALID_ARGUMENT when it is absent or not hexadecimal.
absl::StatusOr<Bytes> HexField(const nlohmann::json& object, const std::string& name);
absl::StatusOr<Bytes> FromHex(std::string_view text);
// The same, empty when the field is absent, null or empty.
absl::StatusOr<Bytes> OptionalHexField(const nlohmann::json& object, const std::string& name);
// The list in a field; an empty one when it is absent or null.
nlohmann::json ListField(const nlohmann::json& object, const std::string& name);
// A number in a field. INVALID_ARGUMENT when it is absent, negative or over `max`.
absl::StatusOr<uint64_t> NumberField(const nlohmann::json& object, const std::string& name,
                                     uint64_t max);
// A signature key: RFC 8032's 32 bytes, or those followed by their public key.
absl::StatusOr<crypto::SigningKey> SigningKeyField(const nlohmann::json& object,
                                                   const std::string& name);
// The suite of a case for which SuiteKnown is true.
absl::StatusOr<crypto::CipherSuite> SuiteField(const nlohmann::json& object);

// An error that names the field when the two differ.
absl::Status ExpectEqual(std::string_view field, BytesView actual, BytesView expected);
absl::Status ExpectTrue(std::string_view field, bool condition);

// True when the case's "cipher_suite" is one that the library has, or the case names none.
bool SuiteKnown(const nlohmann::json& object);

}  // namespace enlace::vectors
