// mls_vectors TYPE FILE...: checks files of the MLS working group's test vectors.
//
// TYPE is the file's name without .json ("treekem", "passive-client-welcome", ...); passive-client
// stands for all of its kinds, and "-" and "_" are the same. The last line printed is "N passed, N
// failed, N skipped"; skipped are cases of cipher suites that the library does not have. Exit
// codes: 0 all passed, 1 a case failed or none ran, 2 the command line is wrong, 77 (only with
// --skip-missing, for ctest) a file is not there.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitMissing = 77;

struct Tally {
  size_t passed = 0;
  size_t failed = 0;
  size_t skipped = 0;
};

VectorTypes AllTypes() {
  VectorTypes types;
  RegisterCryptoBasics(types);
  RegisterDeserialization(types);
  RegisterKeySchedule(types);
  RegisterMessageProtection(types);
  RegisterMessages(types);
  RegisterPassiveClient(types);
  RegisterPskSecret(types);
  RegisterSecretTree(types);
  RegisterTranscriptHashes(types);
  RegisterWelcome(types);
  RegisterTreeKem(types);
  RegisterTreeMath(types);
  RegisterTreeOperations(types);
  RegisterTreeValidation(types);
  return types;
}

// A field or message of the wrong kind throws inside the JSON library or a variant; here that is a
// failed case.
absl::StatusOr<Outcome> CheckOne(const VectorType& type, const nlohmann::json& one) {
  if (!one.is_object()) return InvalidArgument("the case is not a JSON object");
  try {
    return type.check(one);
  } catch (const std::exception& error) {
    return InvalidArgument(error.what());
  }
}

// The name of a type in one spelling: of the kinds of passive clients, the common part.
std::string TypeName(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  constexpr std::string_view kPassive = "passive-client";
  return name.starts_with(kPassive) ? std::string(kPassive) : name;
}

void CheckFile(const VectorType& type, const std::string& path, Tally& tally) {
  std::ifstream file(path);
  if (!file) {
    std::cout << path << ": cannot be read\n";
    ++tally.failed;
    return;
  }
  nlohmann::json cases = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  // A file may hold one case by itself.
  if (cases.is_object()) cases = nlohmann::json::array({std::move(cases)});
  if (!cases.is_array()) {
    std::cout << path << ": not a JSON array of cases\n";
    ++tally.failed;
    return;
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    const absl::StatusOr<Outcome> outcome = CheckOne(type, cases[i]);
    if (!outcome.ok()) {
      std::cout << path << " case " << i << ": " << MessageOf(outcome.status()) << "\n";
      ++tally.failed;
    } else {
      ++(*outcome == Outcome::kPassed ? tally.passed : tally.skipped);
    }
  }
}

int Usage(const VectorTypes& types) {
  std::cerr << "Usage: mls_vectors [--skip-missing] TYPE FILE...\nTypes:";
  for (const VectorType& type : types) std::cerr << ' ' << type.name;
  std::cerr << "\n";
  return kExitUsage;
}

int Run(std::vector<std::string> arguments) {
  const VectorTypes types = AllTypes();
  const bool skip_missing = !arguments.empty() && arguments.front() == "--skip-missing";
  if (skip_missing) arguments.erase(arguments.begin());
  if (arguments.size() < 2) return Usage(types);
  const std::string wanted = TypeName(arguments.front());
  const auto type = std::find_if(types.begin(), types.end(), [&wanted](const VectorType& t) {
    return TypeName(t.name) == wanted;
  });
  if (type == types.end()) return Usage(types);
  Tally tally;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (skip_missing && !std::filesystem::exists(arguments[i])) {
      std::cout << arguments[i] << ": not there, nothing was checked\n";
      return kExitMissing;
    }
    CheckFile(*type, arguments[i], tally);
  }
  if (tally.passed + tally.failed == 0) std::cout << "no case ran\n";
  std::cout << tally.passed << " passed, " << tally.failed << " failed, " << tally.skipped
            << " skipped\n";
  return tally.failed == 0 && tally.passed > 0 ? 0 : kExitFailed;
}

}  // namespace
}  // namespace enlace::vectors

int main(int argc, char** argv) {
  return enlace::vectors::Run(std::vector<std::string>(argv + 1, argv + argc));
}
