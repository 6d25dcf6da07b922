// What one kind of test vector of the MLS working group is to the runner: a name and a check of one
// case.
//
// Each kind has a source file of its own with a Register function; main.cc lists them all. A check
// returns kPassed, kSkipped for a case of a cipher suite that the library does not have, or an
// error that says what differs.
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

// An error that names the field when the two differ.
absl::Status ExpectEqual(std::string_view field, BytesView actual, BytesView expected);
absl::Status ExpectTrue(std::string_view field, bool condition);

// True when the case's "cipher_suite" is one that the library has.
bool SuiteKnown(const nlohmann::json& object);

}  // namespace enlace::vectors
