#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

// A vector's header and its length: writing gives the header, reading a vector of that many bytes
// gives the length.
absl::StatusOr<Outcome> CheckDeserialization(const nlohmann::json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes header, HexField(one, "vlbytes_header"));
  ENLACE_ASSIGN_OR_RETURN(const uint64_t length, NumberField(one, "length", (1u << 30) - 1));
  ENLACE_RETURN_IF_ERROR(
      ExpectEqual("vlbytes_header", ToBytes(codec::VectorPrefix(length).view()), header));
  // The content of the longest cases is a gigabyte; the header alone must then be read as that many
  // missing bytes.
  codec::Reader in(header);
  uint32_t read = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadVectorLength(read));
  ENLACE_RETURN_IF_ERROR(ExpectTrue("length", read == length));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return Outcome::kPassed;
}

}  // namespace

void RegisterDeserialization(VectorTypes& types) {
  types.push_back({"deserialization", CheckDeserialization});
}

}  // namespace enlace::vectors
